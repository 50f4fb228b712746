import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bellsFor } from "../../src/ui/bells.ts";
import { screenStore } from "../../src/ui/store.ts";
import { ended, failedEight, failure, runningEight, station, tray } from "./bench.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a thousand changes in a second are at most four frames, by the operator's hand at most ten", () => {
  for (const [quick, most] of [
    [false, 4],
    [true, 10],
  ] as const) {
    let value = 0;
    let told = 0;
    const store = screenStore(
      () => [String(value)],
      () => 60_000,
    );
    store.subscribe(() => (told += 1));
    for (let i = 0; i < 1000; i += 1) {
      value += 1;
      store.touch(quick);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(250);
    expect(told).toBeLessThanOrEqual(most + 1);
    expect(told).toBeGreaterThanOrEqual(most);
    expect(store.rows()).toEqual(["1000"]);
    store.stop();
  }
});

test("ten frames a second are kept while the program is busy for 60 ms at a time", () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  let told = 0;
  const store = screenStore(
    () => [String(now)],
    () => 60_000,
  );
  store.subscribe(() => (told += 1));
  const busyMs = 60;
  while (now < 10_000) {
    store.touch(true);
    now += busyMs;
    vi.advanceTimersByTime(busyMs);
  }
  store.stop();
  clock.mockRestore();
  expect(told).toBeGreaterThan(95);
  expect(told).toBeLessThanOrEqual(105);
});

test("the first change after a quiet time is shown at once", () => {
  let value = "a";
  const store = screenStore(
    () => [value],
    () => 60_000,
  );
  vi.advanceTimersByTime(300);
  value = "b";
  store.touch(false);
  expect(store.rows()).toEqual(["b"]);
  store.stop();
});

test("nothing is told while nothing differs, and nothing after the end", () => {
  let told = 0;
  let value = "a";
  const store = screenStore(
    () => [value],
    () => 500,
  );
  store.subscribe(() => (told += 1));
  const rows = store.rows();
  vi.advanceTimersByTime(10_000);
  expect(store.rows()).toBe(rows);
  value = "b";
  store.stop();
  store.touch(true);
  vi.advanceTimersByTime(10_000);
  expect(told).toBe(0);
});

test("one bell for a tray that passed, three for a FAIL, two for a refused scan, none for what rang already", () => {
  const passed = station({
    slots: tray(4, [ended("UNIT-1", 1000)]),
    last: [{ slot: "A1", barcode: "UNIT-1", outcome: "PASS", code: null, ms: 1000, retries: 0 }],
  });
  const refused = station({ call: { kind: "refused", code: "SCAN_PASSED", barcode: "UNIT-1", of: "" } });
  const otherFail = station({ call: { kind: "failed", slot: "B1", outcome: failure("CHIP_BUSY") } });
  expect(bellsFor(runningEight, passed)).toBe(1);
  expect(bellsFor(runningEight, failedEight)).toBe(3);
  expect(bellsFor(failedEight, failedEight)).toBe(0);
  expect(bellsFor(failedEight, otherFail)).toBe(3);
  expect(bellsFor(passed, refused)).toBe(2);
  expect(bellsFor(refused, { ...refused })).toBe(0);
  expect(bellsFor(refused, passed)).toBe(0);
});
