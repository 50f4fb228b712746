import type { Deed } from "../../model/deed.ts";
import { reasonOf } from "../../model/deed.ts";
import { audit } from "../audit/audit.ts";
import { brokenText } from "../audit/broken-text.ts";
import { writing, type Connection } from "../file/connection.ts";
import { deedReads, deedWriter } from "../deeds.ts";
import type { Desk } from "../desk.ts";
import { claimTaker } from "./import-claims.ts";
import { openFile } from "../file/open-read-only.ts";
import { query } from "../file/query.ts";
import { sessionList } from "../sessions.ts";
import type { BooksImport, ChainHead } from "../terms.ts";
import { StoreError } from "../store-error.ts";
import type { ForeignRecord } from "./foreign-record.ts";

/**
 * Takes in what the books of another station say: its units with their chips and numbers, and its records with their own
 * chain, which stays beside ours. Books that were taken in before are followed from where they ended. Two stations that
 * claim one number, one chip or one barcode are an alarm that names both; nothing is taken then. `dry`: nothing in any
 * case. Throws StoreError.
 */
export function importBooks(desk: Desk): (file: string, deed: Deed, dry: boolean) => BooksImport {
  const { db } = desk;
  const takeClaims = claimTaker(desk);
  const record = deedWriter(db);
  const own = query<[], { hash: string }>(db, "SELECT hash FROM records WHERE seq = 1");
  const sourceOf = query<[string], { id: number }>(db, "SELECT id FROM sources WHERE chain = ?");
  const insertSource = query<[string, string], { id: number }>(
    db,
    "INSERT INTO sources (chain, station) VALUES (?, ?) RETURNING id",
  );
  const lastOf = query<[number], ChainHead>(
    db,
    "SELECT seq, hash FROM elsewhere WHERE source_id = ? ORDER BY seq DESC LIMIT 1",
  );
  const insert = query<[ForeignRecord & { readonly source: number }]>(
    db,
    `INSERT INTO elsewhere (source_id, seq, batch, realm, barcode, outcome, body, previous_hash, hash)
     VALUES (@source, @seq, @batch, @realm, @barcode, @outcome, @body, @previous_hash, @hash)`,
  );
  const insertVoid = query<[number, number, string]>(
    db,
    "INSERT INTO elsewhere_voids (source_id, seq, reason) VALUES (?, ?, ?)",
  );
  const isVoid = query<[number, number], { one: number }>(
    db,
    "SELECT 1 AS one FROM elsewhere_voids WHERE source_id = ? AND seq = ?",
  );
  const take = writing(db, (theirs: Connection, deed: Deed, dry: boolean): BooksImport => {
    const begin = query<[], { hash: string }>(theirs, "SELECT hash FROM records WHERE seq = 1").get();
    const head = query<[], ChainHead>(
      theirs,
      "SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1",
    ).get();
    if (begin === undefined || head === undefined)
      throw new StoreError("conflict", "these books have no record yet");
    if (own.get()?.hash === begin.hash) throw new StoreError("conflict", "these are our own books");
    const station = stationOf(theirs);
    const here = stationOf(db);
    const known = sourceOf.get(begin.hash);
    const before = known === undefined ? undefined : lastOf.get(known.id);
    refuseAnother(theirs, before, station);
    const { newUnits, newNumbers } = takeClaims(theirs, here, station);
    const source = known?.id ?? insertSource.get(begin.hash, station)?.id;
    if (source === undefined) throw new Error("no source came back");
    let taken = 0;
    for (const row of recordsAfter(theirs, before?.seq ?? 0)) {
      insert.run({ ...row, source });
      taken += 1;
    }
    for (const { detail } of deedReads(theirs).deeds({ kind: "unit-voided" })) {
      const seq = Number(detail["record"]);
      if (isVoid.get(source, seq) === undefined) insertVoid.run(source, seq, reasonOf(detail));
    }
    const said: BooksImport = { station, records: head.seq, newRecords: taken, newUnits, newNumbers };
    record({
      ...deed,
      detail: {
        ...deed.detail,
        station,
        chain: begin.hash,
        records: head.seq,
        head: head.hash,
        newUnits,
        newNumbers,
      },
    });
    if (dry) throw new Undone(said);
    return said;
  });

  return (file, deed, dry) => {
    const report = audit(file);
    if (report.kind === "broken")
      throw new StoreError("conflict", `${file}: these books are not whole: ${brokenText(report.broken)}`);
    using theirs = openFile(file);
    try {
      return take(theirs.db, deed, dry);
    } catch (error) {
      if (error instanceof Undone) return error.said;
      if (error instanceof StoreError && error.kind === "conflict")
        throw new StoreError(
          "conflict",
          error.message
            .split("\n")
            .map((line) => `${file}: ${line}`)
            .join("\n"),
        );
      throw error;
    }
  };
}

/** Ends a transaction that was only to be looked at. */
class Undone extends Error {
  readonly said: BooksImport;

  constructor(said: BooksImport) {
    super();
    this.said = said;
  }
}

const stationOf = (db: Connection): string =>
  sessionList(db)().findLast(({ station }) => station !== null)?.station ?? "a station without a name";

/** Books that were taken in before must still say what they said then. */
function refuseAnother(theirs: Connection, before: ChainHead | undefined, station: string): void {
  if (before === undefined) return;
  const now = query<[number], { hash: string }>(theirs, "SELECT hash FROM records WHERE seq = ?").get(
    before.seq,
  );
  if (now?.hash === before.hash) return;
  const what =
    now === undefined ? "ends before it: an older copy" : "has another one there: it was written anew";
  throw new StoreError(
    "conflict",
    `${station}: its record ${before.seq} was taken in before, and this file ${what}`,
  );
}

function* recordsAfter(db: Connection, from: number): Generator<ForeignRecord> {
  const next = query<[number], ForeignRecord>(
    db,
    `SELECT seq, batch, realm, barcode, outcome, body, previous_hash, hash FROM records
     WHERE seq > ? ORDER BY seq LIMIT 500`,
  );
  for (let seq = from; ;) {
    const rows = next.all(seq);
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined) return;
    seq = end.seq;
  }
}
