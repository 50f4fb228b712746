import type { AttemptRecord } from "../../model/attempt.ts";
import type { Connection } from "../file/connection.ts";
import { query } from "../file/query.ts";
import { rowsAtOnce, toRecord, type RecordRow } from "./records.ts";

/** Which attempts, by their end. */
export interface Ended {
  /** Of these batches only. */
  readonly batches: readonly string[];
  /** Belongs to the stretch; `null`: from the first record. */
  readonly from: Date | null;
  /** Does not; `null`: up to the last one. */
  readonly to: Date | null;
}

interface Bounds {
  readonly after: number;
  readonly last: number;
  readonly from: string;
  readonly to: string;
  /** JSON. */
  readonly batches: string;
  readonly most: number;
}

/**
 * Closed attempts of some batches that ended in a stretch of time, in the order of the chain, in constant memory. A row that
 * ended at another time is passed by without its text. The batches' first and last records say where to look: orders that
 * were open together lie side by side in the chain.
 */
export function endedReads(db: Connection): (ended: Ended) => Generator<AttemptRecord, void, undefined> {
  type Place = { readonly seq: number | null };
  const first = query<[string], Place>(db, "SELECT min(seq) AS seq FROM records WHERE batch = ?");
  const last = query<[string], Place>(db, "SELECT max(seq) AS seq FROM records WHERE batch = ?");
  // The plus: in the order in which they lie, not by the index of batches.
  const after = query<[Bounds], RecordRow>(
    db,
    `SELECT seq, body, previous_hash, hash FROM records
     WHERE seq > @after AND seq <= @last AND ended_at >= @from AND ended_at < @to
       AND +batch IN (SELECT value FROM json_each(@batches)) ORDER BY seq LIMIT @most`,
  );
  return function* ended({ batches, from, to }) {
    const places = (of: typeof first): number[] =>
      batches.flatMap((id) => {
        const seq = of.get(id)?.seq ?? null;
        return seq === null ? [] : [seq];
      });
    const bounds = {
      last: places(last).reduce((high, seq) => Math.max(high, seq), 0),
      from: from?.toISOString() ?? "",
      // Behind every time.
      to: to?.toISOString() ?? "~",
      batches: JSON.stringify(batches),
      most: rowsAtOnce,
    };
    let seq = places(first).reduce((low, one) => Math.min(low, one), bounds.last + 1) - 1;
    while (seq < bounds.last) {
      const rows = after.all({ ...bounds, after: seq });
      for (const row of rows) yield toRecord(row);
      const end = rows.at(-1);
      if (end === undefined) return;
      seq = end.seq;
    }
  };
}
