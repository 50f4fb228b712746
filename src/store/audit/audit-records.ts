import { chainStart, recordHash } from "../../model/chain.ts";
import type { Connection } from "../file/connection.ts";
import { query } from "../file/query.ts";
import { queriedColumns, readRecord } from "../records/record-text.ts";
import type { AuditOptions, BrokenRow, ChainHead } from "../terms.ts";

interface WholeRow {
  readonly seq: number;
  readonly batch: string;
  readonly realm: string;
  readonly barcode: string;
  readonly attempt: number;
  readonly uid: string | null;
  readonly serial: string | null;
  readonly slot: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly marginal: number;
  readonly trial: number;
  readonly profile: string;
  readonly revision: string;
  readonly profile_hash: string;
  readonly operator: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly ms: number;
  readonly body: string;
  readonly previous_hash: string;
  readonly hash: string;
  /** Whether the text begins with the opening of the attempt, word for word. */
  readonly opened: number | null;
  /** From the attempt, whose columns queries find records by. */
  readonly opened_attempt: number | null;
  readonly opened_batch: string | null;
  readonly opened_profile: string | null;
  /** From the attempt's unit; `null` where it is not there. */
  readonly unit_realm: string | null;
  readonly unit_barcode: string | null;
  readonly unit_uid: string | null;
  /** A number whose last attempt it was, and that its text does not list as it stands in the ledger. */
  readonly stray: number | null;
  /** 1: the ledger gives its serial number to another unit, or to none. */
  readonly foreign_serial: number;
}

const rowsAtOnce = 500;

/** What the walk of a chain found. */
export interface Walk {
  /** Rows that were found whole, from the first. */
  readonly rows: number;
  readonly head: ChainHead | null;
  readonly broken: BrokenRow | null;
}

/** How a record lists a number. It stands near the end of the text, where it is looked for first: a long text takes its time. */
const listed = `('{"series":' || json_quote(n.series) || ',"number":' || n.number || ',"text":' || json_quote(n.text) || ',')`;

/** Walks the chain of records, each row held against its columns, its attempt and its unit. */
export function auditRecords(db: Connection, { onRow, head: kept = null }: AuditOptions): Walk {
  const next = query<[number, number], WholeRow>(
    db,
    `SELECT r.seq, r.batch, r.realm, r.barcode, r.attempt, r.uid, r.serial, r.slot, r.outcome, r.code, r.marginal, r.trial,
       r.profile, r.revision, r.profile_hash, r.operator, r.started_at, r.ended_at, r.ms, r.body, r.previous_hash, r.hash,
       substr(r.body, 1, length(r.seq) + length(r.attempt) + ${7 + 11 + 1}) = '{"seq":' || r.seq || ',"attempt":' || r.attempt || ','
         AND instr(r.body, substr(a.opening, 2, length(a.opening) - 2) || ',"endedAt":')
           = length(r.seq) + length(r.attempt) + ${7 + 11 + 1 + 1} AS opened,
       a.attempt AS opened_attempt, a.batch AS opened_batch, a.profile_hash AS opened_profile, u.realm AS unit_realm, u.barcode AS unit_barcode, u.uid AS unit_uid,
       (SELECT min(n.id) FROM numbers AS n WHERE n.attempt_id = r.attempt_id AND (n.realm <> r.realm
         OR (instr(substr(CAST(r.body AS BLOB), -300), CAST(${listed} AS BLOB)) = 0 AND instr(r.body, ${listed}) = 0))) AS stray,
       r.serial IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM numbers AS n WHERE n.unit_id = a.unit_id AND +n.text = r.serial) AS foreign_serial
     FROM records AS r LEFT JOIN attempts AS a ON a.id = r.attempt_id LEFT JOIN units AS u ON u.id = a.unit_id
     WHERE r.seq > ? ORDER BY r.seq LIMIT ?`,
  );
  let head: ChainHead | null = null;
  for (;;) {
    const rows: readonly WholeRow[] = next.all(head?.seq ?? Number.MIN_SAFE_INTEGER, rowsAtOnce);
    if (rows.length === 0) return { rows: head?.seq ?? 0, head, broken: cutTail(head, kept) };
    for (const row of rows) {
      const why = complaint(row, head) ?? keptComplaint(row, kept);
      if (why !== null)
        return { rows: head?.seq ?? 0, head, broken: { table: "records", ...place(row, head), why } };
      if (row.stray !== null)
        return { rows: head?.seq ?? 0, head, broken: strayNumber(db, row.stray, row.seq) };
      if (row.foreign_serial === 1) return { rows: head?.seq ?? 0, head, broken: foreignSerial(row) };
      head = { seq: row.seq, hash: row.hash };
      onRow?.(row.seq);
    }
  }
}

function strayNumber(db: Connection, id: number, record: number): BrokenRow {
  const number = query<[number], { readonly named: string; readonly text: string }>(
    db,
    "SELECT realm || ' ' || series || ' ' || number || ', ' || text AS named, text FROM numbers WHERE id = ?",
  ).get(id);
  const why = `record ${record} of its last attempt does not name it as ${number?.named ?? "?"}`;
  return { table: "numbers", seq: id, barcode: number?.text ?? null, why };
}

function foreignSerial({ seq, serial, barcode }: WholeRow): BrokenRow {
  const why = `the record ${seq} gives this number to unit ${barcode}, the ledger does not`;
  return { table: "numbers", seq, barcode: serial, why };
}

/** The end of the chain against a head that somebody else has kept. */
export function cutTail(
  head: ChainHead | null,
  kept: ChainHead | null,
  table: "records" | "deeds" = "records",
): BrokenRow | null {
  const seq = (head?.seq ?? 0) + 1;
  if (kept === null || kept.seq < seq) return null;
  return {
    table,
    seq,
    barcode: null,
    why: `the tail was cut off: the head that was kept is row ${kept.seq}`,
  };
}

/** A row against a head that somebody else has kept. */
export function keptComplaint(row: ChainHead, kept: ChainHead | null): string | null {
  if (kept === null || kept.seq !== row.seq || kept.hash === row.hash) return null;
  return "it is not the row that the kept head names: the chain was written anew before it or here";
}

function place(row: WholeRow, before: ChainHead | null): { seq: number; barcode: string | null } {
  const wanted = (before?.seq ?? 0) + 1;
  return row.seq > wanted ? { seq: wanted, barcode: null } : { seq: row.seq, barcode: row.barcode };
}

function complaint(row: WholeRow, before: ChainHead | null): string | null {
  const link = linkComplaint(row, before);
  if (link !== null) return link;
  if (recordHash(row.previous_hash, row.seq, row.body) !== row.hash)
    return "its text is not the text that was hashed";
  return (says(row) ? null : contradiction(row)) ?? originComplaint(row);
}

/** A link against the one before; both chains have the same form. */
export function linkComplaint(
  row: { readonly seq: number; readonly previous_hash: string },
  before: ChainHead | null,
): string | null {
  const wanted = (before?.seq ?? 0) + 1;
  if (row.seq < wanted) return "there is no row before the first";
  if (row.seq > wanted) return `the row is missing: row ${row.seq} comes next`;
  if (row.previous_hash === (before?.hash ?? chainStart)) return null;
  return before === null
    ? "it does not begin the chain"
    : `it does not follow row ${before.seq}: the hash before is another one`;
}

/**
 * Whether the text says what the columns say, found without reading it as JSON, which takes longer than all the rest of
 * the audit: each key with its value, in the order in which this program writes them. Inside a JSON text a quote has a
 * backslash before it, so `,"key":` is a key, and none of these stands in an inner object between the ones beside it.
 * False: look closer.
 */
function says(row: WholeRow): boolean {
  const json = JSON.stringify;
  const pieces = [
    `,"batch":${json(row.batch)},"slot":${json(row.slot)},"port":`,
    `,"barcode":${json(row.barcode)},"panel":`,
    `,"realm":"${row.realm}","trial":${row.trial === 1},"reason":`,
    `,"operator":${json(row.operator)},"station":`,
    `,"profile":${json(row.profile)},"revision":${json(row.revision)},"profileHash":"${row.profile_hash}",`,
    `,"startedAt":"${row.started_at}","endedAt":"${row.ended_at}","uid":${json(row.uid)},"uidHow":`,
    row.code === null
      ? `,"outcome":{"kind":"${row.outcome}","marginal":${row.marginal === 1}},"ms":`
      : `,"outcome":{"kind":"${row.outcome}","failure":{"code":${json(row.code)},"message":`,
    `},"ms":${row.ms},"serial":${json(row.serial)},"serials":[`,
  ];
  if (!isBit(row.trial) || !isBit(row.marginal) || (row.code !== null && row.marginal !== 0)) return false;
  const { body } = row;
  if (!body.startsWith(`{"seq":${row.seq},"attempt":${row.attempt},`)) return false;
  let at = 0;
  for (const piece of pieces) {
    const found = body.indexOf(piece, at);
    if (found < 0) return false;
    // The next one may share this one's last comma or brace.
    at = found + piece.length - '},"ms":'.length;
  }
  return true;
}

const isBit = (value: number): boolean => value === 0 || value === 1;

/** The body is what the chain proves; a column that says otherwise would let a query lie. */
function contradiction(row: WholeRow): string | null {
  try {
    const record = readRecord(row.body, row.previous_hash, row.hash);
    const columns = row as unknown as Readonly<Record<string, string | number | null>>;
    const liar = queriedColumns.find(({ name, of }) => of(record) !== columns[name]);
    if (liar === undefined) return null;
    const said = JSON.stringify(columns[liar.name]);
    return `column ${liar.name} says ${said}, the record says ${JSON.stringify(liar.of(record))}`;
  } catch {
    return "its text is not a record";
  }
}

/** The attempt as it was opened, and the unit, against the record. */
function originComplaint(row: WholeRow): string | null {
  if (row.opened === null) return "its attempt is not in the books";
  // `closeAttempt` begins the record with the opening, key for key.
  if (row.opened === 0) return "its attempt was opened with other words than the record has";
  if (row.opened_attempt !== row.attempt || row.opened_batch !== row.batch)
    return `its attempt is number ${row.opened_attempt} in batch ${row.opened_batch} in the table of attempts`;
  if (row.opened_profile !== row.profile_hash)
    return `its attempt ran the profile ${row.opened_profile?.slice(0, 16)} in the table of attempts`;
  if (row.unit_barcode === null) return "its unit is not in the books";
  if (row.unit_barcode !== row.barcode || row.unit_realm !== row.realm)
    return `its unit is ${row.unit_barcode} in the table of units`;
  // The chip of a mismatch is another unit's, or this one has another.
  if (row.uid !== null && row.unit_uid !== row.uid && row.code !== "UNIT_MISMATCH")
    return `its unit has the chip ${row.unit_uid ?? "(none)"} in the table of units, the record says ${row.uid}`;
  return null;
}
