/** Lower-case hex of bytes, in order of memory, without separators. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** An address or a word as people read it: `0x08000000`. */
export function hex32(value: number): string {
  return `0x${(value >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;
}

/** A short number as people read it: `0x413`. */
export function hexShort(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** True when each byte has the value of erased flash. */
export function isBlank(bytes: Uint8Array, erasedByte: number): boolean {
  for (const byte of bytes) if (byte !== erasedByte) return false;
  return true;
}

/** The 32-bit little-endian word at an offset; the caller has checked the length. */
export function u32le(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

export function alignDown(value: number, unit: number): number {
  return value - (value % unit);
}

export function alignUp(value: number, unit: number): number {
  return alignDown(value + unit - 1, unit);
}
