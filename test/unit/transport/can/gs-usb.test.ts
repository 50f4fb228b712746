import { describe, expect, test } from "vitest";
import { benchClock, type BenchClock } from "../../../../src/lib/bench-clock.ts";
import type { BusEvent, CanFrame, FrameLink } from "../../../../src/protocol/links.ts";
import { canBus, type BusNode, type CanBus } from "../../../../src/sim/can/can-bus.ts";
import { gsUsbDevice, type SimGsUsbDevice } from "../../../../src/sim/os/gs-usb-device.ts";
import { bxCan, mCan, type Controller } from "../../../../src/sim/os/gs-usb-wire.ts";
import {
  gsUsbAbility,
  gsUsbComplaint,
  openGsUsb,
  type GsUsbBench,
} from "../../../../src/transport/can/gs-usb.ts";
import { Fault } from "../../../../src/model/fault.ts";
import { gsUsbPlace } from "../../../../src/model/port.ts";
import { throughSeam } from "../../../tools/gs-usb-seam.ts";

const never = new AbortController().signal;
const frame = (id: number, ...data: readonly number[]): CanFrame => ({
  id,
  data: Uint8Array.from(data),
  fd: false,
});

interface Lab {
  readonly clock: BenchClock;
  readonly buses: readonly CanBus[];
  readonly device: SimGsUsbDevice;
  readonly bench: GsUsbBench;
  /** Times that the device was opened, and closed. */
  readonly count: { opened: number; closed: number };
}

function lab({
  channels = 1,
  controller = bxCan,
  echo = "mailbox",
}: { channels?: number; controller?: Controller; echo?: "mailbox" | "taken" } = {}): Lab {
  const clock = benchClock();
  const buses = Array.from({ length: channels }, () => canBus(clock));
  const device = gsUsbDevice({ clock, buses, controller, serial: "1", echo });
  const count = { opened: 0, closed: 0 };
  const bench: GsUsbBench = {
    clock,
    open(path) {
      if (path !== "1-4" || !device.attached())
        return Promise.reject(new Fault("ADAPTER_LOST", `no adapter at can:gs_usb:${path}`));
      count.opened += 1;
      const seam = throughSeam(device);
      return Promise.resolve({
        ...seam,
        async [Symbol.asyncDispose]() {
          count.closed += 1;
          await seam[Symbol.asyncDispose]();
        },
      });
    },
  };
  return { clock, buses, device, bench, count };
}

/** Another node on the bus, which takes frames and notes them. */
function peer(bus: CanBus | undefined, nominal = 125_000, data: number | null = null) {
  if (bus === undefined) throw new Error("no such bus");
  const heard: CanFrame[] = [];
  const node: BusNode = bus.join({ frame: (one) => void heard.push(one) });
  node.setRates({ nominal, data });
  return { heard, node };
}

const open = (one: Lab, channel = 0): Promise<FrameLink> => openGsUsb("1-4", channel, never, one.bench);

async function next(link: FrameLink, type: BusEvent["type"]): Promise<BusEvent> {
  for (;;) {
    const event = await link.receive(never);
    if (event.type === type) return event;
  }
}

describe("a channel", () => {
  test("a rate that the clock does not divide to is refused as such, and so is FD on a classic adapter", async () => {
    const one = lab();
    await using link = await open(one);
    await expect(link.setBitrate(130_001, null, never)).rejects.toMatchObject({ code: "ADAPTER_RATE" });
    await expect(link.setBitrate(250_000, 1_000_000, never)).rejects.toMatchObject({ code: "ADAPTER_RATE" });
    await link.setBitrate(125_000, null, never);
    expect(one.device.complaints).toEqual([]);
  });

  test("frames that the host was too slow for are told as an overrun", async () => {
    const one = lab();
    const { node } = peer(one.buses[0]);
    await using link = await open(one);
    await link.setBitrate(125_000, null, never);
    for (let i = 0; i < 200; i += 1) node.send(frame(1, i));
    // All at once: the driver has no turn of its own meanwhile.
    one.clock.pass(1000);
    node.send(frame(2));
    expect(await next(link, "error")).toEqual({ type: "error", error: "overrun" });
  });

  test("a pulled adapter ends every wait as lost, and another opening finds none", async () => {
    const one = lab({ channels: 2, echo: "taken" });
    await using first = await open(one, 0);
    await using second = await open(one, 1);
    await first.setBitrate(125_000, null, never);
    const sent = first.send(frame(1), never);
    const waits = second.receive(never);
    sent.catch(() => undefined);
    waits.catch(() => undefined);
    one.device.plug(false);
    await expect(sent).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await expect(waits).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await expect(first.send(frame(2), never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await expect(second.setBitrate(125_000, null, never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
  });

  test("an adapter that is plugged again works again", async () => {
    const one = lab({ echo: "taken" });
    {
      await using link = await open(one);
      one.device.plug(false);
      await expect(link.receive(never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    }
    await expect(open(one)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    one.device.plug(true);
    const { heard } = peer(one.buses[0]);
    await using link = await open(one);
    await link.setBitrate(125_000, null, never);
    await link.send(frame(9), never);
    expect(heard).toEqual([frame(9)]);
  });
});

describe("two channels of one adapter", () => {
  test("share the open device, each with its own bus and rate; the last one closes it", async () => {
    const one = lab({ channels: 2, echo: "taken" });
    const peers = [peer(one.buses[0], 125_000), peer(one.buses[1], 1_000_000)];
    {
      await using first = await open(one, 0);
      {
        await using second = await open(one, 1);
        expect(one.count).toEqual({ opened: 1, closed: 0 });
        await first.setBitrate(125_000, null, never);
        await second.setBitrate(1_000_000, null, never);
        await Promise.all([first.send(frame(1), never), second.send(frame(2), never)]);
        expect(peers.map(({ heard }) => heard)).toEqual([[frame(1)], [frame(2)]]);
      }
      expect(one.count).toEqual({ opened: 1, closed: 0 });
      await first.send(frame(3), never);
    }
    expect(one.count).toEqual({ opened: 1, closed: 1 });
    expect(one.device.complaints).toEqual([]);
  });

  test("one channel has one user; a third channel is not there", async () => {
    const one = lab({ channels: 2 });
    await using _first = await open(one, 0);
    await expect(open(one, 0)).rejects.toMatchObject({ code: "ADAPTER_BUSY" });
    await expect(open(one, 2)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    expect(one.count.closed).toBe(0);
  });
});

describe("what an adapter can do", () => {
  const classic = [125_000, 1_000_000].map((nominal) => ({ nominal, data: null }));
  const fd = { nominal: 250_000, data: 1_000_000 };
  const u3 = { nominal: 600_000, data: 2_400_000 };

  test("is asked, and the adapter given back", async () => {
    const one = lab({ channels: 2, controller: mCan });
    const able = await gsUsbAbility("1-4", [...classic, fd, u3], never, one.bench);
    expect(able.channels).toEqual([
      { fd: true, rates: [...classic, fd] },
      { fd: true, rates: [...classic, fd] },
    ]);
    expect(one.count).toEqual({ opened: 1, closed: 1 });
  });

  test("a slot that it cannot serve is refused before the run, in a sentence", async () => {
    const one = lab();
    expect(await gsUsbComplaint("1-4", 0, classic, never, one.bench)).toBeNull();
    expect(await gsUsbComplaint("1-4", 0, [fd], never, one.bench)).toBe(
      "the adapter at can:gs_usb:1-4 cannot make 250000/1000000 bit/s",
    );
    expect(await gsUsbComplaint("1-4", 1, classic, never, one.bench)).toBe(
      "can:gs_usb:1-4 has no channel 1: it has 1, counted from 0",
    );
    expect(await gsUsbComplaint("1-5", 0, classic, never, one.bench)).toBe("no adapter at can:gs_usb:1-5");
  });

  test("a port names the channel behind the path", () => {
    expect(gsUsbPlace("1-4.3")).toEqual({ path: "1-4.3", channel: 0 });
    expect(gsUsbPlace("1-4.3:1")).toEqual({ path: "1-4.3", channel: 1 });
    for (const wrong of ["can0", "1-4.3:", "1-4.3:x", "1", "/dev/ttyACM0"])
      expect(gsUsbPlace(wrong)).toContain("a USB path");
  });
});
