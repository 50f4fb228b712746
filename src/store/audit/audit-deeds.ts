import { deedHash } from "../../model/chain.ts";
import type { KeptDeed } from "../../model/deed.ts";
import { cutTail, keptComplaint, linkComplaint, type Walk } from "./audit-records.ts";
import type { Connection } from "../file/connection.ts";
import { deedColumns, readDeed, type DeedRow } from "../deeds.ts";
import { query } from "../file/query.ts";
import type { AuditOptions, ChainHead } from "../terms.ts";

type Stored = string | number | null;
type WholeDeed = DeedRow & Readonly<Record<string, Stored>>;

/** What the deeds say of the tables that have no chain: by batch, hash of a profile, and person. */
export interface Told {
  readonly opened: ReadonlyMap<string, KeptDeed>;
  readonly closed: ReadonlyMap<string, KeptDeed>;
  readonly released: ReadonlyMap<string, KeptDeed>;
  /** The last deed about each. */
  readonly people: ReadonlyMap<number, KeptDeed>;
  /** Those that brought something from elsewhere, in their order. */
  readonly imports: readonly KeptDeed[];
}

const rowsAtOnce = 500;

/** Walks the chain of deeds, each row held against its columns and the record that it names. */
export function auditDeeds(
  db: Connection,
  { deedHead: kept = null }: AuditOptions,
): Walk & { readonly told: Told } {
  const next = query<[number, number], WholeDeed>(
    db,
    "SELECT * FROM deeds WHERE seq > ? ORDER BY seq LIMIT ?",
  );
  const recordAt = query<[number], { hash: string }>(db, "SELECT hash FROM records WHERE seq = ?");
  const opened = new Map<string, KeptDeed>();
  const closed = new Map<string, KeptDeed>();
  const released = new Map<string, KeptDeed>();
  const people = new Map<number, KeptDeed>();
  const imports: KeptDeed[] = [];
  const told: Told = { opened, closed, released, people, imports };

  function note(deed: KeptDeed): void {
    const { kind, batch, detail } = deed;
    if (kind === "batch-opened" && batch !== null) opened.set(batch, deed);
    if (kind === "batch-closed" && batch !== null) closed.set(batch, deed);
    if (kind === "imported") imports.push(deed);
    if (kind === "profile-released") released.set(String(detail["hash"]), deed);
    if (kind === "person-added" || kind === "person-changed") people.set(Number(detail["person"]), deed);
  }

  function complaint(row: WholeDeed, before: ChainHead | null): string | null {
    const link = linkComplaint(row, before);
    if (link !== null) return link;
    if (deedHash(row.previous_hash, row.seq, row.body) !== row.hash)
      return "its text is not the text that was hashed";
    try {
      const deed = readDeed(row);
      const liar = deedColumns.find(({ name, of }) => of(deed) !== row[name]);
      if (liar !== undefined)
        return `column ${liar.name} says ${JSON.stringify(row[liar.name])}, the deed says ${JSON.stringify(liar.of(deed))}`;
      const { record, hash } = deed.detail;
      if (typeof record === "number" && typeof hash === "string" && recordAt.get(record)?.hash !== hash)
        return `it is about record ${record}, which is another one now`;
      note(deed);
    } catch {
      return "its text is not a deed";
    }
    return keptComplaint(row, kept);
  }

  let head: ChainHead | null = null;
  for (;;) {
    const rows: readonly WholeDeed[] = next.all(head?.seq ?? Number.MIN_SAFE_INTEGER, rowsAtOnce);
    if (rows.length === 0) return { rows: head?.seq ?? 0, head, broken: cutTail(head, kept, "deeds"), told };
    for (const row of rows) {
      const why = complaint(row, head);
      const seq: number = Math.min(row.seq, (head?.seq ?? 0) + 1);
      const barcode = seq === row.seq ? String(row["kind"]) : null;
      if (why !== null)
        return { rows: head?.seq ?? 0, head, broken: { table: "deeds", seq, barcode, why }, told };
      head = { seq: row.seq, hash: row.hash };
    }
  }
}
