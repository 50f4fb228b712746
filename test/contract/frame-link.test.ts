import { describe, expect, test } from "vitest";
import { benchClock, type BenchClock } from "../../src/lib/bench-clock.ts";
import { sleep } from "../../src/lib/clock.ts";
import type { BusEvent, CanFrame, FrameLink } from "../../src/protocol/links.ts";
import { canBus, type BusNode, type CanBus } from "../../src/sim/can/can-bus.ts";
import { simCanLink } from "../../src/sim/can/can-link.ts";
import { gsUsbDevice } from "../../src/sim/os/gs-usb-device.ts";
import { bxCan, mCan } from "../../src/sim/os/gs-usb-wire.ts";
import { openGsUsb } from "../../src/transport/can/gs-usb.ts";
import { throughSeam } from "../tools/gs-usb-seam.ts";

const never = new AbortController().signal;

/** A channel of an adapter, on a bus that may be disturbed. */
interface Wire {
  readonly clock: BenchClock;
  readonly bus: CanBus;
  readonly link: FrameLink;
  /** The line destroys each frame from now on, or no more. */
  disturb(on: boolean): void;
  /** Somebody pulls the adapter out. */
  unplug(): void;
}

type Open = (clock: BenchClock, bus: CanBus) => Promise<Pick<Wire, "link" | "unplug">>;

const overGsUsb =
  (controller: typeof bxCan, echo: "mailbox" | "taken"): Open =>
  async (clock, bus) => {
    const device = gsUsbDevice({ clock, buses: [bus], controller, serial: "1", echo });
    const link = await openGsUsb("1-1", 0, never, {
      clock,
      open: () => Promise.resolve(throughSeam(device)),
    });
    return { link, unplug: () => device.plug(false) };
  };

const benches: readonly {
  readonly name: string;
  readonly open: Open;
  readonly fd: boolean;
  /** It says when a node has taken a frame, not earlier. */
  readonly tells: boolean;
}[] = [
  {
    name: "the simulated adapter of this process",
    open: (_clock, bus) => {
      const link = simCanLink(bus);
      return Promise.resolve({ link, unplug: () => link.unplug() });
    },
    fd: true,
    tells: true,
  },
  { name: "gs_usb that echoes what a node took", open: overGsUsb(bxCan, "taken"), fd: false, tells: true },
  { name: "gs_usb as candleLight has it", open: overGsUsb(bxCan, "mailbox"), fd: false, tells: false },
  { name: "gs_usb with FD", open: overGsUsb(mCan, "mailbox"), fd: true, tells: false },
];

const frame = (id: number, ...data: readonly number[]): CanFrame => ({
  id,
  data: Uint8Array.from(data),
  fd: false,
});

describe.each(benches)("a frame link over $name", ({ open, fd, tells }) => {
  async function start(): Promise<Wire> {
    const clock = benchClock();
    let disturbed = false;
    const bus = canBus(clock, { disturbs: () => disturbed });
    return { clock, bus, ...(await open(clock, bus)), disturb: (on) => void (disturbed = on) };
  }

  /** Another node, which takes frames and notes them. */
  function peer(bus: CanBus, nominal = 125_000, data: number | null = null) {
    const heard: CanFrame[] = [];
    const node: BusNode = bus.join({ frame: (one) => void heard.push(one) });
    node.setRates({ nominal, data });
    return { heard, node };
  }

  async function next(link: FrameLink, type: BusEvent["type"]): Promise<BusEvent> {
    for (;;) {
      const event = await link.receive(never);
      if (event.type === type) return event;
    }
  }

  const quiet = ({ clock }: Wire): Promise<void> => sleep(clock, 50, never);

  test("frames go out in their order, and come in", async () => {
    const wire = await start();
    await using link = wire.link;
    const { heard, node } = peer(wire.bus);
    await link.setBitrate(125_000, null, never);
    await Promise.all([link.send(frame(0x79), never), link.send(frame(0x31, 1, 2, 3), never)]);
    node.send(frame(0x55, 0x79));
    expect(await next(link, "frame")).toEqual({ type: "frame", frame: frame(0x55, 0x79) });
    await quiet(wire);
    expect(heard).toEqual([frame(0x79), frame(0x31, 1, 2, 3)]);
  });

  test("more frames than the adapter holds wait for room, and none is lost", async () => {
    const wire = await start();
    await using link = wire.link;
    const { heard } = peer(wire.bus);
    await link.setBitrate(125_000, null, never);
    const many = Array.from({ length: 100 }, (_, i) => frame(4, i));
    await Promise.all(many.map((each) => link.send(each, never)));
    await quiet(wire);
    expect(heard).toEqual(many);
  });

  test("it is off the bus until its first rate", async () => {
    const wire = await start();
    await using link = wire.link;
    const { heard } = peer(wire.bus);
    const early = link.send(frame(1), never);
    early.catch(() => undefined);
    await quiet(wire);
    expect(heard).toEqual([]);
    await link.setBitrate(125_000, null, never);
    await expect(early).rejects.toThrow("restarted");
  });

  test("a rate is changed with nothing under way, and what came before is dropped", async () => {
    const wire = await start();
    await using link = wire.link;
    const { heard, node } = peer(wire.bus);
    await link.setBitrate(125_000, null, never);
    node.send(frame(5));
    await quiet(wire);
    await link.setBitrate(500_000, null, never);
    node.setRates({ nominal: 500_000, data: null });
    await link.send(frame(6), never);
    await quiet(wire);
    expect(link.drain()).toBe(0);
    expect(heard).toEqual([frame(6)]);
  });

  test.runIf(fd)("FD frames of 64 bytes go both ways at the FDCAN loaders' rates", async () => {
    const wire = await start();
    await using link = wire.link;
    const { heard, node } = peer(wire.bus, 250_000, 1_000_000);
    await link.setBitrate(250_000, 1_000_000, never);
    const long: CanFrame = { id: 0x31, data: Uint8Array.from({ length: 64 }, (_, i) => i), fd: true };
    await link.send(long, never);
    node.send({ ...long, id: 0x11 });
    expect(await next(link, "frame")).toEqual({ type: "frame", frame: { ...long, id: 0x11 } });
    await quiet(wire);
    expect(heard).toEqual([long]);
  });

  test("alone on the bus: each try shows as an error, no node took it", async () => {
    const wire = await start();
    await using link = wire.link;
    await link.setBitrate(125_000, null, never);
    let taken = false;
    link.send(frame(1), never).then(
      () => (taken = true),
      () => undefined,
    );
    expect(await next(link, "error")).toEqual({ type: "error", error: "ack" });
    await quiet(wire);
    expect(taken).toBe(!tells);
  });

  test("off the bus it stays off; a rate brings it back, with nothing of before", async () => {
    const wire = await start();
    await using link = wire.link;
    const { heard } = peer(wire.bus);
    await link.setBitrate(125_000, null, never);
    wire.disturb(true);
    link.send(frame(1), never).catch(() => undefined);
    await next(link, "bus-off");
    wire.disturb(false);
    // candleLight would be back after 100 ms, by itself.
    await sleep(wire.clock, 1000, never);
    expect(heard).toEqual([]);
    await link.setBitrate(125_000, null, never);
    await link.send(frame(2), never);
    await quiet(wire);
    expect(heard).toEqual([frame(2)]);
  });

  test("an aborted send takes back a frame that waits, and leaves the others in their order", async () => {
    const wire = await start();
    await using link = wire.link;
    await link.setBitrate(125_000, null, never);
    const stop = new AbortController();
    const many = Array.from({ length: 20 }, (_, i) => link.send(frame(i), never));
    const back = link.send(frame(0x40), stop.signal);
    stop.abort(new Error("by hand"));
    await expect(back).rejects.toThrow("by hand");
    const { heard } = peer(wire.bus);
    await Promise.all(many);
    await quiet(wire);
    expect(heard.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test("a pulled adapter ends every wait as lost", async () => {
    const wire = await start();
    await using link = wire.link;
    await link.setBitrate(125_000, null, never);
    const waits = link.receive(never);
    waits.catch(() => undefined);
    wire.unplug();
    await expect(waits).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await expect(link.send(frame(2), never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await expect(link.setBitrate(125_000, null, never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
  });

  test("a closed link drops what was not sent", async () => {
    const wire = await start();
    await wire.link.setBitrate(125_000, null, never);
    const many = Array.from({ length: 20 }, (_, i) => wire.link.send(frame(i), never));
    for (const one of many) one.catch(() => undefined);
    await wire.link[Symbol.asyncDispose]();
    await expect(many.at(-1)).rejects.toThrow("closed");
  });
});
