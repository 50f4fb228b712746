import { expect, test } from "vitest";
import { random, replay, seed } from "../../../reliability/random.ts";
import { batchOpening, failed, marginalPass, morning, pass, ready, run } from "../books.ts";
import { judgedYield } from "../yield-judge.ts";

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

test(`whatever became of the units, any stretch counts as their records and deeds say (seed ${seed})`, () => {
  const dice = random("yields");
  const store = ready();
  store.openBatch(batchOpening("WO-2"));
  const scrapped = new Set<string>();
  for (let n = 0; n < 300; n += 1) {
    const unit = line(`UNIT-${dice.below(60)}`);
    if (scrapped.has(unit.barcode)) continue;
    const realm = dice.chance(0.1) ? "sim" : "line";
    const reason = store.lastAttempt(unit.barcode, realm) !== null && dice.chance(0.2) ? "rework" : "first";
    // The clock of a station may be set back: a later attempt may say an earlier time.
    const startedAt = new Date(hours(n / 10).getTime() - (dice.chance(0.1) ? 7_200_000 : 0));
    const more = {
      startedAt,
      reason,
      reworkReason: reason === "rework" ? "new chip" : null,
      batch: dice.pick(["WO-1", "WO-2"]),
      slot: dice.pick(["A1", "A2"]),
      trial: dice.chance(0.1),
      realm,
      profile: dice.pick(["vesc-60", "vesc-75"]),
    } as const;
    const outcome = dice.pick([
      pass,
      pass,
      marginalPass,
      failed("VERIFY_MISMATCH"),
      failed("FOREIGN_DEVICE"),
    ]);
    run(store, unit.barcode, { opening: more, outcome });
    const at = hours(n / 10);
    if (realm === "sim") continue;
    if (dice.chance(0.15)) store.voidAttempt(unit, null, { ...why, at });
    else if (dice.chance(0.1)) store.reworkUnit(unit, { ...why, at });
    else if (dice.chance(0.05)) {
      store.scrapUnit(unit, { ...why, at });
      scrapped.add(unit.barcode);
    }
  }
  for (let n = 0; n < 60; n += 1) {
    const from = hours(dice.below(300) / 10);
    const stretch = { from, to: new Date(from.getTime() + (1 + dice.below(300)) * 360_000) };
    const asked = dice.chance(0.3) ? { ...stretch, profile: "vesc-60" } : stretch;
    expect(store.yieldOf(asked), replay(JSON.stringify(asked))).toMatchObject(judgedYield(store, asked));
  }
});
