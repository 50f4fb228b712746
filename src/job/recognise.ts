import { hexShort } from "../lib/bytes.ts";
import type { DeviceFamily } from "../model/family.ts";
import { Fault } from "../model/fault.ts";
import type { MemoryMap } from "../model/memory.ts";
import type { OptionLayout } from "../model/option-bytes.ts";
import { decodeOptions } from "../model/option-codec.ts";
import type { Bootloader, Identity } from "../protocol/bootloader.ts";
import { flashSectors } from "../protocol/dfu/layout-string.ts";
import type { KnownChip } from "./attempt-state.ts";
import type { ChipTable, ChipChoice } from "./job.ts";

/** The table's entry for a board whose loader tells its product id (UART, CAN). */
export async function recogniseById(
  loader: Bootloader,
  productId: number,
  table: ChipTable,
  signal: AbortSignal,
): Promise<{ family: DeviceFamily; bootloaderId: number | null }> {
  const plain = table.familyOf(productId, null);
  if (plain === null) {
    const foreign = table.foreignDevice(productId);
    throw new Fault(
      "WRONG_CHIP",
      `the loader answers as ${hexShort(productId)}, ${foreign ?? "which is in no table"}`,
    );
  }
  loader.adopt(plain);
  const at = plain.bootloaderIdAddress;
  const id = at === null ? null : await loader.tryRead(at, 1, signal);
  const bootloaderId = id?.[0] ?? null;
  const family = table.familyOf(productId, bootloaderId) ?? plain;
  loader.adopt(family);
  return { family, bootloaderId };
}

/** Flash size as the chip states it, KiB; `null` where it does not. */
export async function statedFlashKiB(
  loader: Bootloader,
  family: DeviceFamily,
  signal: AbortSignal,
): Promise<number | null> {
  const { address, mask } = family.flashSizeRegister;
  const bytes = await loader.tryRead(address, 2, signal);
  if (bytes === null) return null;
  const value = (((bytes[1] ?? 0) << 8) | (bytes[0] ?? 0)) & mask;
  return value === 0 || value === 0xffff ? null : value;
}

/** The blocks of a layout as they are in the chip; `null` where the wire cannot read them. */
export async function readOptionBlocks(
  loader: Bootloader,
  layout: OptionLayout,
  signal: AbortSignal,
): Promise<Uint8Array[] | null> {
  if (layout.unreachable !== null) return null;
  const blocks: Uint8Array[] = [];
  for (const block of layout.blocks) {
    const bytes = await loader.tryRead(block.address, block.size, signal);
    if (bytes === null) return null;
    blocks.push(bytes);
  }
  return blocks;
}

/** Map, and layout of option bytes, for a chip known by its id. Option bits are read only where the map hangs on them. */
export async function chipById(
  loader: Bootloader,
  family: DeviceFamily,
  flashKiB: number,
  table: ChipTable,
  signal: AbortSignal,
): Promise<KnownChip> {
  const layout = table.optionLayoutOf(family);
  let bits: ReadonlyMap<string, number> = new Map();
  if (layout !== null && table.mapHangsOnOptions(family, flashKiB)) {
    const blocks = await readOptionBlocks(loader, layout, signal);
    if (blocks !== null) bits = decodeOptions(layout, blocks);
  }
  return { family, flashKiB, map: table.mapOf(family, flashKiB, bits), layout };
}

const sameSectors = (a: MemoryMap, b: readonly { address: number; size: number }[]): boolean =>
  a.sectors.length === b.length &&
  a.sectors.every((sector, i) => sector.address === b[i]?.address && sector.size === b[i]?.size);

/**
 * Over DFU no product id is told: a chip of the profile is accepted when its sectors are those of the loader's memory
 * string. Throws WRONG_CHIP with the string otherwise.
 */
export function chipByStrings(identity: Identity, choice: ChipChoice, table: ChipTable): KnownChip {
  const sectors = flashSectors(identity.memoryStrings);
  for (const productId of choice.productIds) {
    // The product's usual loader first; one without USB cannot be the one that answers.
    const usual = table.familyOf(productId, null);
    const variants = table.variantsOf(productId).filter(({ wires }) => wires.includes("usb"));
    for (const family of variants.toSorted(
      (a, b) => Number(b.key === usual?.key) - Number(a.key === usual?.key),
    )) {
      for (const flashKiB of family.knownSizesKiB) {
        for (const bits of table.mapVariants(family, flashKiB)) {
          const map = table.mapOf(family, flashKiB, bits);
          if (sameSectors(map, sectors))
            return { family, flashKiB, map, layout: table.optionLayoutOf(family) };
        }
      }
    }
  }
  throw new Fault(
    "WRONG_CHIP",
    `no ${choice.name} has the memory that the loader describes: ${identity.memoryStrings.join(" | ")}`,
  );
}
