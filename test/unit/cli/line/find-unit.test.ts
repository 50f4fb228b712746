import { expect, test } from "vitest";
import { unitFinder } from "../../../../src/cli/line/find-unit.ts";
import { batchOpening, dataFolder, owned, run } from "../../store/books.ts";

test("a look-up says which record of a unit was changed after it was written", () => {
  const store = owned(dataFolder());
  store.openBatch(batchOpening("WO-1"));
  const record = run(store, "UNIT-1");
  expect(unitFinder(store)("UNIT-1")).toMatchObject({ barcode: "UNIT-1", changed: null });
  const search = store.unitLife("UNIT-1");
  if (search.kind !== "found") throw new Error("the unit is not there");
  const attempts = search.life.attempts.map((one) => ({ ...one, operator: "somebody else" }));
  const forged = { ...search, life: { ...search.life, attempts } };
  expect(unitFinder({ unitLife: () => forged })("UNIT-1")).toMatchObject({ changed: record.seq });
});
