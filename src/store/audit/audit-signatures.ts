import type { BatchSignature } from "../../model/facts.ts";
import { isSigned, readStatement, type Links } from "../../model/statement.ts";
import { batchReads } from "../batches.ts";
import type { Connection } from "../file/connection.ts";
import { query } from "../file/query.ts";
import { linkReads, signatureReads } from "../signatures.ts";
import type { BrokenRow, ChainHead } from "../terms.ts";

/** What the walk over the signatures found. */
export interface Signed {
  readonly count: number;
  /** Public keys that have signed, in the order of their first signature. */
  readonly keys: readonly string[];
  readonly broken: BrokenRow | null;
}

/**
 * Each signature against its text, and its text against both chains. `pinned`: raw public keys that somebody knows to be
 * the station's; a signature by another one is a forger's. `null`: nobody knows any, so a forger's own key is not found.
 */
export function auditSignatures(db: Connection, pinned: readonly string[] | null): Signed {
  const all = signatureReads(db).all();
  const links = linkReads(db);
  const batches = batchReads(db);
  const recordAt = query<[number], ChainHead>(db, "SELECT seq, hash FROM records WHERE seq = ?");
  const deedAt = query<[number], ChainHead>(db, "SELECT seq, hash FROM deeds WHERE seq = ?");
  const keys = [...new Set(all.map(({ publicKey }) => publicKey))];

  const headComplaint = (
    chain: string,
    head: ChainHead | null,
    found: ChainHead | undefined,
  ): string | null => {
    if (head === null || found?.hash === head.hash) return null;
    return found === undefined
      ? `it signs ${chain} ${head.seq}, which is not there: the tail was cut off`
      : `it signs ${chain} ${head.seq} with another hash: the chain was written anew`;
  };
  const linksComplaint = (chain: string, signed: Links, found: Links): string | null =>
    signed.sha256 === found.sha256 && signed.count === found.count
      ? null
      : `it signs ${signed.count} ${chain} of the batch, and these ${found.count} are not they`;

  function complaint(one: BatchSignature & { readonly batch: string }): string | null {
    if (pinned !== null && !pinned.includes(one.publicKey))
      return `it was made with the key ${one.publicKey.slice(0, 16)}, which is none of those that are known to be the station's`;
    if (!isSigned(one)) return "the signature does not fit its text";
    try {
      const said = readStatement(one.statement);
      const batch = batches.findBatch(one.batch);
      if (said.batch.id !== one.batch || batch === null) return `it signs the batch ${said.batch.id}`;
      if (
        said.batch.closedAt !== (batch.closedAt?.toISOString() ?? null) ||
        said.batch.closedBy !== batch.closedBy
      )
        return "it signs another closing of the batch";
      return (
        headComplaint("record", said.recordHead, recordAt.get(said.recordHead?.seq ?? 0)) ??
        headComplaint("deed", said.deedHead, deedAt.get(said.deedHead?.seq ?? 0)) ??
        linksComplaint("records", said.records, links.records(one.batch)) ??
        linksComplaint("deeds", said.deeds, links.deeds(one.batch, said.deedHead?.seq ?? 0))
      );
    } catch {
      return "its text is not a statement of a batch";
    }
  }

  for (const [i, one] of all.entries()) {
    const why = complaint(one);
    if (why !== null)
      return { count: i, keys, broken: { table: "signatures", seq: i + 1, barcode: one.batch, why } };
  }
  return { count: all.length, keys, broken: unsigned(db, all.length) };
}

/** A batch that a deed has closed, and no signature with it: both come in one transaction. */
function unsigned(db: Connection, count: number): BrokenRow | null {
  const row = query<[], { batch: string; seq: number }>(
    db,
    `SELECT batch, seq FROM deeds WHERE kind = 'batch-closed'
       AND NOT EXISTS (SELECT 1 FROM signatures WHERE signatures.batch = deeds.batch) ORDER BY seq LIMIT 1`,
  ).get();
  if (row === undefined) return null;
  return {
    table: "signatures",
    seq: count + 1,
    barcode: row.batch,
    why: `the signature is missing: deed ${row.seq} closed the batch`,
  };
}
