import { createHash } from "node:crypto";

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

function linkHash(mark: number, previous: string, seq: number, body: string): string {
  const place = Buffer.alloc(41);
  place.writeUInt8(mark, 0);
  place.write(previous, 1, "hex");
  place.writeBigUInt64BE(BigInt(seq), 33);
  return createHash("sha256").update(place).update(body, "utf8").digest("hex");
}
