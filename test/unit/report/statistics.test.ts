import * as fc from "fast-check";
import { expect, test } from "vitest";
import { wilson } from "../../../src/model/statistics.ts";

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
// method 3: Wilson without continuity correction.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])("%d of %d gives the interval that the literature prints", (hits, trials, low, high) => {
  const interval = wilson(hits, trials);
  expect(interval?.low).toBeCloseTo(low, 4);
  expect(interval?.high).toBeCloseTo(high, 4);
});

test("no trial has no share", () => {
  expect(wilson(0, 0)).toBeNull();
});

test("more hits than trials is a mistake of the caller", () => {
  expect(() => wilson(3, 2)).toThrow(RangeError);
  expect(() => wilson(-1, 2)).toThrow(RangeError);
  expect(() => wilson(0.5, 2)).toThrow(RangeError);
});

test("the share lies in its interval and the interval between 0 and 1", () => {
  const trial = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(
    fc.property(
      trial.chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n))),
      ([hits, trials]) => {
        const interval = wilson(hits, trials);
        if (interval === null) throw new Error("no interval");
        const { share, low, high } = interval;
        expect(low >= 0 && low <= share && share <= high && high <= 1).toBe(true);
        const mirrored = wilson(trials - hits, trials);
        expect(mirrored?.low).toBeCloseTo(1 - high, 10);
      },
    ),
  );
});
