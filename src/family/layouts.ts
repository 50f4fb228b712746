import type { Range } from "../model/family.ts";
import { encodeOptions, wordBytes } from "../model/option-codec.ts";
import type { OptionEncoding, OptionField, OptionLayout } from "../model/option-bytes.ts";
import type { DeviceFacts } from "./facts.ts";
import { at, entries, list, listOf, number, oneOf, orNull, readTable, text, type Node } from "./read-json.ts";

const encodings = [
  "byte-complement",
  "half-word-complement",
  "high-half-complement",
  "double-word-complement",
  "register-pairs",
  "plain",
] as const satisfies readonly OptionEncoding[];

/** Layouts whose registers are known and whose way through the loader no source gives. */
const unreachable: ReadonlyMap<string, string> = new Map([
  ["H5", "the STM32H5 sets its product state by commands of its own, which this program does not send"],
  ["H7RS", "the STM32H7RS changes its option bytes by calls that no open source describes well enough"],
  ["U0", "no source says how the loader of the STM32U0 reaches its option bytes"],
  ["U3WBA", "no source says how the loaders of the STM32U3 and STM32WBA reach their option bytes"],
  ["C5", "no board has confirmed how the loader of the STM32C5 reaches its option bytes"],
]);

/** The G43x loader names 48 bytes and answers 40 (issue g431-ob-48). */
const answered: ReadonlyMap<string, number> = new Map([["0x468", 40]]);

interface FieldFacts {
  readonly field: Omit<OptionField, "address">;
  readonly offset: number;
  /** An address, `bank2`, or `null` for the layout's own base. */
  readonly base: string | null;
  readonly factoryFor: readonly number[] | null;
  readonly applies: readonly number[] | null;
  /** Variants that have the product id and not the field. */
  readonly lackingOn: readonly string[];
  readonly readable: boolean;
}

interface LayoutFacts {
  readonly id: string;
  readonly encoding: OptionEncoding;
  readonly products: readonly number[];
  readonly base: number;
  /** Another base, by product id or family. */
  readonly bases: ReadonlyMap<string, number>;
  /** Whole words from the factory; `scope`: a family, a product id, `!` and a product id for all others, or all. */
  readonly words: readonly { readonly offset: number; readonly value: number; readonly scope: string }[];
  readonly fields: readonly FieldFacts[];
}

/** Option layouts of the table, by id. */
export type Layouts = ReadonlyMap<string, LayoutFacts>;

function field(node: Node): FieldFacts {
  const lackingOn = listOf(at(node, "lackingOn"), text);
  const note = orNull(at(node, "note"), text);
  const lacking = lackingOn.length === 0 ? null : `not on ${lackingOn.join(", ")}`;
  return {
    field: {
      name: text(at(node, "name")),
      aliases: listOf(at(node, "aliases"), text),
      bit: number(at(node, "bit")),
      width: number(at(node, "width")),
      factory: orNull(at(node, "factory"), number),
      values: new Map(
        (orNull(at(node, "values"), entries) ?? []).map(([value, word]) => [
          value === "other" ? value : Number(value),
          text(word),
        ]),
      ),
      danger: orNull(at(node, "danger"), text),
      note: [note, lacking].filter((part) => part !== null).join("; ") || null,
    },
    offset: number(at(node, "offset")),
    base: orNull(at(node, "base"), text),
    factoryFor: orNull(at(node, "factoryFor"), (ids) => list(ids).map(number)),
    applies: orNull(at(node, "applies"), (ids) => list(ids).map(number)),
    lackingOn,
    readable: orNull(at(node, "access"), text) !== "write-only",
  };
}

function layout(node: Node): LayoutFacts {
  return {
    id: text(at(node, "id")),
    encoding: oneOf(at(node, "encoding"), encodings),
    products: list(at(node, "products")).map(number),
    base: number(at(node, "base")),
    bases: new Map(entries(at(node, "bases")).map(([who, base]) => [who, number(base)])),
    words: list(at(node, "words")).map((word) => ({
      offset: number(at(word, "offset")),
      value: number(at(word, "value")),
      scope: text(at(word, "for")),
    })),
    fields: list(at(node, "fields")).map(field),
  };
}

/** option-bytes.json, every value of it checked for its kind. Throws a RangeError with the place of a mistake. */
export function readLayouts(): Layouts {
  const all = list(at(readTable("option-bytes.json"), "layouts")).map(layout);
  return new Map(all.map((one) => [one.id, one]));
}

const productKey = (device: DeviceFacts): string => `0x${device.productId.toString(16).toUpperCase()}`;

/** The option bytes as a chip of this variant has them; `null` where the table knows none. */
export function layoutFor(device: DeviceFacts, layouts: Layouts): OptionLayout | null {
  const facts = layouts.get(device.optionBytes.layout);
  if (facts === undefined) return null;
  const closed = unreachable.get(facts.id) ?? null;
  const own = facts.fields.filter(
    (one) =>
      (one.applies === null || one.applies.includes(device.productId)) &&
      !one.lackingOn.includes(device.name),
  );
  const blocks = closed === null ? blocksFor(facts, device, own) : [];
  const word = wordBytes(facts);
  const fields = own
    .map((one) => fieldFor(one, facts, device))
    .filter((one) => closed !== null || blocks.some((block) => holdsWord(block, one.address, word)));
  return {
    id: facts.id,
    encoding: facts.encoding,
    blocks,
    writeOffset: 0,
    unreachable: closed,
    fields,
  };
}

const holdsWord = (block: { address: number; size: number }, address: number, bytes: number): boolean =>
  address >= block.address && address + bytes <= block.address + block.size;

function fieldFor(one: FieldFacts, facts: LayoutFacts, device: DeviceFacts): OptionField {
  const known = one.factoryFor === null || one.factoryFor.includes(device.productId);
  return {
    ...one.field,
    factory: known ? one.field.factory : null,
    address: baseOf(one, facts, device) + one.offset,
  };
}

function baseOf(one: FieldFacts, facts: LayoutFacts, device: DeviceFacts): number {
  if (one.base === "bank2") return device.optionBytes.ranges[1]?.start ?? 0;
  if (one.base !== null) return Number(one.base);
  return facts.bases.get(productKey(device)) ?? facts.bases.get(device.family) ?? facts.base;
}

/** Longest block: one Write Memory command takes it whole. */
const longestBlock = 256;

/** The ranges that the loader takes, each up to the first word that cannot be read back, and in whole words. */
function blocksFor(
  facts: LayoutFacts,
  device: DeviceFacts,
  fields: readonly FieldFacts[],
): { address: number; size: number }[] {
  return device.optionBytes.ranges.map(({ start, end }: Range) => {
    const closed = fields
      .filter((one) => !one.readable)
      .map((one) => baseOf(one, facts, device) + one.offset)
      .filter((address) => address >= start && address < end);
    const size = Math.min(end, ...closed) - start;
    const limit = Math.min(size, longestBlock, answered.get(productKey(device)) ?? size);
    return { address: start, size: limit - (limit % 4) };
  });
}

/**
 * Content of the blocks at delivery: erased bits, the whole words that a source gives, then each field's factory
 * value. A field without one is open (RDP level 0), its areas empty: starts all ones, ends and switches 0.
 */
export function factoryBlocks(device: DeviceFacts, layout: OptionLayout, layouts: Layouts): Uint8Array[] {
  if (layout.unreachable !== null) return [];
  const facts = layouts.get(layout.id);
  const blocks = layout.blocks.map(({ size }) => new Uint8Array(size).fill(0xff));
  const [main] = layout.blocks;
  const first = blocks[0];
  if (facts === undefined || main === undefined || first === undefined) return blocks;
  const given = new Set<number>();
  for (const word of facts.words) {
    if (!inScope(word.scope, device) || word.offset + 4 > first.length) continue;
    new DataView(first.buffer).setUint32(word.offset, word.value, true);
    given.add(main.address + word.offset);
  }
  const values = layout.fields.flatMap((one): [string, number][] => {
    const value = one.factory ?? (given.has(one.address) && one.name !== "RDP" ? null : openValue(one));
    return value === null ? [] : [[one.name, value]];
  });
  mirror(layout, blocks);
  return encodeOptions(layout, blocks, new Map(values));
}

// The codec keeps what it finds on F2 and F4: a new chip has its complements.
function mirror(layout: OptionLayout, blocks: readonly Uint8Array[]): void {
  if (layout.encoding !== "half-word-complement") return;
  for (const block of blocks) {
    const view = new DataView(block.buffer);
    for (let at = 0; at + 4 <= block.length; at += 8)
      view.setUint16(at + 2, ~view.getUint16(at, true) & 0xffff, true);
  }
}

function inScope(scope: string, device: DeviceFacts): boolean {
  if (scope.startsWith("!")) return scope.slice(1) !== productKey(device);
  return scope === "" || scope === device.family || scope === productKey(device);
}

function openValue({ name, width }: OptionField): number {
  if (name === "RDP") return 0xaa;
  return /STRT|START|^n?WRPS?n?\d*$|^UNLOCK/.test(name) ? 2 ** width - 1 : 0;
}
