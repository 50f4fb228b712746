import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { counts } from "../../../../src/store/counts/counts.ts";
import {
  batchOpening,
  dataFolder,
  failed,
  marginalPass,
  morning,
  overConnection,
  pass,
  run,
  unlocked,
} from "../books.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
const orders = ["WO-1", "WO-2"];
const outcomes = {
  pass,
  marginal: marginalPass,
  fail: failed("VERIFY_MISMATCH"),
  foreign: failed("FOREIGN_DEVICE"),
  stopped: failed("INTERRUPTED"),
};

const unit = fc.constantFrom("UNIT-1", "UNIT-2", "UNIT-3", "UNIT-4");
const realm = fc.constantFrom("line", "line", "sim" as const);
const act = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      unit,
      realm,
      batch: fc.constantFrom(...orders),
      slot: fc.constantFrom("A1", "A2", "B1"),
      outcome: fc.constantFrom(...(Object.keys(outcomes) as (keyof typeof outcomes)[])),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("void", "scrap", "rework" as const), unit, realm }),
  },
  { weight: 3, arbitrary: fc.constant({ do: "look" as const }) },
);

describe("the counts that a screen shows after each result", () => {
  test(`are those of the whole batch, whatever ended or was decided meanwhile (SEED=${seed})`, () => {
    let decided = 0;
    const property = fc.property(fc.array(act, { minLength: 12, maxLength: 40 }), (acts) => {
      const folder = dataFolder();
      unlocked(folder).close();
      const { db, store } = overConnection(folder);
      for (const id of orders) store.openBatch(batchOpening(id));
      const whole = counts(db);
      const why = { reason: "because", by: "A. Kim", role: "quality", at: morning } as const;
      const decide = { void: "voidAttempt", scrap: "scrapUnit", rework: "reworkUnit" } as const;
      for (const one of acts) {
        try {
          if (one.do === "run") {
            const { batch, slot } = one;
            run(store, one.unit, {
              outcome: outcomes[one.outcome],
              opening: { batch, slot, realm: one.realm },
            });
          } else if (one.do !== "look") {
            const target = { barcode: one.unit, realm: one.realm };
            if (one.do === "void") store.voidAttempt(target, null, why);
            else store[decide[one.do]](target, why);
            decided += 1;
          }
        } catch {
          // Such as a unit that was never made: nothing has happened.
        }
        if (one.do !== "look" && acts.length % 2 === 0) continue;
        for (const id of orders) {
          expect(store.batchCounts(id)).toEqual(whole.counts(id));
          expect(store.slotCounts(id)).toEqual(whole.slotCounts(id));
        }
      }
      for (const id of orders) expect(store.batchCounts(id)).toEqual(whole.counts(id));
      store.close();
    });
    fc.assert(property, { numRuns: 120, seed });
    expect(decided).toBeGreaterThan(50);
  });

  test("of an order that is not there are none", () => {
    const folder = dataFolder();
    unlocked(folder).close();
    const { store } = overConnection(folder);
    expect(store.batchCounts("WO-9")).toBeNull();
    store.close();
  });
});
