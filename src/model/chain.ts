import { hash } from "node:crypto";

/** The hash before the first record, and before the first deed. */
export const chainStart = "0".repeat(64);

// The first byte keeps the two chains apart: no record can be passed off as a deed.
const recordMark = 1;
const deedMark = 2;

/**
 * Hash of a record over the one before: SHA-256 of 0x01, the 32 bytes before, the sequence number as 8 bytes big
 * endian, and the stored text of the record as UTF-8. The stored bytes are hashed, so a stranger needs no
 * canonical form (docs/chain.md).
 */
export const recordHash = (previous: string, seq: number, body: string): string =>
  linkHash(recordMark, previous, seq, body);

/** Hash of a deed over the one before: the same with 0x02. */
export const deedHash = (previous: string, seq: number, body: string): string =>
  linkHash(deedMark, previous, seq, body);

/** Mark, hash before, place: 1 + 32 + 8 bytes. */
const headBytes = 41;
const hashBytes = 32;
// One call over one buffer: an audit does this a million times, and a closing waits for it. It is filled and read without
// a wait between.
let scratch = Buffer.alloc(16_384);

function linkHash(mark: number, previous: string, seq: number, body: string): string {
  const most = headBytes + 3 * body.length;
  if (scratch.length < most) scratch = Buffer.alloc(2 * most);
  scratch[0] = mark;
  // What is no hash must not leave the one before in its place.
  const written = scratch.write(previous.slice(0, 64), 1, "hex");
  if (written < hashBytes) scratch.fill(0, 1 + written, 1 + hashBytes);
  // As two's complement, since damaged books may say any place.
  scratch.writeInt32BE(Math.floor(seq / 2 ** 32), 1 + hashBytes);
  scratch.writeUInt32BE(seq - Math.floor(seq / 2 ** 32) * 2 ** 32, 1 + hashBytes + 4);
  const length = scratch.write(body, headBytes, "utf8");
  return hash("sha256", scratch.subarray(0, headBytes + length), "hex");
}

/** A row of a chain with the very text that was hashed. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
  readonly previousHash: string;
  readonly body: string;
}

/**
 * A row as one line of JSON: the hashes always at the same columns, the text byte for byte (docs/chain.md). `more` stands
 * between them.
 */
export function linkText({ hash, previousHash, body }: Link, more: object | null = null): string {
  const between = more === null ? "" : `${JSON.stringify(more).slice(1, -1)},`;
  return `{"hash":"${hash}","previous":"${previousHash}",${between}"record":${body}}`;
}
