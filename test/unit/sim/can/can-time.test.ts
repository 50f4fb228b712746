import { describe, expect, test } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { busTime } from "../../../../src/sim/can/can-time.ts";
import { connectCan } from "../../../../src/sim/connect.ts";
import { random, replay } from "../../../reliability/random.ts";
import { stallingClock } from "../stalling-clock.ts";

const never = new AbortController().signal;

/** A clock that only the test moves; its timers come when the test says so, late or not. */
function handClock() {
  let now = 0;
  let timers: { readonly at: number; readonly fire: () => void }[] = [];
  return {
    pass: (ms: number) => (now += ms),
    fire: () => {
      const due = timers.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
      timers = timers.filter((timer) => !due.includes(timer));
      for (const { fire } of due) fire();
    },
    clock: {
      now: () => now,
      after(ms: number, fire: () => void) {
        const timer = { at: now + ms, fire };
        timers.push(timer);
        return { [Symbol.dispose]: () => void (timers = timers.filter((other) => other !== timer)) };
      },
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the time of a simulated bus", () => {
  test("what is planned while the machine stands still keeps its place before what is planned afterwards", async () => {
    const { clock, pass, fire } = handClock();
    const bus = busTime(clock);
    const order: string[] = [];
    bus.at(10, () => order.push("frame"));
    pass(40);
    // The timer of 10 has not come yet: neither has the bus.
    expect(bus.now()).toBe(10);
    bus.at(bus.now() + 0.5, () => order.push("first"));
    fire();
    bus.at(bus.now() + 0.5, () => order.push("second"));
    for (let turns = 0; turns < 10 && order.length < 3; turns += 1) {
      await turn();
      fire();
    }
    expect(order).toEqual(["frame", "first", "second"]);
  });

  test("never goes back, and a limit does not come before what lies in front of it", async () => {
    const { clock, pass, fire } = handClock();
    const bus = busTime(clock);
    const order: number[] = [];
    let last = 0;
    for (const at of [5, 12, 19]) bus.at(at, () => order.push(at));
    bus.clock.after(20, () => order.push(20));
    pass(100);
    for (let turns = 0; turns < 20; turns += 1) {
      expect(bus.now()).toBeGreaterThanOrEqual(last);
      last = bus.now();
      fire();
      await turn();
    }
    expect(order).toEqual([5, 12, 19, 20]);
  });
});

describe("a board on a busy machine", () => {
  test.each([3, 15, 30, 80])("with stalls of up to %i ms is written as it should be", async (mostMs) => {
    const board = simBoard(chipSpec("STM32F405", new Uint8Array(12).fill(9)));
    const loader = await connectCan(
      board,
      1_000_000,
      stallingClock(random(`stalls of ${mostMs}`), mostMs),
    )(never);
    await loader.identify(never);
    const { family } = board.chip().spec;
    loader.adopt(family);
    const bytes = random("image").bytes(4096);
    await loader.erase(board.chip().map().sectors.slice(0, 1), never);
    for (let at = 0; at < bytes.length; at += 256)
      await loader.write(family.flashStart + at, bytes.subarray(at, at + 256), never);
    const about = replay(`stalls of ${mostMs} ms`);
    expect(Buffer.from(board.chip().flash.subarray(0, bytes.length)).equals(Buffer.from(bytes)), about).toBe(
      true,
    );
    expect(loader.repeats, about).toBe(0);
    expect(board.chip().complaints, about).toEqual([]);
  });
});
