import { createHash } from "node:crypto";

/** The hash before the first record. */
export const chainStart = "0".repeat(64);

/**
 * Hash of a record over the one before: SHA-256 of 0x01, the 32 bytes before, the sequence number as 8 bytes big
 * endian, and the stored text of the record as UTF-8. The stored bytes are hashed, so a stranger needs no
 * canonical form (reliability.md, section 6).
 */
export function recordHash(previous: string, seq: number, body: string): string {
  const place = Buffer.alloc(9);
  place.writeBigUInt64BE(BigInt(seq), 1);
  return createHash("sha256")
    .update(Uint8Array.of(1))
    .update(Buffer.from(previous, "hex"))
    .update(place.subarray(1))
    .update(body, "utf8")
    .digest("hex");
}
