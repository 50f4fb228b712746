import { describe, expect, test } from "vitest";
import {
  bottleneckOf,
  noTakt,
  numbersOf,
  observe,
  taktOf,
  type TaktState,
} from "../../../src/station/takt.ts";
import { counts } from "./some-bench.ts";

/** A tray of two: unloaded and loaded in 8 s, scanned in 4 s, run in 3 s. */
function tray(state: TaktState, from: number, removedAt: number | null = null): TaktState {
  const steps = [{ step: "write", ms: 2000 } as const, { step: "verify", ms: 500 } as const];
  const end = (at: number) => ({ type: "ended", at, wall: at, passed: true, steps }) as const;
  const out = removedAt === null ? state : observe(state, { type: "removed", at: removedAt });
  return [
    { type: "scanned", at: from + 8000, busy: 0 } as const,
    { type: "scanned", at: from + 12_000, busy: 1 } as const,
    end(from + 14_000),
    end(from + 15_000),
  ].reduce(observe, out);
}

describe("the time of a tray", () => {
  test("is not known before the second one", () => {
    expect(taktOf(tray(noTakt, 0))).toBeNull();
  });

  test("is shared between hands and machine", () => {
    const takt = taktOf(tray(tray(noTakt, 0), 15_000));
    expect(takt).toEqual({ units: 2, ms: 15_000, unload: 0, load: 8000, scan: 4000, run: 3000 });
  });

  test("tells unloading from loading where boards are seen to leave", () => {
    const takt = taktOf(tray(tray(noTakt, 0), 15_000, 18_000));
    expect(takt).toMatchObject({ unload: 3000, load: 5000 });
    expect(takt === null ? null : bottleneckOf(takt)).toBe("load");
  });
});

test("the numbers name the longest step and what a second tray would give", () => {
  const state = tray(tray(noTakt, 0), 15_000);
  const numbers = numbersOf(state, {
    counts,
    slots: [{ slot: "A1", passed: 3, failed: 1 }],
    suspects: new Map(),
    perHour: 480,
    left: 540,
    run: "pipelined",
    panels: false,
    wall: 30_000,
  });
  expect(numbers.steps).toEqual([
    { step: "write", ms: 2000 },
    { step: "verify", ms: 500 },
  ]);
  expect(numbers.slots).toEqual([{ slot: "A1", passed: 3, tried: 4, suspect: false }]);
  expect(numbers.tenMinutes).toEqual({ from: new Date(0), units: [4] });
  // 8 s of hands in place of 15 s: 2 units in 8 s are 900 an hour, and 540 more take 36 min.
  expect(numbers.better).toEqual({ way: "second-tray", perHour: 900, endsAt: new Date(30_000 + 2_160_000) });
});
