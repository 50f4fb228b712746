import { assertNever } from "../lib/assert-never.ts";
import type { MemoryMap, Sector } from "../model/memory.ts";
import type { DeviceFacts, LayoutCondition, SectorLayout } from "./facts.ts";

/** Named option bits, as far as they are known. */
type Bits = ReadonlyMap<string, number>;

/**
 * The sectors of a chip: the first layout whose condition holds, trimmed to the size that the chip states. Bits that
 * were not read count as from the factory. A size that no condition knows takes the first layout that can be.
 */
export function mapFor(facts: DeviceFacts, flashKiB: number, bits: Bits, factory: Bits): MemoryMap {
  const known = new Map([...factory, ...bits]);
  const layout =
    facts.layouts.find((one) => one.when === null || holds(one.when, flashKiB, known)) ??
    facts.layouts.find((one) => one.when !== null && mayHold(one.when, flashKiB)) ??
    facts.layouts[0];
  if (layout === undefined) throw new RangeError(`${facts.key} has no sector layout`);
  const sectors = trimmed(layout, flashKiB * 1024);
  return {
    layoutId: layout.id,
    sectors,
    flashBytes: sectors.reduce((sum, sector) => sum + sector.size, 0),
  };
}

/** One set of bits for each layout that a chip of this size can be in. */
export function bitVariants(facts: DeviceFacts, flashKiB: number): Bits[] {
  const names = [...new Set(facts.layouts.flatMap((layout) => bitNames(layout.when)))];
  const variants = new Map<string, Bits>();
  for (let mask = 0; mask < 2 ** names.length; mask += 1) {
    const bits = new Map(names.map((name, i) => [name, (mask >>> i) & 1]));
    const { layoutId } = mapFor(facts, flashKiB, bits, new Map());
    if (!variants.has(layoutId)) variants.set(layoutId, bits);
  }
  return [...variants.values()];
}

/** True where option bits could change the sectors of a chip of this size. */
export function hangsOnBits(facts: DeviceFacts, flashKiB: number): boolean {
  return bitVariants(facts, flashKiB).length > 1;
}

function bitNames(when: LayoutCondition | null): string[] {
  if (when === null) return [];
  return [
    ...(when.optionBit === null ? [] : [when.optionBit.name]),
    ...(when.anyOf ?? []).flatMap((one) => bitNames(one)),
  ];
}

function holds(when: LayoutCondition, flashKiB: number, bits: Bits): boolean {
  if (when.flashKiB !== null && !when.flashKiB.includes(flashKiB)) return false;
  if (when.optionBit !== null && bits.get(when.optionBit.name) !== when.optionBit.equals) return false;
  return when.anyOf === null || when.anyOf.some((one) => holds(one, flashKiB, bits));
}

/** As `holds`, whatever the bits are. */
function mayHold(when: LayoutCondition, flashKiB: number): boolean {
  if (when.flashKiB !== null && !when.flashKiB.includes(flashKiB)) return false;
  return when.anyOf === null || when.anyOf.some((one) => mayHold(one, flashKiB));
}

/** Bytes of the first bank, and the address of the second one, for a chip of this size (devices.json, layoutTrim). */
function trimmed(layout: SectorLayout, bytes: number): Sector[] {
  const sectors: Sector[] = [];
  let left = bytes;
  let nextIndex = 0;
  let end = 0;
  for (const [i, bank] of layout.banks.entries()) {
    const share = shareOf(layout, i, bytes, left);
    const follows = layout.trim === "half" && i > 0;
    const start = follows ? end : bank.start;
    let address = start;
    let index = bank.firstIndex ?? nextIndex;
    for (const run of bank.sectors)
      for (let n = 0; n < run.count && address + run.size - start <= share; n += 1) {
        sectors.push({ index, address, size: run.size });
        address += run.size;
        index += 1;
      }
    left -= address - start;
    end = address;
    nextIndex = index;
  }
  return sectors;
}

function shareOf(layout: SectorLayout, bank: number, bytes: number, left: number): number {
  const listed = layout.banks[bank]?.sectors.reduce((sum, run) => sum + run.count * run.size, 0) ?? 0;
  switch (layout.trim) {
    case "none":
      return listed;
    case "truncate":
    case "bank1-full-then-bank2":
      return Math.min(left, listed);
    case "half":
    case "fixed-bank2":
      return Math.min(bytes / layout.banks.length, listed);
    default:
      return assertNever(layout.trim);
  }
}
