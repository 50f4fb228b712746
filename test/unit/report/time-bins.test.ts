import { expect, test } from "vitest";
import { binsOf } from "../../../src/report/time-bins.ts";
import { attemptOf, failed } from "../../report/some-batch.ts";

const endedAt = (iso: string, n = 1): ReturnType<typeof attemptOf> =>
  attemptOf(n, { endedAt: new Date(iso) });

test("attempts fall into the ten minutes in which they ended, pauses stay empty", () => {
  const { bins, minutes } = binsOf(
    [
      endedAt("2026-11-22T05:02:00Z"),
      endedAt("2026-11-22T05:09:59Z"),
      { ...endedAt("2026-11-22T05:10:00Z"), outcome: failed("LINK_SILENT", "") },
      endedAt("2026-11-22T05:31:00Z"),
    ],
    "Europe/Berlin",
    "en",
  );
  expect(minutes).toBe(10);
  expect(bins).toEqual([
    { label: "06:00", passed: 2, failed: 0 },
    { label: "06:10", passed: 0, failed: 1 },
    { label: "06:20", passed: 0, failed: 0 },
    { label: "06:30", passed: 1, failed: 0 },
  ]);
});

test("a foreign device is not counted, and alone gives no chart", () => {
  const foreign = attemptOf(1, { outcome: failed("FOREIGN_DEVICE", "") });
  expect(binsOf([foreign], "UTC", "en").bins).toEqual([]);
});

test("a long batch gets longer stretches, each attempt once, days beginning at the zone's midnight", () => {
  const attempts = Array.from({ length: 400 }, (_, i) =>
    endedAt(new Date(Date.UTC(2026, 10, 1, 22, 30) + i * 3 * 3_600_000).toISOString()),
  );
  const { bins, minutes } = binsOf(attempts, "Europe/Berlin", "en");
  expect(minutes).toBe(1440);
  expect(bins.length).toBeLessThanOrEqual(58);
  expect(bins[0]).toEqual({ label: "1 Nov", passed: 1, failed: 0 });
  expect(bins.reduce((sum, { passed }) => sum + passed, 0)).toBe(400);
});

test("a clock that was set by years in between does not make a chart of years", () => {
  const { bins } = binsOf([endedAt("1970-01-01T00:00:00Z"), endedAt("2026-11-22T05:00:00Z")], "UTC", "en");
  expect(bins.length).toBeLessThan(60);
  expect(bins.reduce((sum, { passed }) => sum + passed, 0)).toBe(2);
});
