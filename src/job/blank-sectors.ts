import { isBlank } from "../lib/bytes.ts";
import { Fault } from "../model/fault.ts";
import type { Sector } from "../model/memory.ts";
import { knownChip, type AttemptState } from "./attempt-state.ts";
import { typicalEraseMs } from "./typical-erase.ts";

/** What a loader gives over a full-speed bus, bytes a millisecond: a block of 2048 takes two or three frames, half as fast to be sure. */
const bytesPerMs = 512;

/**
 * True where a sector is best looked at before it is erased: the flash can be written wherever it reads as erased (it has
 * no ECC word that a write of erased values would have used up), and reading it takes less time than erasing it. A new chip
 * then waits for no erase; another one tells by its first block.
 */
export function worthLooking(state: AttemptState, sector: Sector): boolean {
  const { family } = knownChip(state);
  // Who asks for all to be erased may not trust what is read.
  if (state.job.profile.erase === "all") return false;
  if (state.loader.wire !== "usb" || family.programBytes !== 1) return false;
  return sector.size / bytesPerMs < typicalEraseMs(family, sector.size) / 2;
}

/**
 * Whether every byte of the sector is erased already; one that the loader does not read is not. A transfer on USB carries
 * its own checksum, so each block is read once; what is wrong all the same is found by the verify.
 */
export async function isErased(state: AttemptState, sector: Sector, signal: AbortSignal): Promise<boolean> {
  const { loader } = state;
  const { erasedByte } = knownChip(state).family;
  const end = sector.address + sector.size;
  try {
    for (let at = sector.address; at < end; at += loader.blockBytes) {
      const bytes = await loader.read(at, Math.min(loader.blockBytes, end - at), signal);
      if (!isBlank(bytes, erasedByte)) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === "CHIP_REFUSED") return false;
    throw error;
  }
}
