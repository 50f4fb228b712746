import type { AttemptRecord } from "../../../src/model/attempt.ts";
import type { KeptDeed } from "../../../src/model/deed.ts";
import type { Stretch, YieldFacts } from "../../../src/model/yield.ts";
import type { Store } from "../../../src/store/store.ts";

/** The unit figures of a stretch, counted unit by unit from the records, as docs say them. */
export function judgedYield(store: Store, { from, to, profile }: Stretch): Partial<YieldFacts> {
  const deeds = store.deeds();
  const voids = new Set(
    deeds.filter(({ kind }) => kind === "unit-voided").map(({ detail }) => detail["record"]),
  );
  const lives = new Map<string, AttemptRecord[]>();
  const counting: AttemptRecord[] = [];
  for (const one of store.records()) {
    if (one.realm !== "line" || one.outcome.kind === "SKIPPED" || voids.has(one.seq)) continue;
    lives.set(one.barcode, [...(lives.get(one.barcode) ?? []), one]);
    counting.push(one);
  }
  const isIn = (one: AttemptRecord): boolean =>
    !one.trial && one.startedAt >= from && one.startedAt < to && (profile ?? one.profile) === one.profile;
  const units = [...lives].flatMap(([barcode, life]) => {
    const own = life.filter(isIn);
    const last = own.at(-1);
    const told = deeds.filter((deed) => deed.barcode === barcode && deed.realm === "line" && deed.at < to);
    return last === undefined ? [] : [unitOf(life, own, last, told, from)];
  });
  const many = (keep: (unit: (typeof units)[number]) => boolean): number => units.filter(keep).length;
  return {
    units: units.length,
    firstSeen: many(({ first }) => first),
    firstPass: many(({ firstPass }) => firstPass),
    passed: many(({ passed }) => passed),
    marginal: many(({ passed, marginal }) => passed && marginal),
    retried: many(({ attempts, reworked }) => attempts > 1 && !reworked),
    reworked: many(({ reworked }) => reworked),
    attempts: counting.filter(isIn).length,
  };
}

function unitOf(
  life: readonly AttemptRecord[],
  own: readonly AttemptRecord[],
  last: AttemptRecord,
  told: readonly KeptDeed[],
  from: Date,
) {
  const [ever] = life;
  const first = ever !== undefined && own.includes(ever);
  return {
    attempts: own.length,
    first,
    firstPass: first && ever.outcome.kind === "PASS",
    passed: last.outcome.kind === "PASS" && !told.some(({ kind }) => kind === "unit-scrapped"),
    marginal: own.some(({ outcome }) => outcome.kind === "PASS" && outcome.marginal),
    reworked:
      own.some(({ reason }) => reason === "rework") ||
      told.some(({ kind, at }) => kind === "unit-reworked" && at >= from),
  };
}
