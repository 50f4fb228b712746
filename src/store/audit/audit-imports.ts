import { recordHash } from "../../model/chain.ts";
import type { Told } from "./audit-deeds.ts";
import { linkComplaint } from "./audit-records.ts";
import type { Connection } from "../file/connection.ts";
import type { ForeignRecord } from "../imports/foreign-record.ts";
import { listHash, type ListedRow } from "../imports/listed.ts";
import { query } from "../file/query.ts";
import { readRecord } from "../records/record-text.ts";
import type { BrokenRow, ChainHead } from "../terms.ts";

/** What came from elsewhere, against the deeds that brought it. Answers the first row that contradicts, or `null`. */
export function auditImports(db: Connection, told: Told): BrokenRow | null {
  return listComplaint(db, told) ?? chainComplaint(db, told);
}

/** The rows of each list have the hash that its deed says, and no row came without a deed. */
function listComplaint(db: Connection, { imports }: Told): BrokenRow | null {
  const ofDeed = query<[number], ListedRow>(
    db,
    "SELECT series, first, last, text, state, reason, deed FROM listed WHERE deed = ? ORDER BY id",
  );
  const lists = imports.filter(({ detail }) => typeof detail["listed"] === "string");
  for (const { seq, detail } of lists) {
    const rows = ofDeed.all(seq);
    if (listHash(rows) === detail["listed"]) continue;
    const why = `the ${rows.length} rows of the list of deed ${seq} are not those that it brought`;
    return { table: "listed", seq, barcode: String(detail["series"]), why };
  }
  const known = new Set(lists.map(({ seq }) => seq));
  const deeds = query<[], { deed: number; id: number; series: string }>(
    db,
    "SELECT deed, min(id) AS id, series FROM listed GROUP BY deed ORDER BY deed",
  ).all();
  const stray = deeds.find(({ deed }) => !known.has(deed));
  if (stray === undefined) return null;
  return {
    table: "listed",
    seq: stray.id,
    barcode: stray.series,
    why: `deed ${stray.deed} did not bring it`,
  };
}

/** The chain of each other station, up to the head that the deed of its last import says. */
function chainComplaint(db: Connection, { imports }: Told): BrokenRow | null {
  const sources = query<[], { id: number; chain: string; station: string }>(
    db,
    "SELECT id, chain, station FROM sources ORDER BY id",
  ).all();
  for (const { id, chain, station } of sources) {
    const deed = imports.findLast(({ detail }) => detail["chain"] === chain);
    const at = (seq: number, barcode: string | null, why: string): BrokenRow => ({
      table: "elsewhere",
      seq,
      barcode,
      why: `records of ${station}: ${why}`,
    });
    if (deed === undefined) return at(0, null, "no deed has brought them");
    let head: ChainHead | null = null;
    for (const row of elsewhereRows(db, id)) {
      const why = linkComplaint(row, head) ?? textComplaint(row);
      if (why !== null) return at(row.seq, row.barcode, why);
      head = row;
    }
    if (head?.seq !== deed.detail["records"] || head?.hash !== deed.detail["head"])
      return at(
        (head?.seq ?? 0) + 1,
        null,
        `deed ${deed.seq} brought them up to ${String(deed.detail["records"])}`,
      );
  }
  const gone = imports.find(
    ({ detail }) =>
      typeof detail["chain"] === "string" && !sources.some(({ chain }) => chain === detail["chain"]),
  );
  if (gone === undefined) return null;
  return {
    table: "elsewhere",
    seq: 1,
    barcode: null,
    why: `the records that deed ${gone.seq} brought are gone`,
  };
}

function textComplaint({
  seq,
  body,
  previous_hash,
  hash,
  batch,
  realm,
  barcode,
  outcome,
}: ForeignRecord): string | null {
  if (recordHash(previous_hash, seq, body) !== hash) return "its text is not the text that was hashed";
  try {
    const said = readRecord(body, previous_hash, hash);
    const same =
      said.batch.toWellFormed() === batch &&
      said.realm === realm &&
      said.barcode.toWellFormed() === barcode &&
      said.outcome.kind === outcome;
    return same ? null : "its columns say something else than its text";
  } catch {
    return "its text is not a record";
  }
}

function* elsewhereRows(db: Connection, source: number): Generator<ForeignRecord> {
  const next = query<[number, number], ForeignRecord>(
    db,
    `SELECT seq, batch, realm, barcode, outcome, body, previous_hash, hash FROM elsewhere
     WHERE source_id = ? AND seq > ? ORDER BY seq LIMIT 500`,
  );
  for (let seq = 0; ;) {
    const rows = next.all(source, seq);
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined) return;
    seq = end.seq;
  }
}
