import { describe, expect, test } from "vitest";
import { benchClock } from "../../../../src/lib/bench-clock.ts";
import { toHex } from "../../../../src/lib/bytes.ts";
import type { BusEvent, CanFrame } from "../../../../src/protocol/links.ts";
import { canBus, type CanBusOptions } from "../../../../src/sim/can/can-bus.ts";
import { gsUsbAdapter, simCanLink, type SimAdapter } from "../../../../src/sim/can/can-link.ts";

const never = new AbortController().signal;
const rates = { nominal: 500_000, data: null };
const frame = (id: number, ...data: readonly number[]): CanFrame => ({
  id,
  data: Uint8Array.from(data),
  fd: false,
});
const text = (event: BusEvent): string =>
  event.type === "frame"
    ? `${event.frame.id.toString(16)}#${toHex(event.frame.data)}`
    : event.type === "error"
      ? event.error
      : event.type;

/** An adapter on a bus with one other node, which answers each frame where it is told to. */
async function bench(adapter: Partial<SimAdapter> = {}, options: CanBusOptions = {}, echo = false) {
  const clock = benchClock();
  const bus = canBus(clock, options);
  const heard: string[] = [];
  const other = bus.join({
    frame({ id, data }) {
      heard.push(`${id.toString(16)}#${toHex(data)}`);
      if (echo) other.send(frame(id + 1, ...data));
    },
  });
  other.setRates(rates);
  const link = simCanLink(bus, { ...gsUsbAdapter, ...adapter });
  await link.setBitrate(rates.nominal, rates.data, never);
  return { clock, bus, other, link, heard };
}

describe("a simulated adapter", () => {
  test.each([0, 0.125, 1])("has a round trip of %d ms on top of what the bus takes", async (roundTripMs) => {
    const { clock, link } = await bench({ roundTripMs }, {}, true);
    const begin = clock.now();
    await link.send(frame(0x100), never);
    const sent = clock.now() - begin;
    const back = text(await link.receive(never));
    expect(back).toBe("101#");
    expect(sent).toBeGreaterThan(roundTripMs + 0.09);
    expect(sent).toBeLessThan(roundTripMs + 0.2);
  });

  test("keeps the order of what it is given, and holds no more than its queue at once", async () => {
    const { link, heard, bus } = await bench({ queue: 3, roundTripMs: 0 });
    const sends = Array.from({ length: 20 }, (_, i) => link.send(frame(0x100 + (19 - i)), never));
    expect(bus.tally.frames).toBe(0);
    await Promise.all(sends);
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => `${(0x100 + (19 - i)).toString(16)}#`));
  });

  test("a frame that nobody takes stays: errors are told, the queue stays full, and a wait can be ended", async () => {
    const { link, other } = await bench({ queue: 1 });
    other.setRates(null);
    const stop = new AbortController();
    const first = link.send(frame(1), never);
    const second = link.send(frame(2), stop.signal);
    expect(text(await link.receive(never))).toBe("ack");
    stop.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    other.setRates(rates);
    await first;
    await expect(link.send(frame(3), stop.signal)).rejects.toThrow("enough");
  });

  test("one that says nothing of what was taken lets the host go on at once", async () => {
    const { link, other } = await bench({ echoes: false });
    other.setRates(null);
    await expect(link.send(frame(1), never)).resolves.toBeUndefined();
  });

  test("bus-off is an event that outlives a drain; new rates bring the adapter back", async () => {
    let dead = true;
    const { link, heard } = await bench({}, { disturbs: () => dead });
    const lost = link.send(frame(1), never);
    const kinds: string[] = [];
    while (kinds.at(-1) !== "bus-off") kinds.push(text(await link.receive(never)));
    expect(kinds).toEqual([...Array<string>(32).fill("bit"), "bus-off"]);
    dead = false;
    const restarted = link.setBitrate(rates.nominal, rates.data, never);
    await expect(lost).rejects.toThrow("restarted");
    await restarted;
    await link.send(frame(2), never);
    expect(heard).toEqual(["2#"]);
  });

  test("a drain counts frames, throws errors away, and keeps a bus-off", async () => {
    const { link, other, clock } = await bench({ roundTripMs: 0 });
    other.send(frame(5));
    other.send(frame(6));
    await new Promise<void>((resolve) => void clock.after(10, resolve));
    expect(link.drain()).toBe(2);
    expect(link.drain()).toBe(0);
  });

  test("pulled out of the computer, it ends each wait with ADAPTER_LOST", async () => {
    const { link, other } = await bench();
    other.setRates(null);
    const sending = link.send(frame(1), never);
    const waiting = link.receive(never).then(() => link.receive(never));
    waiting.catch(() => undefined);
    sending.catch(() => undefined);
    link.unplug();
    await expect(sending).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await expect(link.receive(never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await expect(link.send(frame(1), never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await expect(link.setBitrate(125_000, null, never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await link[Symbol.asyncDispose]();
  });

  test("closed, it is off the bus", async () => {
    const { link, other, bus, clock } = await bench();
    await link[Symbol.asyncDispose]();
    other.send(frame(1));
    await new Promise<void>((resolve) => void clock.after(10, resolve));
    expect(bus.tally.frames).toBe(0);
  });
});
