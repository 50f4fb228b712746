import type { BatchCounts } from "../model/batch.ts";
import type { BatchFacts } from "../model/facts.ts";
import type { Connection } from "./connection.ts";
import { query } from "./query.ts";

export interface Counts {
  /**
   * Units of a batch. A slot with a foreign device in it (SKIPPED) says nothing of a unit and counts nowhere.
   * - `passed`, `failed`: by the last attempt of the unit in this batch.
   * - `firstSeen`: units whose first attempt ever, in this data folder, is in this batch; `firstPass`: of those, the
   *   ones whose first attempt passed. A unit that failed in another batch or as a trial cannot be a first pass here.
   * - A marginal pass is a pass, also a first one: the board is good. It is told apart in `marginal`: of the passed
   *   units, those that have a marginal pass in this batch, also if a later rework passed plainly.
   */
  counts(batch: string): BatchCounts;
  /** Attempts that failed, by code, the most frequent first. */
  failures(batch: string): BatchFacts["failures"];
  /** Every attempt that was not SKIPPED, by slot. */
  bySlot(batch: string): BatchFacts["bySlot"];
}

interface Batched {
  readonly batch: string;
}

export function counts(db: Connection): Counts {
  const units = query<[Batched], BatchCounts>(
    db,
    `WITH tried AS (
       SELECT realm, barcode, max(seq) AS last, max(outcome = 'PASS' AND marginal) AS marginal
       FROM records WHERE batch = @batch AND outcome <> 'SKIPPED' GROUP BY realm, barcode
     ), told AS (
       SELECT tried.marginal AS marginal, last.outcome = 'PASS' AS passed,
         (SELECT min(seq) FROM records AS r
          WHERE r.realm = tried.realm AND r.barcode = tried.barcode AND r.outcome <> 'SKIPPED') AS first
       FROM tried JOIN records AS last ON last.seq = tried.last
     )
     SELECT
       coalesce(sum(passed), 0) AS passed,
       coalesce(sum(NOT passed), 0) AS failed,
       count(*) AS seen,
       coalesce(sum(first.batch = @batch AND first.outcome = 'PASS'), 0) AS firstPass,
       coalesce(sum(first.batch = @batch), 0) AS firstSeen,
       coalesce(sum(passed AND told.marginal), 0) AS marginal
     FROM told JOIN records AS first ON first.seq = told.first`,
  );
  const failures = query<[Batched], BatchFacts["failures"][number]>(
    db,
    `SELECT code, count(*) AS count FROM records
     WHERE batch = @batch AND outcome NOT IN ('PASS', 'SKIPPED') GROUP BY code ORDER BY count(*) DESC, code`,
  );
  const bySlot = query<[Batched], BatchFacts["bySlot"][number]>(
    db,
    `SELECT slot, sum(outcome = 'PASS') AS passed, count(*) AS tried FROM records
     WHERE batch = @batch AND outcome <> 'SKIPPED' GROUP BY slot ORDER BY slot`,
  );
  return {
    counts(batch) {
      const row = units.get({ batch });
      if (row === undefined) throw new Error("no counts came back");
      return row;
    },
    failures: (batch) => failures.all({ batch }),
    bySlot: (batch) => bySlot.all({ batch }),
  };
}
