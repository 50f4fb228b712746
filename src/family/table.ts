import type { ChipChoice, ChipSpec, DeviceFamily, Wire } from "../model/family.ts";
import type { MemoryMap } from "../model/memory.ts";
import type { OptionLayout } from "../model/option-bytes.ts";
import { decodeOptions } from "../model/option-codec.ts";
import { readFacts, type DeviceFacts, type Facts } from "./facts.ts";
import { familyFor, knownId } from "./families.ts";
import { factoryBlocks, layoutFor, readLayouts, type Layouts } from "./layouts.ts";
import { bitVariants, hangsOnBits, mapFor } from "./maps.ts";
import { choiceOf, findName, nearNames, readParts, usualPart, type Part } from "./names.ts";

/** The three files, read at the first question. */
const files = once((): { facts: Facts; layouts: Layouts; parts: readonly Part[] } => ({
  facts: readFacts(),
  layouts: readLayouts(),
  parts: readParts(),
}));

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** What does not change with the loader's id: option bytes of a variant, and their content at delivery. */
interface Variant {
  readonly device: DeviceFacts;
  readonly layout: OptionLayout | null;
  readonly factoryOptions: readonly Uint8Array[];
  readonly factoryBits: ReadonlyMap<string, number>;
}

const variants = new Map<string, Variant>();
const families = new Map<string, DeviceFamily>();

function variantOf(key: string): Variant {
  const known = variants.get(key);
  if (known !== undefined) return known;
  const { facts, layouts } = files();
  const device = facts.devices.get(key);
  if (device === undefined) throw new RangeError(`no chip ${key} is in the table`);
  const layout = layoutFor(device, layouts);
  const factoryOptions = layout === null ? [] : factoryBlocks(device, layout, layouts);
  const factoryBits = layout === null ? new Map<string, number>() : decodeOptions(layout, factoryOptions);
  const variant: Variant = { device, layout, factoryOptions, factoryBits };
  variants.set(key, variant);
  return variant;
}

function family(key: string, bootloaderId: number | null): DeviceFamily {
  const name = `${key} ${bootloaderId ?? "unread"}`;
  const known = families.get(name);
  if (known !== undefined) return known;
  const { device, factoryBits } = variantOf(key);
  const made = familyFor(device, bootloaderId, factoryBits, files().facts);
  families.set(name, made);
  return made;
}

function variantKeys(productId: number): readonly string[] {
  return files().facts.products.get(productId)?.variants ?? [];
}

/** The chip table, as an attempt asks it (job/job.ts). */
export const chipTable = {
  /** The variant with this loader id among its documented ones, else the product's usual one. */
  familyOf(productId: number, bootloaderId: number | null): DeviceFamily | null {
    const product = files().facts.products.get(productId);
    if (product === undefined) return null;
    const key = product.variants.find((one) => knownId(variantOf(one).device, bootloaderId) !== null);
    if (key === undefined) return family(product.standard, bootloaderId);
    return family(key, knownId(variantOf(key).device, bootloaderId));
  },
  /** Each variant, its loader id not known. */
  variantsOf(productId: number): readonly DeviceFamily[] {
    return variantKeys(productId).map((key) => family(key, null));
  },
  /** A chip that answers as an STM32 and is none that can be programmed here; `null`: not known either. */
  foreignDevice(productId: number): string | null {
    return files().facts.foreign.get(productId) ?? null;
  },
  /** Sectors by size and named option bits; bits that are not given count as from the factory. */
  mapOf(one: DeviceFamily, flashKiB: number, optionBits: ReadonlyMap<string, number>): MemoryMap {
    const { device, factoryBits } = variantOf(one.key);
    return mapFor(device, flashKiB, optionBits, factoryBits);
  },
  mapHangsOnOptions(one: DeviceFamily, flashKiB: number): boolean {
    return hangsOnBits(variantOf(one.key).device, flashKiB);
  },
  mapVariants(one: DeviceFamily, flashKiB: number): readonly ReadonlyMap<string, number>[] {
    return bitVariants(variantOf(one.key).device, flashKiB);
  },
  optionLayoutOf(one: DeviceFamily): OptionLayout | null {
    return variantOf(one.key).layout;
  },
};

/** The chips that a profile's `chip` or a `sim:` port names, or up to three known names that come near. */
export function chipChoice(name: string): ChipChoice | { readonly nearest: readonly string[] } {
  const { parts } = files();
  const named = findName(name, parts);
  return named === null ? { nearest: nearNames(name, parts) } : choiceOf(named);
}

/** The option layouts of every chip that a choice accepts, each variant's once. */
export function optionLayouts(choice: ChipChoice): readonly OptionLayout[] {
  return choice.productIds
    .flatMap(variantKeys)
    .map((key) => variantOf(key).layout)
    .filter((layout) => layout !== null);
}

/**
 * All facts of one simulated chip. A line stands for one of its common parts: the largest, or for STM32F103 and other
 * lines of several dies the usual one. `uid`: 12 bytes. Throws a RangeError for a name that is not known.
 */
export function chipSpec(name: string, uid: Uint8Array): ChipSpec {
  const named = findName(name, files().parts);
  if (named === null) throw new RangeError(`no chip "${name}" is known`);
  if (uid.length !== 12) throw new RangeError(`a UID has 12 bytes, not ${uid.length}`);
  const { productId, flashKiB } = usualPart(named);
  const product = files().facts.products.get(productId);
  if (product === undefined) throw new RangeError(`${name} has a product id that is in no table`);
  const { device, layout, factoryOptions } = variantOf(product.standard);
  const one = family(device.key, device.bootloaderId);
  return {
    family: one,
    flashKiB,
    uid,
    mapOf: (bits) => chipTable.mapOf(one, flashKiB, bits),
    optionLayout: layout,
    factoryOptions,
  };
}

/** The wires that a simulated chip of this name has a loader on; none for a name that is not known. */
export function simulatedWires(name: string): readonly Wire[] {
  const named = findName(name, files().parts);
  if (named === null) return [];
  const product = files().facts.products.get(usualPart(named).productId);
  return product === undefined ? [] : family(product.standard, null).wires;
}

/** The key of every entry, one a loader variant. */
export function deviceKeys(): readonly string[] {
  return [...files().facts.devices.keys()];
}
