import type { BatchSignature } from "../model/facts.ts";
import type { Connection } from "./connection.ts";
import { query } from "./query.ts";

export interface SignatureReads {
  newestOf(batch: string): BatchSignature | null;
}

export function signatureReads(db: Connection): SignatureReads {
  const newest = query<[string], BatchSignature>(
    db,
    `SELECT statement, signature, public_key AS publicKey FROM signatures WHERE batch = ? ORDER BY id DESC LIMIT 1`,
  );
  return { newestOf: (batch) => newest.get(batch) ?? null };
}
