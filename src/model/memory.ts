/** Bytes at an absolute address. */
export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export type ImageFormat = "bin" | "hex" | "srec" | "elf" | "dfuse" | "dfu";

/**
 * What a file wants in memory: segments sorted by address, none empty, none touching or overlapping (neighbours
 * are joined). A gap is a gap: nothing in the file layer fills it (protocols/image-formats.md, section 1).
 */
export interface Image {
  readonly format: ImageFormat;
  readonly segments: readonly Segment[];
  /** Start address that the file names; information only. */
  readonly entry: number | null;
  /** Remarks for the engineer, each a sentence; nothing here is an error. */
  readonly warnings: readonly string[];
  /** Facts of a .dfu file. */
  readonly dfu: DfuFacts | null;
}

export interface DfuFacts {
  readonly vendorId: number;
  readonly productId: number;
  readonly version: number;
  /** `0x011A` for DfuSe, `0x0100` for plain DFU. */
  readonly specification: number;
  readonly targets: readonly { readonly alternate: number; readonly name: string | null }[];
}

/** One erase unit of the flash, numbered in address order over all banks as the loader's erase command counts. */
export interface Sector {
  readonly index: number;
  readonly address: number;
  readonly size: number;
}

/** The flash of one chip in one bank mode. */
export interface MemoryMap {
  readonly layoutId: string;
  readonly sectors: readonly Sector[];
  readonly flashBytes: number;
}

export function endOf(segment: Segment): number {
  return segment.address + segment.bytes.length;
}

export function imageBytes(image: Image): number {
  return image.segments.reduce((sum, segment) => sum + segment.bytes.length, 0);
}

/** Reads a range out of segments; bytes that no segment has are `fill`. */
export function flatten(
  segments: readonly Segment[],
  address: number,
  length: number,
  fill: number,
): Uint8Array {
  const out = new Uint8Array(length).fill(fill);
  for (const segment of segments) {
    const from = Math.max(address, segment.address);
    const to = Math.min(address + length, endOf(segment));
    if (from < to)
      out.set(segment.bytes.subarray(from - segment.address, to - segment.address), from - address);
  }
  return out;
}
