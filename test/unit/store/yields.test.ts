import { expect, test } from "vitest";
import { batchOpening, failed, marginalPass, morning, ready, run } from "./books.ts";

const hours = (n: number): Date => new Date(morning.getTime() + n * 3_600_000);
const day = { from: hours(0), to: hours(24) };
const line = (barcode: string) => ({ barcode, realm: "line" }) as const;
const why = { reason: "bad fixture", by: "A. Kim", role: null, at: hours(5) } as const;

test("a day's yield is by the first time that a unit was ever seen, across batches", () => {
  const store = ready();
  store.openBatch(batchOpening("WO-2"));
  const at = (n: number, batch = "WO-1") => ({ opening: { startedAt: hours(n), batch } });
  run(store, "UNIT-1", at(-2));
  run(store, "UNIT-1", at(1, "WO-2"));
  run(store, "UNIT-2", { ...at(1), outcome: failed("VERIFY_MISMATCH") });
  run(store, "UNIT-2", at(2, "WO-2"));
  run(store, "UNIT-3", { ...at(3), outcome: marginalPass });
  run(store, "UNIT-4", { ...at(3), outcome: failed("NO_BOARD") });
  run(store, "UNIT-4", at(4));
  store.voidAttempt(line("UNIT-4"), 1, why);
  run(store, "UNIT-5", at(4));
  store.scrapUnit(line("UNIT-5"), why);
  run(store, "UNIT-6", { opening: { startedAt: hours(3), trial: true } });
  run(store, "UNIT-7", { opening: { startedAt: hours(3), realm: "sim" } });
  run(store, "UNIT-8", at(30));
  expect(store.yieldOf(day)).toEqual({
    units: 5,
    firstSeen: 4,
    firstPass: 3,
    passed: 4,
    marginal: 1,
    retried: 1,
    reworked: 0,
    attempts: 6,
    failures: [{ code: "VERIFY_MISMATCH", count: 1 }],
    bySlot: [{ name: "A1", passed: 5, tried: 6 }],
    byRevision: [{ name: "vesc-60 C", passed: 5, tried: 6 }],
    byHour: [
      { name: "07", passed: 1, tried: 2 },
      { name: "08", passed: 1, tried: 1 },
      { name: "09", passed: 1, tried: 1 },
      { name: "10", passed: 2, tried: 2 },
    ],
  });
  // A short stretch is found another way than one that holds most of the books.
  expect(store.yieldOf({ from: hours(1), to: hours(2) })).toMatchObject({
    units: 2,
    firstSeen: 1,
    firstPass: 0,
    passed: 1,
    attempts: 2,
    failures: [{ code: "VERIFY_MISMATCH", count: 1 }],
  });
  expect(store.yieldOf({ from: hours(30), to: hours(31) })).toMatchObject({ units: 1, firstPass: 1 });
  expect(store.yieldOf({ from: hours(40), to: hours(41) })).toMatchObject({ units: 0, failures: [] });
});
