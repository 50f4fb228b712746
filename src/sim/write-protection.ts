import type { Range } from "../model/family.ts";
import type { MemoryMap } from "../model/memory.ts";
import { decodeOptions, encodeOptions } from "../model/option-codec.ts";
import type { OptionField, OptionLayout } from "../model/option-bytes.ts";

/**
 * Write protection of flash by option bytes that have one bit for each sector, where 0 protects: nWRP of F2, F4 and F7;
 * WRP0 to WRP3 of F0, F1 and F3, where a bit stands for 4 KiB and the last one for all the rest. How the other families
 * code their areas for 0x63 is not told by any source here (protocols/uart-an3155.md, section 3.10).
 */

const pageBytes = 4096;
/** Bits of WRP0 to WRP3. */
const lastPageBit = 31;

interface Bits {
  readonly fields: readonly OptionField[];
  /** By sectors of the memory map, or by stretches of 4 KiB. */
  readonly by: "sector" | "page";
}

function bitsOf(layout: OptionLayout | null): Bits | null {
  if (layout === null || layout.unreachable !== null) return null;
  const named = (pattern: RegExp): OptionField[] => layout.fields.filter(({ name }) => pattern.test(name));
  const sectors = named(/^nWRP(_BANK2)?$/);
  if (sectors.length > 0) return { fields: sectors, by: "sector" };
  // Of L0 and L1 WRP01 and the like protect by a 1, of the newer ones there are areas.
  const pages = named(/^WRP[0-3]$/);
  return pages.length > 0 ? { fields: pages, by: "page" } : null;
}

/** Stretches of flash that these option bytes protect. */
export function protectedRanges(
  layout: OptionLayout | null,
  options: readonly Uint8Array[],
  map: MemoryMap,
  flash: Range,
): Range[] {
  const bits = bitsOf(layout);
  if (bits === null || layout === null) return [];
  const values = decodeOptions(layout, options);
  const codes: number[] = [];
  let from = 0;
  for (const { name, width } of bits.fields) {
    const value = values.get(name) ?? 2 ** width - 1;
    for (let bit = 0; bit < width; bit += 1) if (((value >>> bit) & 1) === 0) codes.push(from + bit);
    from += width;
  }
  if (bits.by === "sector")
    return map.sectors
      .filter(({ index }) => codes.includes(index))
      .map(({ address, size }) => ({ start: address, end: address + size }));
  return codes.map((code) => {
    const start = flash.start + code * pageBytes;
    return { start, end: code === lastPageBit ? flash.end : start + pageBytes };
  });
}

/** Option bytes that protect the sectors of these codes and no others; `null`: it is not known how this chip does it. */
export function protecting(
  layout: OptionLayout | null,
  options: readonly Uint8Array[],
  codes: readonly number[],
): Uint8Array[] | null {
  const bits = bitsOf(layout);
  if (bits === null || layout === null) return null;
  const changes = new Map<string, number>();
  let from = 0;
  for (const { name, width } of bits.fields) {
    const first = from;
    const mine = codes.filter((code) => code >= first && code < first + width);
    const clear = mine.reduce((mask, code) => mask | (1 << (code - first)), 0);
    changes.set(name, (2 ** width - 1) & ~clear);
    from += width;
  }
  return encodeOptions(layout, options, changes);
}
