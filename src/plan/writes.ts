import { isBlank } from "../lib/bytes.ts";
import { endOf, flatten, type Sector, type Segment } from "../model/memory.ts";

/** Grain of what is left out: a block of so many bytes that is all erased value need not be written. */
export const grainBytes = 256;

/** Joined stretches of the sectors, as ranges. */
function stretches(sectors: readonly Sector[]): { start: number; end: number }[] {
  const out: { start: number; end: number }[] = [];
  for (const sector of sectors) {
    const last = out.at(-1);
    if (last !== undefined && last.end === sector.address) last.end += sector.size;
    else out.push({ start: sector.address, end: sector.address + sector.size });
  }
  return out;
}

/** What the erased sectors must hold in the end, gaps as erased value: one segment a stretch. */
export function wantedContent(
  sectors: readonly Sector[],
  segments: readonly Segment[],
  erasedByte: number,
): Segment[] {
  return stretches(sectors).map(({ start, end }) => ({
    address: start,
    bytes: flatten(segments, start, end - start, erasedByte),
  }));
}

/**
 * Blocks to write after the erase of this attempt: on a grid of 256 bytes, those that are not all erased value,
 * neighbours joined up to `blockBytes`, each cut to the bytes that matter in units of `alignBytes`.
 */
export function blocksToWrite(
  content: readonly Segment[],
  blockBytes: number,
  alignBytes: number,
  erasedByte: number,
): Segment[] {
  const blocks: Segment[] = [];
  for (const stretch of content) {
    let from = -1;
    const close = (to: number): void => {
      if (from >= 0) blocks.push(trim(stretch, from, to, alignBytes, erasedByte));
      from = -1;
    };
    for (let at = 0; at < stretch.bytes.length; at += grainBytes) {
      const grain = stretch.bytes.subarray(at, at + grainBytes);
      if (isBlank(grain, erasedByte)) close(at);
      else if (from < 0) from = at;
      if (from >= 0 && at + grainBytes - from >= blockBytes) close(at + grainBytes);
    }
    close(stretch.bytes.length);
  }
  return blocks;
}

// Erased bytes at the end of a block need not travel; at its start they keep it on the grid.
function trim(stretch: Segment, from: number, to: number, alignBytes: number, erasedByte: number): Segment {
  let end = Math.min(to, stretch.bytes.length);
  while (end - alignBytes > from && isBlank(stretch.bytes.subarray(end - alignBytes, end), erasedByte))
    end -= alignBytes;
  return { address: stretch.address + from, bytes: stretch.bytes.subarray(from, end) };
}

/** Reads that cover the content, block by block. */
export function blocksToRead(content: readonly Segment[], blockBytes: number): Segment[] {
  const blocks: Segment[] = [];
  for (const stretch of content)
    for (let at = 0; at < stretch.bytes.length; at += blockBytes)
      blocks.push({
        address: stretch.address + at,
        bytes: stretch.bytes.subarray(at, at + blockBytes),
      });
  return blocks;
}

/** True when two ranges share a byte. */
export function overlaps(a: Segment, b: Segment): boolean {
  return a.address < endOf(b) && endOf(a) > b.address;
}
