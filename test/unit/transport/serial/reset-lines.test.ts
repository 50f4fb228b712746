import { describe, expect, test } from "vitest";
import { benchClock } from "../../../../src/lib/bench-clock.ts";
import type { LineChoice } from "../../../../src/model/station.ts";
import { levels, resetLines } from "../../../../src/transport/serial/reset-lines.ts";

const never = new AbortController().signal;

/** Lines that write down each setting and its time: `D` DTR asserted, `R` RTS asserted. */
function wired(boot0: LineChoice, reset: LineChoice, exist = true) {
  const clock = benchClock();
  const set: string[] = [];
  const lines = resetLines(boot0, reset, clock, ({ dtr, rts }) => {
    set.push(`${clock.now()}:${dtr ? "D" : "-"}${rts ? "R" : "-"}`);
    return Promise.resolve(exist);
  });
  return { lines, set, clock };
}

describe("BOOT0 on DTR, RESET on RTS", () => {
  test("to the loader: BOOT0 stays high while reset is pulsed, then the loader gets its time", async () => {
    const { lines, set, clock } = wired("dtr", "rts");
    expect(await lines.toLoader(never)).toBe(true);
    expect(set).toEqual(["0:DR", "50:D-"]);
    expect(clock.now()).toBe(200);
  });

  test("to the application: the same with BOOT0 low", async () => {
    const { lines, set } = wired("dtr", "rts");
    expect(await lines.toApplication(never)).toBe(true);
    expect(set).toEqual(["0:-R", "50:--"]);
  });

  test("an opened port lets go of both pins", async () => {
    const { lines, set } = wired("dtr", "rts");
    expect(await lines.rest(never)).toBe(true);
    expect(set).toEqual(["0:--"]);
  });
});

describe("which lines a slot has", () => {
  test("inverted lines are released where plain ones are asserted", () => {
    expect(levels("!rts", true, "!dtr", false)).toEqual({ dtr: true, rts: false });
    expect(levels("!rts", false, "!dtr", true)).toEqual({ dtr: false, rts: true });
  });

  test("a line that drives no pin stays as an open port has it", () => {
    expect(levels("none", true, "rts", false)).toEqual({ dtr: true, rts: false });
    expect(levels("none", true, "none", true)).toEqual({ dtr: true, rts: true });
  });

  test("none: nothing is set, nothing is pulsed", async () => {
    const { lines, set } = wired("none", "none");
    expect(await lines.rest(never)).toBe(false);
    expect(await lines.toLoader(never)).toBe(false);
    expect(await lines.toApplication(never)).toBe(false);
    expect(set).toEqual([]);
  });

  test("reset alone reaches the loader of a board with BOOT0 strapped, never its application", async () => {
    const { lines } = wired("none", "rts");
    expect(await lines.toLoader(never)).toBe(true);
    expect(await lines.toApplication(never)).toBe(false);
  });

  test("BOOT0 alone resets nothing", async () => {
    const { lines } = wired("dtr", "none");
    expect(await lines.toLoader(never)).toBe(false);
    expect(await lines.toApplication(never)).toBe(false);
  });

  test("a port without modem lines is asked once and not waited for", async () => {
    const { lines, set, clock } = wired("dtr", "rts", false);
    expect(await lines.toLoader(never)).toBe(false);
    expect(set).toHaveLength(1);
    expect(clock.now()).toBe(0);
  });
});
