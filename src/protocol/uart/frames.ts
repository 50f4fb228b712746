/** Bytes of the UART loader, AN3155 (protocols/uart-an3155.md, sections 2 and 3). Pure; nothing here waits. */

export const ACK = 0x79;
export const NACK = 0x1f;
/** I2C only by the book, yet seen anywhere: not an answer (section 2). */
export const BUSY = 0x76;
/** Sync byte (section 1.1). */
export const SYNC = 0x7f;

export const codes = {
  get: 0x00,
  getId: 0x02,
  read: 0x11,
  go: 0x21,
  write: 0x31,
  erase: 0x43,
  extendedErase: 0x44,
  readUnprotect: 0x92,
} as const;

/** XOR of all bytes; over a whole frame with its checksum it is 0. */
export function xorOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return sum;
}

function withXor(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 1);
  out.set(bytes);
  out[bytes.length] = xorOf(bytes);
  return out;
}

/** A command: its code and the complement. */
export function command(code: number): Uint8Array {
  return Uint8Array.of(code, code ^ 0xff);
}

/** An address, most significant byte first, then the XOR of its bytes. */
export function address(value: number): Uint8Array {
  return withXor(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
}

/** Read Memory: count of bytes, 1 to 256, less one, and the complement. */
export function readCount(count: number): Uint8Array {
  return command(count - 1);
}

/** Write Memory: count less one, 1 to 256 data bytes, XOR over all of them. */
export function block(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 2);
  out[0] = data.length - 1;
  out.set(data, 1);
  // The place of the sum is still 0, which changes no sum.
  out[data.length + 1] = xorOf(out);
  return out;
}

/** Erase (0x43): list of one-byte page numbers, at most 255. */
export function pageList(pages: readonly number[]): Uint8Array {
  return withXor(Uint8Array.of(pages.length - 1, ...pages));
}

/** Extended Erase (0x44): list of two-byte page numbers, count less one first, all most significant byte first. */
export function extendedPageList(pages: readonly number[]): Uint8Array {
  const words = [pages.length - 1, ...pages];
  return withXor(Uint8Array.from(words.flatMap((word) => [word >>> 8, word & 0xff])));
}

/** Mass erase behind 0x43: `FF 00`; behind 0x44: `FF FF 00`. */
export const massErase = { short: Uint8Array.of(0xff, 0x00), extended: Uint8Array.of(0xff, 0xff, 0x00) };
