import { createHash } from "node:crypto";
import type { Batch } from "../model/batch.ts";
import type { BatchSignature } from "../model/facts.ts";
import type { Links, Statement } from "../model/statement.ts";
import type { Connection } from "./file/connection.ts";
import { counts } from "./counts/counts.ts";
import { query } from "./file/query.ts";
import type { StationKey } from "./station-key.ts";
import type { ChainHead, ChainLink } from "./terms.ts";

export interface SignatureReads {
  newestOf(batch: string): BatchSignature | null;
  /** In the order in which they were made. */
  all(): readonly (BatchSignature & { readonly batch: string })[];
}

export function signatureReads(db: Connection): SignatureReads {
  const columns = "batch, statement, signature, public_key AS publicKey";
  const newest = query<[string], BatchSignature>(
    db,
    `SELECT statement, signature, public_key AS publicKey FROM signatures WHERE batch = ? ORDER BY id DESC LIMIT 1`,
  );
  const all = query<[], BatchSignature & { readonly batch: string }>(
    db,
    `SELECT ${columns} FROM signatures ORDER BY id`,
  );
  return { newestOf: (batch) => newest.get(batch) ?? null, all: () => all.all() };
}

/** Deeds that change no fact of a batch: who carried its papers out, or looked. */
const besideTheFacts = "('exported', 'looked-up')";

interface Link {
  readonly seq: number;
  readonly hash: string;
}

function linksOver(links: readonly Link[]): Links {
  const hash = createHash("sha256");
  for (const link of links) hash.update(`${link.hash}\n`);
  return {
    count: links.length,
    first: links.at(0)?.seq ?? null,
    last: links.at(-1)?.seq ?? null,
    sha256: hash.digest("hex"),
  };
}

export interface LinkReads {
  records(batch: string): Links;
  /** Up to a place in the chain of deeds, itself included. */
  deeds(batch: string, last: number): Links;
}

/** The links of a batch in both chains. */
export function linkReads(db: Connection): LinkReads {
  const records = query<[string], Link>(db, "SELECT seq, hash FROM records WHERE batch = ? ORDER BY seq");
  const deeds = query<[string, number], Link>(
    db,
    `SELECT seq, hash FROM deeds WHERE batch = ? AND seq <= ? AND kind NOT IN ${besideTheFacts} ORDER BY seq`,
  );
  return {
    records: (batch) => linksOver(records.all(batch)),
    deeds: (batch, last) => linksOver(deeds.all(batch, last)),
  };
}

/** The links of a batch with their texts, read in pieces. */
export function linkTexts(
  db: Connection,
): (chain: "records" | "deeds", batch: string) => Generator<ChainLink, void, undefined> {
  const columns = "SELECT seq, previous_hash AS previousHash, hash, body FROM";
  const after = {
    records: query<[string, number], ChainLink>(
      db,
      `${columns} records WHERE batch = ? AND seq > ? ORDER BY seq LIMIT 500`,
    ),
    deeds: query<[string, number], ChainLink>(
      db,
      `${columns} deeds WHERE batch = ? AND seq > ? AND kind NOT IN ${besideTheFacts} ORDER BY seq LIMIT 500`,
    ),
  };
  return function* (chain, batch) {
    for (let seq = 0; ;) {
      const rows = after[chain].all(batch, seq);
      yield* rows;
      const end = rows.at(-1);
      if (end === undefined) return;
      seq = end.seq;
    }
  };
}

/** Signs what the books say of a batch now; inside the caller's transaction. */
export function batchSigner(db: Connection): (batch: Batch, key: StationKey, at: Date) => void {
  const count = counts(db);
  const links = linkReads(db);
  const recordHead = query<[], ChainHead>(db, "SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1");
  const deedHead = query<[], ChainHead>(db, "SELECT seq, hash FROM deeds ORDER BY seq DESC LIMIT 1");
  const insert = query<[string, string, string, string]>(
    db,
    "INSERT INTO signatures (batch, statement, signature, public_key) VALUES (?, ?, ?, ?)",
  );
  return (batch, key, at) => {
    const head = deedHead.get() ?? null;
    const statement: Statement = {
      type: "gangflash-batch",
      batch: {
        ...batch,
        openedAt: batch.openedAt.toISOString(),
        closedAt: batch.closedAt?.toISOString() ?? null,
      },
      counts: count.counts(batch.id),
      figures: count.figures(batch.id),
      records: links.records(batch.id),
      deeds: links.deeds(batch.id, head?.seq ?? 0),
      recordHead: recordHead.get() ?? null,
      deedHead: head,
      signedAt: at.toISOString(),
    };
    const text = JSON.stringify(statement);
    insert.run(batch.id, text, key.sign(text), key.publicKey);
  };
}
