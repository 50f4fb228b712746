import { assertNever } from "../lib/assert-never.ts";
import { hexShort } from "../lib/bytes.ts";
import type { OptionEncoding, OptionField, OptionLayout, OptionValues } from "./option-bytes.ts";

/**
 * Values of the named fields as the blocks of a layout hold them (devices/option-bytes.md). A field whose word is not
 * in the blocks is left out: what was not read has no value.
 */
export function decodeOptions(layout: OptionLayout, blocks: readonly Uint8Array[]): OptionValues {
  const values = new Map<string, number>();
  for (const field of layout.fields) {
    const place = placeOf(layout, blocks, field);
    if (place === null) continue;
    values.set(field.name, (place.view.getUint32(place.at, true) >>> field.bit) & maskOf(field.width));
  }
  return new Map([...values].map(([name, value]) => [name, value >>> 0]));
}

/**
 * New blocks with the named fields changed and every other bit as read; complements (and the written halves of register
 * pairs) of the words that hold fields are made anew. Throws a RangeError for a name that the layout does not have, for a value wider than its field, and for a
 * field whose word is not in the blocks.
 */
export function encodeOptions(
  layout: OptionLayout,
  blocks: readonly Uint8Array[],
  changes: OptionValues,
): Uint8Array[] {
  const out = blocks.map((block) => block.slice());
  // A word that stores no complement as it was read has none to keep: to be asked before the change.
  const mirrored = layout.fields.map((field) => isMirrored(layout, blocks, field));
  for (const [name, value] of changes) {
    const field = layout.fields.find((one) => one.name === name);
    if (field === undefined) throw new RangeError(`${layout.id} has no option field ${name}`);
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** field.width)
      throw new RangeError(`${name} has ${field.width} bits, ${valueText(value)} does not fit`);
    const place = placeOf(layout, out, field);
    if (place === null) throw new RangeError(`${name} lies outside the option bytes that were read`);
    const mask = maskOf(field.width) << field.bit;
    const before = place.view.getUint32(place.at, true);
    place.view.setUint32(place.at, ((before & ~mask) | ((value << field.bit) & mask)) >>> 0, true);
  }
  for (const [i, field] of layout.fields.entries()) {
    const place = placeOf(layout, out, field);
    if (place !== null && mirrored[i] === true) complement(layout, place, field);
  }
  return out;
}

const valueText = (value: number): string =>
  Number.isInteger(value) && value >= 0 ? hexShort(value) : `${value}`;

const maskOf = (width: number): number => (width >= 32 ? 0xffff_ffff : 2 ** width - 1) | 0;

interface Place {
  readonly view: DataView;
  readonly at: number;
}

function placeOf(layout: OptionLayout, blocks: readonly Uint8Array[], field: OptionField): Place | null {
  for (const [i, { address, size }] of layout.blocks.entries()) {
    const block = blocks[i];
    const at = field.address - address;
    if (at < 0 || at + wordBytes(layout) > size) continue;
    if (block === undefined || at + wordBytes(layout) > block.length) return null;
    return { view: new DataView(block.buffer, block.byteOffset, block.byteLength), at };
  }
  return null;
}

/** Bytes that one option word takes, its partner included. */
export function wordBytes(layout: { readonly encoding: OptionEncoding }): 4 | 8 {
  return layout.encoding === "double-word-complement" || layout.encoding === "register-pairs" ? 8 : 4;
}

/**
 * On F2 and F4 the upper half-word repeats the lower one inverted, or is reserved: as the chip has it, it stays. All
 * other encodings always have their complement, even where a chip was read with a broken one.
 */
function isMirrored(layout: OptionLayout, blocks: readonly Uint8Array[], field: OptionField): boolean {
  if (layout.encoding !== "half-word-complement") return true;
  const place = placeOf(layout, blocks, field);
  if (place === null) return false;
  const low = place.view.getUint16(place.at, true);
  return place.view.getUint16(place.at + 2, true) === (~low & 0xffff);
}

function complement(layout: OptionLayout, { view, at }: Place, field: OptionField): void {
  switch (layout.encoding) {
    case "plain":
      return;
    case "byte-complement": {
      const byte = at + Math.floor(field.bit / 8);
      view.setUint8(byte + 1, ~view.getUint8(byte) & 0xff);
      return;
    }
    case "half-word-complement":
    case "high-half-complement":
      view.setUint16(at + 2, ~view.getUint16(at, true) & 0xffff, true);
      return;
    case "double-word-complement":
      view.setUint32(at + 4, ~view.getUint32(at, true) >>> 0, true);
      return;
    case "register-pairs":
      view.setUint32(at + 4, view.getUint32(at, true), true);
      return;
    default:
      assertNever(layout.encoding);
  }
}
