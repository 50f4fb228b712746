import type { AttemptRecord } from "../../model/attempt.ts";
import { chainStart, recordHash } from "../../model/chain.ts";
import type { Realm } from "../../model/ledger.ts";
import type { Connection } from "../file/connection.ts";
import { countsNow } from "../counts/counts.ts";
import { query } from "../file/query.ts";
import { queriedColumns, readRecord, recordText, type RecordBody } from "./record-text.ts";
import { StoreError } from "../store-error.ts";
import type { ChainHead } from "../terms.ts";
import { recordsOfUnit } from "./through-attempts.ts";

/** A row of the chain, as it is read back. */
export interface RecordRow {
  readonly seq: number;
  readonly body: string;
  readonly previous_hash: string;
  readonly hash: string;
}

/** Throws StoreError `damaged` for a row that says nothing. */
export function toRecord(row: RecordRow): AttemptRecord {
  try {
    return readRecord(row.body, row.previous_hash, row.hash);
  } catch (error) {
    throw new StoreError("damaged", `row ${row.seq} cannot be read: run an audit`, { cause: error });
  }
}

/** Rows are read in pieces: other statements of the connection go on between, and memory stays small. */
export const rowsAtOnce = 500;

export interface RecordReads {
  head(): ChainHead | null;
  records(batch?: string): Generator<AttemptRecord, void, undefined>;
  lastRecords(count: number, batch?: string): readonly AttemptRecord[];
  attemptsOf(barcode: string, realm: Realm): readonly AttemptRecord[];
  lastAttempt(barcode: string, realm: Realm): AttemptRecord | null;
  passedInBatch(batch: string, barcode: string, realm: Realm): boolean;
}

export function recordReads(db: Connection): RecordReads {
  const columns = "SELECT seq, body, previous_hash, hash FROM records";
  const last = query<[], ChainHead>(db, "SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1");
  const after = query<[number, number], RecordRow>(db, `${columns} WHERE seq > ? ORDER BY seq LIMIT ?`);
  const ofBatchAfter = query<[string, number, number], RecordRow>(
    db,
    `${columns} WHERE batch = ? AND seq > ? ORDER BY seq LIMIT ?`,
  );
  const newest = query<[number], RecordRow>(db, `${columns} ORDER BY seq DESC LIMIT ?`);
  const newestOfBatch = query<[string, number], RecordRow>(
    db,
    `${columns} WHERE batch = ? ORDER BY seq DESC LIMIT ?`,
  );
  // A unit runs once at a time, so its records follow one another as its attempts do; these are found without sorting.
  const ofUnitColumns = `SELECT r.seq, r.body, r.previous_hash, r.hash FROM ${recordsOfUnit}`;
  const ofUnit = query<[Realm, string], RecordRow>(
    db,
    `${ofUnitColumns} WHERE u.realm = ? AND u.barcode = ? ORDER BY a.attempt`,
  );
  const lastOfUnit = query<[Realm, string], RecordRow>(
    db,
    `${ofUnitColumns} WHERE u.realm = ? AND u.barcode = ? ORDER BY a.attempt DESC LIMIT 1`,
  );
  const pass = query<[Realm, string, string], { seq: number }>(
    db,
    // Neither a pass that is void, nor one before somebody took the board to rework it.
    `SELECT seq FROM ${recordsOfUnit} WHERE u.realm = ? AND u.barcode = ? AND r.batch = ? AND r.outcome = 'PASS' AND ${countsNow("r")}
       AND NOT EXISTS (SELECT 1 FROM deeds WHERE kind = 'unit-reworked' AND deeds.barcode = r.barcode
         AND deeds.realm = r.realm AND deeds.record >= r.seq) LIMIT 1`,
  );
  // A pass of another station's books; who reworks such a board says so here.
  const passElsewhere = query<[Realm, string, string], { seq: number }>(
    db,
    `SELECT seq FROM elsewhere AS e WHERE realm = ? AND barcode = ? AND batch = ? AND outcome = 'PASS'
       AND NOT EXISTS (SELECT 1 FROM elsewhere_voids AS v WHERE v.source_id = e.source_id AND v.seq = e.seq)
       AND NOT EXISTS (SELECT 1 FROM deeds WHERE kind = 'unit-reworked' AND deeds.barcode = e.barcode
         AND deeds.realm = e.realm AND deeds.batch = e.batch) LIMIT 1`,
  );

  return {
    head: () => last.get() ?? null,
    *records(batch) {
      for (let seq = 0; ;) {
        const rows =
          batch === undefined ? after.all(seq, rowsAtOnce) : ofBatchAfter.all(batch, seq, rowsAtOnce);
        for (const row of rows) yield toRecord(row);
        const end = rows.at(-1);
        if (end === undefined) return;
        seq = end.seq;
      }
    },
    lastRecords: (count, batch) =>
      (batch === undefined ? newest.all(count) : newestOfBatch.all(batch, count)).map(toRecord),
    attemptsOf: (barcode, realm) => ofUnit.all(realm, barcode).map(toRecord),
    lastAttempt(barcode, realm) {
      const row = lastOfUnit.get(realm, barcode);
      return row === undefined ? null : toRecord(row);
    },
    passedInBatch: (batch, barcode, realm) =>
      pass.get(realm, barcode, batch) !== undefined || passElsewhere.get(realm, barcode, batch) !== undefined,
  };
}

/** Writes the next row of the chain, inside the caller's transaction. */
export function recordWriter(
  db: Connection,
): (attempt: number, what: Omit<RecordBody, "seq">) => AttemptRecord {
  const head = query<[], ChainHead>(db, "SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1");
  const names = [...queriedColumns.map(({ name }) => name), "attempt_id", "body", "previous_hash", "hash"];
  const insert = query<(string | number | null)[]>(
    db,
    `INSERT INTO records (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
  );
  return (attempt, what) => {
    const before = head.get() ?? { seq: 0, hash: chainStart };
    const record: RecordBody = { seq: before.seq + 1, ...what };
    const body = recordText(record);
    const hash = recordHash(before.hash, record.seq, body);
    insert.run(...queriedColumns.map(({ of }) => of(record)), attempt, body, before.hash, hash);
    return { ...record, previousHash: before.hash, hash };
  };
}
