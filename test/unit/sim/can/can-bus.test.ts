import { describe, expect, test } from "vitest";
import { benchClock } from "../../../../src/lib/bench-clock.ts";
import { toHex } from "../../../../src/lib/bytes.ts";
import { realClock } from "../../../../src/lib/clock.ts";
import type { CanFrame } from "../../../../src/protocol/links.ts";
import { bitsMs, wireBits } from "../../../../src/sim/can/can-bits.ts";
import { canBus, type CanBusOptions, type NodeOptions, type Rates } from "../../../../src/sim/can/can-bus.ts";

const fast: Rates = { nominal: 500_000, data: null };
const slow: Rates = { nominal: 125_000, data: null };
const flexible: Rates = { nominal: 250_000, data: 1_000_000 };
const frame = (id: number, ...data: readonly number[]): CanFrame => ({
  id,
  data: Uint8Array.from(data),
  fd: false,
});
const ms = (one: CanFrame, rates: Rates): number => bitsMs(wireBits(one), rates.nominal, rates.data);

/** A bus, and nodes that write down what they hear. */
function bench(options: CanBusOptions = {}) {
  const clock = benchClock();
  const bus = canBus(clock, options);
  const log: string[] = [];
  const times: number[] = [];
  const node = (name: string, rates: Rates | null = fast, nodeOptions: NodeOptions = {}) => {
    const one = bus.join(
      {
        frame: ({ id, data }) => {
          log.push(`${name} ${id.toString(16)}#${toHex(data)}`);
          times.push(bus.now());
        },
        sent: ({ id }) => log.push(`${name} sent ${id.toString(16)}`),
        error: (error) => log.push(`${name} ${error}`),
        busOff: () => log.push(`${name} off`),
      },
      nodeOptions,
    );
    one.setRates(rates);
    return one;
  };
  return { clock, bus, log, times, node, pass: (time: number) => clock.pass(time) };
}

describe("the time of a frame", () => {
  test("is that of its bits and its stuff bits, less the gap that follows it", () => {
    const { node, times, pass } = bench();
    const a = node("a");
    node("b");
    pass(1);
    const one = frame(0x123, 1, 2, 3);
    a.send(one);
    pass(10);
    expect(times).toHaveLength(1);
    expect(times[0]).toBeCloseTo(1 + ms(one, fast) - (3 * 1000) / 500_000, 9);
  });

  test("a second frame begins behind the gap of the first", () => {
    const { node, times, pass } = bench();
    const a = node("a");
    node("b");
    pass(1);
    const [one, two] = [frame(0x123, 1, 2, 3), frame(0x001, 0, 0, 0, 0)];
    a.send(one);
    a.send(two);
    pass(10);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeCloseTo(ms(two, fast), 9);
  });

  test("of an FD frame has its payload at the data rate", () => {
    const { node, times, pass } = bench();
    const a = node("a", flexible);
    node("b", flexible);
    pass(1);
    const one: CanFrame = { id: 0x31, data: new Uint8Array(64).fill(0x55), fd: true };
    a.send(one);
    pass(10);
    const bits = wireBits(one);
    const time = (bits.nominal - 3) / 250 + bits.data / 1000;
    expect(times[0]).toBeCloseTo(1 + time, 9);
  });
});

describe("arbitration", () => {
  test("the lowest identifier goes first, whoever asked first while the bus was busy", () => {
    const { node, log, pass } = bench();
    const [a, b, c] = [node("a"), node("b"), node("c")];
    node("x");
    pass(1);
    a.send(frame(0x700));
    pass(0.05);
    b.send(frame(0x300));
    c.send(frame(0x031));
    a.send(frame(0x100));
    pass(10);
    expect(log.filter((line) => line.startsWith("x"))).toEqual(["x 700#", "x 31#", "x 100#", "x 300#"]);
  });

  test("who asks within the first bit takes part", () => {
    const { node, log, pass } = bench();
    const [a, b] = [node("a"), node("b")];
    node("x");
    pass(1);
    a.send(frame(0x300));
    pass(0.0015);
    b.send(frame(0x100));
    pass(10);
    expect(log.filter((line) => line.startsWith("x"))).toEqual(["x 100#", "x 300#"]);
  });

  test("two equal frames at once are one frame to everybody", () => {
    const { node, log, pass } = bench();
    const [a, b] = [node("a"), node("b")];
    node("x");
    pass(1);
    a.send(frame(0x79, 0x79));
    b.send(frame(0x79, 0x79));
    pass(10);
    expect(log).toEqual(["a sent 79", "b sent 79", "x 79#79"]);
  });

  test("two contents under one identifier destroy each other until both are off the bus", () => {
    const { node, log, bus, pass } = bench();
    const [a, b] = [node("a"), node("b")];
    node("x");
    pass(1);
    a.send(frame(0x11, 1));
    b.send(frame(0x11, 2));
    pass(100);
    expect(log.filter((line) => line === "a bit")).toHaveLength(32);
    expect(log).toContain("a off");
    expect(log).toContain("b off");
    expect(log.some((line) => line.startsWith("x 11"))).toBe(false);
    expect(bus.tally).toMatchObject({ frames: 0, errors: 32 });
  });
});

describe("the ACK slot", () => {
  test("alone, a node repeats its frame, grows passive, and never goes off the bus", () => {
    const { node, log, pass } = bench();
    const a = node("a");
    a.send(frame(0x79));
    pass(10_000);
    expect(a.counters()).toEqual({ transmit: 128, receive: 0, off: false });
    expect(new Set(log)).toEqual(new Set(["a ack"]));
  });

  test("a node that comes takes what another one has been repeating", () => {
    const { node, log, pass } = bench();
    const a = node("a");
    a.send(frame(0x79));
    pass(1000);
    node("b");
    pass(10);
    expect(log.filter((line) => !line.endsWith("ack"))).toEqual(["a sent 79", "b 79#"]);
    expect(a.counters().transmit).toBe(127);
  });

  test("a node off the bus takes nothing", () => {
    const { node, log, pass } = bench();
    const a = node("a");
    node("b", null);
    pass(1);
    a.send(frame(0x79));
    pass(10);
    expect(log.some((line) => line.startsWith("b"))).toBe(false);
  });

  test("what waits can be forgotten", () => {
    const { node, log, pass } = bench();
    const a = node("a");
    a.send(frame(0x79));
    pass(1);
    a.clear();
    node("b");
    pass(10);
    expect(log.some((line) => line.startsWith("b"))).toBe(false);
  });
});

describe("errors", () => {
  test("a node at another rate destroys what it hears: the sender is off the bus after 32 tries", () => {
    const { node, log, pass } = bench();
    const a = node("a");
    // Keeps the other one from growing passive by itself first.
    node("b", slow);
    node("c", slow);
    node("d", slow);
    pass(1);
    a.send(frame(0x79));
    pass(1000);
    expect(log.filter((line) => line === "a bit").length).toBeLessThanOrEqual(32);
    expect(a.counters().transmit).toBeGreaterThan(100);
    expect(log.some((line) => /^[bcd] 79/.test(line))).toBe(false);
  });

  test("a disturbed frame is sent again, and both counters tell of it", () => {
    let hits = 3;
    const { node, log, pass } = bench({ disturbs: () => hits-- > 0 });
    const a = node("a");
    const b = node("b");
    pass(1);
    a.send(frame(0x79, 5));
    pass(10);
    expect(log).toEqual(["a bit", "b form", "a bit", "b form", "a bit", "b form", "a sent 79", "b 79#05"]);
    expect(a.counters().transmit).toBe(23);
    expect(b.counters().receive).toBe(2);
  });

  test("a line that destroys everything ends in bus-off, 32 tries later", () => {
    const { node, log, pass } = bench({ disturbs: () => true });
    const a = node("a");
    node("b");
    pass(1);
    a.send(frame(0x79));
    pass(1000);
    expect(log.filter((line) => line === "a bit")).toHaveLength(32);
    expect(log.at(-2)).toBe("a off");
    expect(a.counters().off).toBe(true);
  });

  test("bus-off ends by itself for a controller that manages it, with its frame, and by new rates for any", () => {
    let dead = true;
    const { node, log, pass } = bench({ disturbs: () => dead });
    const a = node("a", fast, { recovers: true });
    const b = node("b");
    pass(1);
    a.send(frame(0x79));
    pass(5);
    dead = false;
    pass(50);
    expect(log).toContain("b 79#");
    dead = true;
    b.send(frame(0x80));
    pass(50);
    expect(b.counters().off).toBe(true);
    dead = false;
    b.clear();
    b.setRates(fast);
    b.send(frame(0x81));
    pass(50);
    expect(log).toContain("a 81#");
  });

  test("an FD frame is an error to a classic node, and heard by the others once it is passive", () => {
    const { node, log, pass } = bench();
    const a = node("a", flexible);
    node("b", flexible);
    node("old", { nominal: 250_000, data: null });
    pass(1);
    a.send({ id: 0x31, data: new Uint8Array(8), fd: true });
    pass(1000);
    expect(log.slice(0, 3)).toEqual(["a bit", "b form", "old stuff"]);
    expect(log).toContain("b 31#0000000000000000");
    expect(log.some((line) => line.startsWith("old 31"))).toBe(false);
  });
});

describe("in real time", () => {
  test("frames keep the time of their bits, however late the timers of the machine are", async () => {
    const bus = canBus(realClock);
    const times: number[] = [];
    const a = bus.join({});
    const { promise, resolve } = Promise.withResolvers<void>();
    const b = bus.join({
      frame() {
        times.push(bus.now());
        if (times.length === 50) resolve();
      },
    });
    a.setRates(fast);
    b.setRates(fast);
    // Each takes a seventh of what the shortest timer takes.
    const one = frame(0x100, 0x55, 0xaa);
    for (let i = 0; i < 50; i += 1) a.send(one);
    await promise;
    expect((times[49] ?? 0) - (times[0] ?? 0)).toBeCloseTo(49 * ms(one, fast), 6);
  });
});
