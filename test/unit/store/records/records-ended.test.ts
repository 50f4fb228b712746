import { expect, test } from "vitest";
import { batchOpening, begin, morning, pass, ready } from "../books.ts";

test("attempts of a stretch are those that ended in it, of the orders that are named, in the order of the chain", () => {
  const store = ready();
  store.openBatch(batchOpening("WO-2"));
  store.openBatch(batchOpening("WO-3"));
  const minute = (n: number): Date => new Date(morning.getTime() + n * 60_000);
  const endsAt = (barcode: string, batch: string, at: Date): void => {
    const { attempt } = begin(store, barcode, { opening: { batch } });
    store.closeAttempt(attempt, { at, ms: 1000, outcome: pass });
  };
  // More than are read at once, so that the next piece goes on where the last one ended.
  for (let n = 0; n < 600; n += 1) endsAt(`EARLY-${n}`, "WO-1", minute(1));
  endsAt("UNIT-1", "WO-2", minute(10));
  endsAt("UNIT-2", "WO-1", minute(20));
  endsAt("UNIT-3", "WO-3", minute(20));
  endsAt("UNIT-4", "WO-1", minute(19));
  endsAt("UNIT-5", "WO-2", minute(30));
  const found = (batches: readonly string[], from: Date | null, to: Date | null): string[] =>
    Array.from(store.recordsEnded({ batches, from, to }), ({ barcode }) => barcode);

  expect(found(["WO-2", "WO-1"], minute(10), minute(30))).toEqual(["UNIT-1", "UNIT-2", "UNIT-4"]);
  expect(found(["WO-3"], null, null)).toEqual(["UNIT-3"]);
  expect(found(["WO-1"], null, minute(2))).toHaveLength(600);
  expect(found(["WO-1", "WO-2", "WO-3"], null, null)).toHaveLength(605);
  expect(found(["WO-2"], minute(11), minute(30))).toEqual([]);
  expect(found(["NONE"], null, null)).toEqual([]);
  expect(found([], null, null)).toEqual([]);
});
