import { chainStart, recordHash } from "../model/chain.ts";
import type { Connection } from "./connection.ts";
import { versionOf } from "./migrate.ts";
import { openFile } from "./open-read-only.ts";
import { query } from "./query.ts";
import { queriedColumns, readRecord } from "./record-text.ts";
import { complaining } from "./sqlite-complaint.ts";
import { StoreError } from "./store-error.ts";
import type { AuditReport, ChainHead } from "./store.ts";

type WholeRow = Readonly<Record<string, string | number | null>> & {
  readonly seq: number;
  readonly barcode: string;
  readonly body: string;
  readonly previous_hash: string;
  readonly hash: string;
};

const rowsAtOnce = 500;

/**
 * Walks the chain of a file, which may be a copy of `gangflash.db` on its own; nothing is written beside it. What the
 * chain alone cannot find: a tail that was cut off, an older copy, and a chain written anew from some row on. Those
 * need a head that somebody else kept. Throws StoreError when there is no such file, or it is not a readable database.
 */
export function audit(file: string, onRow?: (seq: number) => void): AuditReport {
  return complaining(file, () => {
    using opened = openFile(file);
    if (versionOf(opened.db, file) === 0) throw new StoreError("damaged", `${file}: the database is empty`);
    return auditConnection(opened.db, onRow);
  });
}

/** The same over an open connection. Rows that come meanwhile are walked too. */
export function auditConnection(db: Connection, onRow?: (seq: number) => void): AuditReport {
  const next = query<[number, number], WholeRow>(
    db,
    "SELECT * FROM records WHERE seq > ? ORDER BY seq LIMIT ?",
  );
  let head: ChainHead | null = null;
  for (;;) {
    const rows: readonly WholeRow[] = next.all(head?.seq ?? Number.MIN_SAFE_INTEGER, rowsAtOnce);
    if (rows.length === 0) return { kind: "whole", rows: head?.seq ?? 0, head };
    for (const row of rows) {
      const why = complaint(row, head);
      if (why !== null) return { kind: "broken", rows: head?.seq ?? 0, broken: { ...place(row, head), why } };
      head = { seq: row.seq, hash: row.hash };
      onRow?.(row.seq);
    }
  }
}

function place(row: WholeRow, before: ChainHead | null): { seq: number; barcode: string | null } {
  const wanted = (before?.seq ?? 0) + 1;
  return row.seq > wanted ? { seq: wanted, barcode: null } : { seq: row.seq, barcode: row.barcode };
}

function complaint(row: WholeRow, before: ChainHead | null): string | null {
  const wanted = (before?.seq ?? 0) + 1;
  if (row.seq < wanted) return "there is no row before the first";
  if (row.seq > wanted) return `the row is missing: row ${row.seq} comes next`;
  const previous = before?.hash ?? chainStart;
  if (row.previous_hash !== previous)
    return before === null
      ? "it does not begin the chain"
      : `it does not follow row ${before.seq}: the hash before is another one`;
  if (recordHash(previous, row.seq, row.body) !== row.hash) return "its text is not the text that was hashed";
  return contradiction(row);
}

/** The body is what the chain proves; a column that says otherwise would let a query lie. */
function contradiction(row: WholeRow): string | null {
  try {
    const record = readRecord(row.body, row.previous_hash, row.hash);
    const liar = queriedColumns.find(({ name, of }) => of(record) !== row[name]);
    if (liar === undefined) return null;
    const said = JSON.stringify(row[liar.name]);
    return `column ${liar.name} says ${said}, the record says ${JSON.stringify(liar.of(record))}`;
  } catch {
    return "its text is not a record";
  }
}
