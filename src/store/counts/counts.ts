import type { BatchCounts } from "../../model/batch.ts";
import type { BatchFacts, BatchFigures, SlotCount } from "../../model/facts.ts";
import type { Connection } from "../file/connection.ts";
import { query } from "../file/query.ts";
import { recordsByTime, recordsOfUnit } from "../records/through-attempts.ts";

export interface Counts {
  /**
   * Units of a batch. A slot with a foreign device in it (SKIPPED) says nothing of a unit and counts nowhere; nor does
   * an attempt that is void.
   * - `passed`, `failed`: by the last attempt of the unit in this batch; a unit that was scrapped did not pass.
   * - `firstSeen`: units whose first attempt ever, in this data folder, is in this batch; `firstPass`: of those, the
   *   ones whose first attempt passed. A unit that failed in another batch or as a trial cannot be a first pass here.
   * - A marginal pass is a pass, also a first one: the board is good. It is told apart in `marginal`: of the passed
   *   units, those that have a marginal pass in this batch, also if a later rework passed plainly.
   */
  counts(batch: string): BatchCounts;
  figures(batch: string): BatchFigures;
  /** Attempts that failed, by code, the most frequent first. */
  failures(batch: string): BatchFacts["failures"];
  /** Every attempt that was not SKIPPED, by slot. */
  bySlot(batch: string): BatchFacts["bySlot"];
  slotCounts(batch: string | null, since?: Date): readonly SlotCount[];
}

/** A condition: the row of `records` under this name counts. */
export const countsNow = (records: string): string =>
  `${records}.outcome <> 'SKIPPED' AND ${records}.seq NOT IN (SELECT record FROM deeds WHERE kind = 'unit-voided' AND record IS NOT NULL)`;

/**
 * A condition: the attempt of this row was a rework. Found without reading the text as JSON: inside a JSON text a quote has
 * a backslash before it, so this can only be the key.
 */
export const isRework = (records: string): string => `(instr(${records}.body, '"reason":"rework"') > 0)`;

/** A condition: the unit of this row was scrapped in its batch. */
const scrapped = (of: string): string => `EXISTS (SELECT 1 FROM deeds WHERE kind = 'unit-scrapped'
  AND deeds.barcode = ${of}.barcode AND deeds.realm = ${of}.realm AND deeds.batch = @batch)`;

interface Batched {
  readonly batch: string;
}

export function counts(db: Connection): Counts {
  const units = query<[Batched], BatchCounts>(
    db,
    `WITH tried AS (
       SELECT realm, barcode, max(seq) AS last, max(outcome = 'PASS' AND marginal) AS marginal
       FROM records WHERE batch = @batch AND ${countsNow("records")} GROUP BY realm, barcode
     ), told AS (
       SELECT tried.marginal AS marginal, last.outcome = 'PASS' AND NOT ${scrapped("tried")} AS passed,
         (SELECT min(r.seq) FROM ${recordsOfUnit}
          WHERE u.realm = tried.realm AND u.barcode = tried.barcode AND ${countsNow("r")}) AS first
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
     WHERE batch = @batch AND outcome <> 'PASS' AND ${countsNow("records")} GROUP BY code ORDER BY count(*) DESC, code`,
  );
  const bySlot = query<[Batched], BatchFacts["bySlot"][number]>(
    db,
    `SELECT slot, sum(outcome = 'PASS') AS passed, count(*) AS tried FROM records
     WHERE batch = @batch AND ${countsNow("records")} GROUP BY slot ORDER BY slot`,
  );
  // `first` and `retry` say how a unit came to its first slot; a rework is one whichever way it was told.
  const figures = query<[Batched], BatchFigures>(
    db,
    // Materialized: SQLite would else carry the whole texts through the sorting of the groups.
    `WITH own AS MATERIALIZED (
       SELECT realm, barcode, ${isRework("records")} AS rework
       FROM records WHERE batch = @batch AND ${countsNow("records")}
     ), tried AS (
       SELECT realm, barcode, count(*) AS attempts, max(rework) AS rework FROM own GROUP BY realm, barcode
     ), told AS (
       SELECT attempts, rework OR EXISTS (
         SELECT 1 FROM deeds WHERE kind = 'unit-reworked' AND deeds.barcode = tried.barcode
           AND deeds.realm = tried.realm AND deeds.batch = @batch) AS rework
       FROM tried
     )
     SELECT
       coalesce(sum(attempts), 0) AS attempts,
       coalesce(sum(attempts > 1 AND NOT rework), 0) AS retried,
       coalesce(sum(rework), 0) AS reworked,
       -- Also a unit of which every attempt is void.
       (SELECT count(DISTINCT realm || barcode) FROM deeds WHERE kind = 'unit-scrapped' AND batch = @batch) AS scrapped,
       (SELECT count(record) FROM deeds WHERE kind = 'unit-voided' AND batch = @batch) AS voided
     FROM told`,
  );
  const slotColumns = "SELECT slot, sum(outcome = 'PASS') AS passed, sum(outcome <> 'PASS') AS failed";
  const telling = `outcome <> 'ABORTED' AND ${countsNow("r")}`;
  const slotsOfBatch = query<[Batched & { readonly since: string }], SlotCount>(
    db,
    `${slotColumns} FROM records AS r WHERE batch = @batch AND started_at >= @since AND ${telling}
     GROUP BY slot ORDER BY slot`,
  );
  const slotsOfAll = query<[{ readonly since: string }], SlotCount>(
    db,
    `${slotColumns} FROM ${recordsByTime} WHERE a.started_at >= @since AND r.realm = 'line' AND ${telling}
     GROUP BY slot ORDER BY slot`,
  );
  return {
    slotCounts(batch, at) {
      const since = at?.toISOString() ?? "";
      return batch === null ? slotsOfAll.all({ since }) : slotsOfBatch.all({ batch, since });
    },
    figures(batch) {
      const row = figures.get({ batch });
      if (row === undefined) throw new Error("no figures came back");
      return row;
    },
    counts(batch) {
      const row = units.get({ batch });
      if (row === undefined) throw new Error("no counts came back");
      return row;
    },
    failures: (batch) => failures.all({ batch }),
    bySlot: (batch) => bySlot.all({ batch }),
  };
}
