import { describe, expect, test } from "vitest";
import { benchClock } from "../../../../src/lib/bench-clock.ts";
import { u32le } from "../../../../src/lib/bytes.ts";
import type { CanFrame } from "../../../../src/protocol/links.ts";
import { canBus } from "../../../../src/sim/can/can-bus.ts";
import { gsUsbDevice } from "../../../../src/sim/os/gs-usb-device.ts";
import { bxCan, feature, mCan, type Controller } from "../../../../src/sim/os/gs-usb-wire.ts";
import type { TransferEnd } from "../../../../src/sim/os/usb-device.ts";

// The host here writes its bytes by hand, from the notes: our own driver shall not be the only judge.
const none = new Uint8Array();
const words = (...values: readonly number[]): Uint8Array =>
  Uint8Array.from(values.flatMap((one) => [one & 0xff, (one >>> 8) & 0xff, (one >>> 16) & 0xff, one >>> 24]));
/** 48 MHz / (24 × 16): 125 kbit/s. */
const timing = words(6, 7, 2, 1, 24);
const start = (flags = 0): Uint8Array => words(1, flags);
const reset = words(0, 0);
const classic = (echo: number, id: number, ...data: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: 20 }, (_, i) => {
    const head = [...words(echo, id), data.length, 0, 0, 0];
    return head[i] ?? data[i - 12] ?? 0;
  });

function bench({ controller = bxCan, channels = 1 }: { controller?: Controller; channels?: number } = {}) {
  const clock = benchClock();
  let disturbed = false;
  const buses = Array.from({ length: channels }, () => canBus(clock, { disturbs: () => disturbed }));
  const device = gsUsbDevice({ clock, buses, controller, serial: "1" });

  function submit(
    endpoint: number,
    direction: "in" | "out",
    setup: Uint8Array,
    data: Uint8Array,
    length = 0,
  ) {
    return new Promise<TransferEnd>((resolve) => {
      device.submit({ endpoint, direction, setup, length, data }, resolve);
    });
  }
  const setup = (kind: number, request: number, value: number, length: number): Uint8Array =>
    Uint8Array.of(kind, request, value, 0, 0, 0, length, 0);

  /** A peer that takes every frame. */
  function peer() {
    const heard: CanFrame[] = [];
    const node = buses[0]?.join({ frame: (one) => void heard.push(one) });
    node?.setRates({ nominal: 125_000, data: null });
    return { heard, node };
  }

  return {
    clock,
    device,
    peer,
    disturb: (on: boolean) => void (disturbed = on),
    ask: async (request: number, value: number, length: number) => {
      const end = await submit(0, "in", setup(0xc1, request, value, length), none, length);
      return end.kind === "data" ? end.bytes : null;
    },
    tell: async (request: number, value: number, data: Uint8Array) =>
      (await submit(0, "out", setup(0x41, request, value, data.length), data)).kind,
    send: (bytes: Uint8Array) => submit(2, "out", new Uint8Array(8), bytes),
    read: async () => {
      const end = await submit(1, "in", new Uint8Array(8), none, 128);
      return end.kind === "data" ? end.bytes : none;
    },
  };
}

async function running(flags = 0) {
  const one = bench();
  expect(await one.tell(0, 1, words(0xbeef))).toBe("taken");
  expect(await one.tell(1, 0, timing)).toBe("taken");
  expect(await one.tell(2, 0, start(flags))).toBe("taken");
  return one;
}

describe("what the adapter says of itself", () => {
  test("channels less one, software 2, hardware 1", async () => {
    expect(await bench({ channels: 2 }).ask(5, 1, 12)).toEqual(
      Uint8Array.of(0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0),
    );
  });

  test("the limits of bxCAN, and of both phases of an FD controller", async () => {
    const plain = (await bench().ask(4, 0, 40)) ?? none;
    expect(Array.from({ length: 9 }, (_, i) => u32le(plain, 4 + 4 * i))).toEqual([
      48_000_000, 1, 16, 1, 8, 4, 1, 1024, 1,
    ]);
    const fd = bench({ controller: mCan });
    expect(u32le((await fd.ask(4, 0, 40)) ?? none, 0) & feature.fd).toBe(feature.fd);
    expect((await fd.ask(11, 0, 72))?.length).toBe(72);
    expect(await bench().ask(11, 0, 72)).toBeNull();
  });
});

describe("the channel", () => {
  test("echoes a frame when it lies in a mailbox, sends it, and gives what it hears", async () => {
    const one = await running();
    const { heard, node } = one.peer();
    await one.send(classic(7, 0x79, 1, 2));
    expect(await one.read()).toEqual(classic(7, 0x79, 1, 2));
    one.clock.pass(10);
    expect(heard).toEqual([{ id: 0x79, data: Uint8Array.of(1, 2), fd: false }]);
    node?.send({ id: 0x31, data: Uint8Array.of(0x79), fd: false });
    one.clock.pass(10);
    expect(await one.read()).toEqual(classic(0xffff_ffff, 0x31, 0x79));
    expect(one.device.complaints).toEqual([]);
  });

  test("stamps the time where it was started so, and pads to a packet where it was", async () => {
    const stamped = await running(feature.timestamp);
    stamped.peer();
    await stamped.send(classic(0, 1));
    expect((await stamped.read()).length).toBe(24);
    const padded = await running(feature.pad);
    padded.peer();
    await padded.send(classic(0, 1));
    expect((await padded.read()).length).toBe(64);
  });

  test.each<[string, number, Uint8Array]>([
    ["a timing that bxCAN has not", 1, words(6, 12, 2, 1, 24)],
    ["a jump longer than the second phase", 1, words(6, 7, 2, 4, 24)],
    ["a timing that is too short", 1, words(6, 7)],
    ["a data timing on a classic controller", 10, timing],
    ["a flag that it has not", 2, start(feature.fd)],
  ])("refuses %s, and notes it", async (_, request, data) => {
    const one = bench();
    await one.tell(1, 0, timing);
    expect(await one.tell(request, 0, data)).toBe("stall");
    expect(one.device.complaints).toHaveLength(1);
  });

  test("refuses a start without a timing, a timing while it runs, and a channel that is not there", async () => {
    const one = bench();
    expect(await one.tell(2, 0, start())).toBe("stall");
    await one.tell(1, 0, timing);
    await one.tell(2, 0, start());
    expect(await one.tell(1, 0, timing)).toBe("stall");
    expect(await one.tell(2, 1, reset)).toBe("stall");
    expect(one.device.complaints).toHaveLength(3);
  });

  test("ignores a short transfer and a frame for a stopped channel, and notes them", async () => {
    const one = bench();
    await one.send(classic(0, 1).subarray(0, 16));
    await one.send(classic(0, 1));
    expect(one.device.complaints).toHaveLength(2);
  });

  test("alone it reports each frame that nobody took, if it was asked to", async () => {
    const one = await running(feature.busErrors);
    await one.send(classic(0, 1));
    await one.read();
    one.clock.pass(2);
    const error = await one.read();
    const ack = 0x2000_0000 | 0x20;
    expect((u32le(error, 4) & ack) >>> 0).toBe(ack);
    expect(error[12 + 6]).toBe(8);
    const silent = await running();
    await silent.send(classic(0, 1));
    await silent.read();
    silent.clock.pass(2);
    expect(u32le((await silent.ask(14, 0, 12)) ?? none, 8)).toBeGreaterThan(0);
  });

  test("goes off the bus, says so, and is back by itself after 100 ms", async () => {
    const one = await running();
    one.peer();
    one.disturb(true);
    await one.send(classic(0, 1));
    let off = false;
    for (let i = 0; i < 10 && !off; i += 1) off = (u32le(await one.read(), 4) & 0x40) !== 0;
    expect(off).toBe(true);
    expect(u32le((await one.ask(14, 0, 12)) ?? none, 0)).toBe(3);
    one.disturb(false);
    one.clock.pass(150);
    expect(u32le(await one.read(), 4) & 0x100).toBe(0x100);
  });

  test("what nobody fetches is lost beyond its room, and the next frame says so", async () => {
    const one = await running();
    const { node } = one.peer();
    for (let i = 0; i < 70; i += 1) node?.send({ id: 1, data: Uint8Array.of(i), fd: false });
    one.clock.pass(1000);
    for (let i = 0; i < 64; i += 1) expect((await one.read())[10]).toBe(0);
    node?.send({ id: 2, data: none, fd: false });
    one.clock.pass(10);
    const late = await one.read();
    expect([u32le(late, 4), late[10]]).toEqual([2, 1]);
  });
});
