import { describe, expect, test } from "vitest";
import { atLeast, suspects } from "../../../src/station/suspect.ts";

const count = (slot: string, failed: number, tried: number) => ({ slot, failed, passed: tried - failed });
const others = (failed: number, tried: number) =>
  Array.from({ length: 7 }, (_, i) => count(`B${i + 1}`, i === 0 ? failed : 0, tried));

describe("Fisher's exact test", () => {
  test("is his tea: 1 in 70 to name all eight cups, 17 in 70 for three of four at least", () => {
    expect(atLeast(4, 4, 4, 8)).toBeCloseTo(1 / 70, 12);
    expect(atLeast(3, 4, 4, 8)).toBeCloseTo(17 / 70, 12);
    expect(atLeast(0, 4, 4, 8)).toBeCloseTo(1, 12);
  });
});

describe("a slot", () => {
  test("that fails 4 of 15 where the others fail 1 of 105 is suspect", () => {
    expect(suspects([count("A3", 4, 15), ...others(1, 15)])).toEqual(
      new Map([["A3", { failed: 4, tried: 15, othersFailed: 1, othersTried: 105 }]]),
    );
  });

  test("is not suspect for two failures, nor where all slots fail alike, nor alone", () => {
    expect(suspects([count("A3", 2, 4), ...others(0, 50)]).size).toBe(0);
    expect(suspects(Array.from({ length: 8 }, (_, i) => count(`A${i}`, 4, 15))).size).toBe(0);
    expect(suspects([count("A1", 10, 10)]).size).toBe(0);
  });
});
