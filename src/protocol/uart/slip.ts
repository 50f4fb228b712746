/** A write is of whole words (section 3.7), so at least three bytes lie behind the length byte. */
const fewest = 3;

/**
 * Whether a block of flash holds a Write Memory frame that the loader took one byte too late: its length byte, then
 * data, each one place behind its own, and what was not written. A stray byte on the line became the length; the
 * checksum is an XOR of 8 bits, so one in 256 of such frames is taken for whole (section 3.7). It says something about
 * the line, and nothing about the flash. `wanted` and `read` are of one length.
 */
export function isSlipped(wanted: Uint8Array, read: Uint8Array, erasedByte: number): boolean {
  let behind = 0;
  while (behind + 1 < read.length && read[behind + 1] === wanted[behind]) behind += 1;
  if (behind < fewest || read[0] === wanted[0]) return false;
  return read.subarray(behind + 1).every((byte) => byte === erasedByte);
}
