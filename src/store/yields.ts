import type { Stretch, Tally, YieldFacts } from "../model/yield.ts";
import type { Connection } from "./connection.ts";
import { countsNow, isRework } from "./counts.ts";
import { query } from "./query.ts";
import { recordsByTime } from "./through-attempts.ts";

interface Bounds {
  readonly from: string;
  readonly to: string;
  readonly profile: string | null;
}

type Sums = Omit<YieldFacts, "failures" | "bySlot" | "byRevision" | "byHour">;

interface CellRow {
  readonly code: string | null;
  readonly slot: string;
  readonly revision: string;
  readonly hour: string;
  readonly passed: number;
  readonly tried: number;
}

interface Passes {
  readonly sum: Sums | undefined;
  readonly all: readonly CellRow[];
}

/** To find a row through its attempt takes so many times as long as to go past it. */
const worthScanning = 3;

export interface YieldReads {
  yieldOf(stretch: Stretch): YieldFacts;
}

/** Two passes over the rows of a stretch; the file is read once for both. `rows`: records `r`, chosen by `startedAt`. */
function passes(db: Connection, rows: string, startedAt: string): (bounds: Bounds) => Passes {
  const inside = `${startedAt} >= @from AND ${startedAt} < @to AND r.realm = 'line' AND r.trial = 0
    AND (@profile IS NULL OR r.profile = @profile) AND ${countsNow("r")}`;
  // `attempt` counts the unit's attempts ever, so only a first one that does not count makes us look for another.
  const isFirst = `(r.attempt = 1 OR NOT EXISTS (SELECT 1 FROM attempts AS own CROSS JOIN attempts AS b ON b.unit_id = own.unit_id
    CROSS JOIN records AS p ON p.attempt_id = b.id WHERE own.id = r.attempt_id AND p.seq < r.seq AND ${countsNow("p")}))`;
  const sums = query<[Bounds], Sums>(
    db,
    `WITH tried AS (
       SELECT barcode, count(*) AS attempts,
         max(2 * seq + (outcome = 'PASS')) % 2 AS passed,
         max(outcome = 'PASS' AND marginal) AS marginal, max(first) AS first, max(first AND outcome = 'PASS') AS firstPass,
         max(rework) AS rework
       FROM (SELECT seq, barcode, outcome, marginal, ${isFirst} AS first,
           (r.attempt > 1 OR (SELECT count(*) FROM sources) > 0) AND ${isRework("r")} AS rework
         FROM ${rows} WHERE ${inside})
       GROUP BY barcode
     ), told AS (
       SELECT *, EXISTS (SELECT 1 FROM deeds WHERE kind = 'unit-scrapped' AND deeds.barcode = tried.barcode
           AND deeds.realm = 'line' AND at < @to) AS scrapped,
         rework OR EXISTS (SELECT 1 FROM deeds WHERE kind = 'unit-reworked' AND deeds.barcode = tried.barcode
           AND deeds.realm = 'line' AND at >= @from AND at < @to) AS reworked
       FROM tried
     )
     SELECT count(*) AS units, coalesce(sum(first), 0) AS firstSeen, coalesce(sum(firstPass), 0) AS firstPass,
       coalesce(sum(passed AND NOT scrapped), 0) AS passed,
       coalesce(sum(passed AND NOT scrapped AND marginal), 0) AS marginal,
       coalesce(sum(attempts > 1 AND NOT reworked), 0) AS retried,
       coalesce(sum(reworked), 0) AS reworked, coalesce(sum(attempts), 0) AS attempts FROM told`,
  );
  const cells = query<[Bounds], CellRow>(
    db,
    `SELECT code, slot, profile || ' ' || revision AS revision, substr(r.started_at, 12, 2) AS hour,
       sum(outcome = 'PASS') AS passed, count(*) AS tried
     FROM ${rows} WHERE ${inside} GROUP BY code, slot, r.profile, r.revision, hour`,
  );
  return (bounds) => ({ sum: sums.get(bounds), all: cells.all(bounds) });
}

/** Figures of a stretch of time across batches. */
export function yieldReads(db: Connection): YieldReads {
  const picked = passes(db, recordsByTime, "a.started_at");
  // Where most rows are wanted, each is found sooner in the order in which they lie.
  const scanned = passes(db, "records AS r", "r.started_at");
  const share = query<[Pick<Bounds, "from" | "to">], { readonly wanted: number; readonly all: number }>(
    db,
    `SELECT (SELECT count(*) FROM attempts WHERE started_at >= @from AND started_at < @to) AS wanted,
       (SELECT coalesce(max(seq), 0) FROM records) AS "all"`,
  );
  const both = db.transaction((bounds: Bounds) => {
    const { from, to } = bounds;
    const { wanted, all } = share.get({ from, to }) ?? { wanted: 0, all: 0 };
    return (wanted * worthScanning > all ? scanned : picked)(bounds);
  });

  return {
    yieldOf({ from, to, profile }) {
      const { sum, all } = both.deferred({
        from: from.toISOString(),
        to: to.toISOString(),
        profile: profile ?? null,
      });
      if (sum === undefined) throw new Error("no sums came back");
      const failed = all.flatMap(({ code, tried }) =>
        code === null ? [] : [{ name: code, passed: 0, tried }],
      );
      return {
        ...sum,
        failures: tally(failed)
          .map(({ name, tried }) => ({ code: name, count: tried }))
          .toSorted((a, b) => b.count - a.count),
        bySlot: tally(all.map(({ slot, passed, tried }) => ({ name: slot, passed, tried }))),
        byRevision: tally(all.map(({ revision, passed, tried }) => ({ name: revision, passed, tried }))),
        byHour: tally(all.map(({ hour, passed, tried }) => ({ name: hour, passed, tried }))),
      };
    },
  };
}

/** Sums of the same name, by name. */
function tally(rows: readonly Tally[]): Tally[] {
  const sums = new Map<string, { passed: number; tried: number }>();
  for (const { name, passed, tried } of rows) {
    const sum = sums.get(name) ?? { passed: 0, tried: 0 };
    sums.set(name, { passed: sum.passed + passed, tried: sum.tried + tried });
  }
  return [...sums].map(([name, sum]) => ({ name, ...sum })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
