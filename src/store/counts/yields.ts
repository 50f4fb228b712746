import type { Stretch, Tally, YieldFacts } from "../../model/yield.ts";
import type { Connection } from "../file/connection.ts";
import { countsNow, isRework } from "./counts.ts";
import { query } from "../file/query.ts";
import { recordsByTime } from "../records/through-attempts.ts";
import { unitTally } from "./unit-tally.ts";

interface Bounds {
  readonly from: string;
  readonly to: string;
  readonly profile: string | null;
}

/** One attempt that counts. */
interface AttemptRow {
  readonly unit: number;
  /** Whether it belongs to the stretch and the profile that were asked for, and is no trial. */
  readonly inside: number;
  /** Counts the unit's attempts ever. */
  readonly attempt: number;
  /** Whether an earlier attempt of the unit counts; `null`: the rows before this one say so. */
  readonly earlier: number | null;
  readonly passed: number;
  readonly marginal: number;
  readonly rework: number;
  readonly code: string | null;
  readonly slot: string;
  readonly revision: string;
  readonly hour: string;
}

/** To find a row through its attempt takes so many times as long as to go past it. */
const worthScanning = 3;

export interface YieldReads {
  yieldOf(stretch: Stretch): YieldFacts;
}

/**
 * Attempts of the line that count, in the order of the chain. `inside`: which of them are asked for; `earlier`: what says
 * whether an earlier one of the unit counts. A text is looked into only where a rework can be told in it.
 */
const attemptRows = (rows: string, where: string, inside: string, earlier: string): string =>
  `SELECT a.unit_id AS unit, ${inside} AS inside, r.attempt AS attempt, ${earlier} AS earlier,
     r.outcome = 'PASS' AS passed, r.marginal AS marginal,
     CASE WHEN r.attempt > 1 OR (SELECT count(*) FROM sources) > 0 THEN ${isRework("r")} ELSE 0 END AS rework,
     r.code AS code, r.slot AS slot, r.profile || ' ' || r.revision AS revision, substr(r.started_at, 12, 2) AS hour
   FROM ${rows} WHERE ${where} AND r.realm = 'line' AND ${countsNow("r")} ORDER BY r.seq`;

const asked = "r.trial = 0 AND (@profile IS NULL OR r.profile = @profile)";

/** Figures of a stretch of time across batches. */
export function yieldReads(db: Connection): YieldReads {
  // Only a first attempt that does not count makes us look for another.
  const picked = query<[Bounds], AttemptRow>(
    db,
    attemptRows(
      recordsByTime,
      `a.started_at >= @from AND a.started_at < @to AND ${asked}`,
      "1",
      `CASE WHEN r.attempt > 1 THEN EXISTS (SELECT 1 FROM attempts AS b CROSS JOIN records AS p ON p.attempt_id = b.id
         WHERE b.unit_id = a.unit_id AND p.seq < r.seq AND ${countsNow("p")}) ELSE 0 END`,
    ),
  );
  // Where most rows are wanted, each is found sooner in the order in which they lie, and those before it are known.
  const scanned = query<[Bounds], AttemptRow>(
    db,
    attemptRows(
      "records AS r CROSS JOIN attempts AS a ON a.id = r.attempt_id",
      "true",
      `r.started_at >= @from AND r.started_at < @to AND ${asked}`,
      "NULL",
    ),
  );
  const share = query<[Pick<Bounds, "from" | "to">], { readonly wanted: number; readonly all: number }>(
    db,
    `SELECT (SELECT count(*) FROM attempts WHERE started_at >= @from AND started_at < @to) AS wanted,
       (SELECT coalesce(max(seq), 0) FROM records) AS "all"`,
  );
  // A scrapped unit did not pass, whenever it was; a rework counts when it was told.
  const decided = query<[Pick<Bounds, "from" | "to">], { readonly unit: number; readonly scrapped: number }>(
    db,
    `SELECT u.id AS unit, d.kind = 'unit-scrapped' AS scrapped
     FROM deeds AS d CROSS JOIN units AS u ON u.realm = d.realm AND u.barcode = d.barcode
     WHERE d.kind IN ('unit-scrapped', 'unit-reworked') AND d.realm = 'line' AND d.at < @to
       AND (d.kind = 'unit-scrapped' OR d.at >= @from)`,
  );

  const count = db.transaction((bounds: Bounds): YieldFacts => {
    const { from, to } = bounds;
    const { wanted, all } = share.get({ from, to }) ?? { wanted: 0, all: 0 };
    const units = unitTally();
    const [codes, slots, revisions, hours] = [tally(), tally(), tally(), tally()];
    for (const row of (wanted * worthScanning > all ? scanned : picked).each(bounds)) {
      const { unit, attempt, earlier, code, slot, revision, hour } = row;
      if (row.inside === 0) {
        units.outside(unit);
        continue;
      }
      const first = attempt === 1 || !(earlier === null ? units.has(unit) : earlier === 1);
      const passed = row.passed === 1;
      units.add(unit, { first, passed, marginal: row.marginal === 1, rework: row.rework === 1 });
      if (code !== null) codes.add(code, false);
      slots.add(slot, passed);
      revisions.add(revision, passed);
      hours.add(hour, passed);
    }
    for (const { unit, scrapped } of decided.all({ from, to }))
      units.decided(unit, scrapped === 1 ? "scrapped" : "reworked");
    return {
      ...units.sums(),
      failures: codes
        .byName()
        .map(({ name, tried }) => ({ code: name, count: tried }))
        .toSorted((a, b) => b.count - a.count),
      bySlot: slots.byName(),
      byRevision: revisions.byName(),
      byHour: hours.byName(),
    };
  });

  return {
    yieldOf: ({ from, to, profile }) =>
      count.deferred({ from: from.toISOString(), to: to.toISOString(), profile: profile ?? null }),
  };
}

/** Sums of the same name. */
function tally() {
  const sums = new Map<string, { passed: number; tried: number }>();
  return {
    add(name: string, passed: boolean): void {
      let sum = sums.get(name);
      if (sum === undefined) sums.set(name, (sum = { passed: 0, tried: 0 }));
      sum.tried += 1;
      if (passed) sum.passed += 1;
    },
    byName: (): Tally[] =>
      Array.from(sums, ([name, sum]) => ({ name, ...sum })).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
