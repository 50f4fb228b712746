import { createPublicKey, verify } from "node:crypto";
import type { Batch, BatchCounts } from "./batch.ts";
import type { BatchFigures, BatchSignature } from "./facts.ts";

/** A number of links of a chain, by the hash over their hashes. */
export interface Links {
  readonly count: number;
  /** Place of the first and the last one; `null` where there is none. */
  readonly first: number | null;
  readonly last: number | null;
  /** SHA-256 over their hashes in their order, each as 64 hex digits and a line feed. */
  readonly sha256: string;
}

interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** What the station signs of a batch (docs/chain.md). */
export interface Statement {
  readonly type: "gangflash-batch";
  readonly batch: Omit<Batch, "openedAt" | "closedAt"> & {
    readonly openedAt: string;
    readonly closedAt: string | null;
  };
  readonly counts: BatchCounts;
  readonly figures: BatchFigures;
  readonly records: Links;
  /** Deeds of the batch but exports and look-ups. */
  readonly deeds: Links;
  /** Heads of the two chains of the data folder as the statement was made. */
  readonly recordHead: Head | null;
  readonly deedHead: Head | null;
  readonly signedAt: string;
}

/** DER of an Ed25519 public key up to its 32 bytes (RFC 8410, section 4). */
const publicStart = Buffer.from("302a300506032b6570032100", "hex");

/** The public key as PEM, as other programs take it. `hex`: its 32 bytes. */
export function publicKeyPem(hex: string): string {
  const body = Buffer.concat([publicStart, Buffer.from(hex, "hex")]).toString("base64");
  return `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`;
}

/** The 32 bytes of an Ed25519 public key in PEM, as hex; `null` for anything else. */
export function rawPublicKey(pem: string): string | null {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== "ed25519") return null;
    return key.export({ type: "spki", format: "der" }).subarray(publicStart.length).toString("hex");
  } catch {
    return null;
  }
}

/** Whether the key has signed this very text. False for what is no key or no signature. */
export function isSigned({ statement, signature, publicKey }: BatchSignature): boolean {
  try {
    const key = createPublicKey(publicKeyPem(publicKey));
    return verify(null, Buffer.from(statement, "utf8"), key, Buffer.from(signature, "hex"));
  } catch {
    return false;
  }
}

/** Throws a SyntaxError for what is no statement. */
export function readStatement(text: string): Statement {
  const said = JSON.parse(text) as Statement;
  if (said.type !== "gangflash-batch") throw new SyntaxError("it is not a statement of a batch");
  return said;
}
