import { describe, expect, test } from "vitest";
import { benchClock } from "../../../src/lib/bench-clock.ts";
import { deadlines, patience } from "../../../src/lib/deadline.ts";

const late = (what: string) => (): Error => new Error(what);

describe("deadlines of one wire", () => {
  test("one after another share a signal, as long as none has passed", () => {
    const clock = benchClock();
    const limits = deadlines(clock);
    const parent = new AbortController().signal;
    const first = limits.start(parent, 100, late("first"));
    const { signal } = first;
    first[Symbol.dispose]();
    using second = limits.start(parent, 100, late("second"));
    expect(second.signal).toBe(signal);
    clock.pass(99);
    expect(signal.aborted).toBe(false);
    clock.pass(1);
    expect(signal.reason).toEqual(new Error("second"));
  });

  test("one that was over in time says nothing later", () => {
    const clock = benchClock();
    const limits = deadlines(clock);
    const parent = new AbortController().signal;
    limits.start(parent, 100, late("first"))[Symbol.dispose]();
    using second = limits.start(parent, 1000, late("second"));
    clock.pass(500);
    expect(second.signal.aborted).toBe(false);
  });

  test("after one that passed the next begins anew", () => {
    const clock = benchClock();
    const limits = deadlines(clock);
    const parent = new AbortController().signal;
    const first = limits.start(parent, 10, late("first"));
    clock.pass(10);
    first[Symbol.dispose]();
    using second = limits.start(parent, 10, late("second"));
    expect(second.signal.aborted).toBe(false);
    clock.pass(10);
    expect(second.signal.reason).toEqual(new Error("second"));
  });

  test("each ends with the reason of its own parent, and no more with that of an earlier one", () => {
    const limits = deadlines(benchClock());
    const [one, other] = [new AbortController(), new AbortController()];
    limits.start(one.signal, 10, late("first"))[Symbol.dispose]();
    using second = limits.start(other.signal, 10, late("second"));
    one.abort(new Error("one"));
    expect(second.signal.aborted).toBe(false);
    other.abort(new Error("other"));
    expect(second.signal.reason).toEqual(new Error("other"));
  });

  test("with a parent that has ended already it is over at once, also the second time", () => {
    const limits = deadlines(benchClock());
    const parent = AbortSignal.abort(new Error("stopped"));
    for (let i = 0; i < 2; i += 1) {
      using limit = limits.start(parent, 10, late("late"));
      expect(limit.signal.reason).toEqual(new Error("stopped"));
    }
  });
});

describe("a limit of silence", () => {
  test("runs from what was heard last, and aborts with its reason", () => {
    const clock = benchClock();
    using limit = patience(clock, new AbortController().signal, 100, late("silent"));
    for (let i = 0; i < 5; i += 1) {
      clock.pass(90);
      limit.heard();
    }
    clock.pass(99);
    expect(limit.signal.aborted).toBe(false);
    clock.pass(1);
    expect(limit.signal.reason).toEqual(new Error("silent"));
  });

  test("is over with its parent, and says nothing once it is disposed", () => {
    const clock = benchClock();
    const parent = new AbortController();
    using one = patience(clock, parent.signal, 100, late("one"));
    const two = patience(clock, new AbortController().signal, 100, late("two"));
    two[Symbol.dispose]();
    parent.abort(new Error("parent"));
    clock.pass(1000);
    expect(one.signal.reason).toEqual(new Error("parent"));
    expect(two.signal.aborted).toBe(false);
  });
});
