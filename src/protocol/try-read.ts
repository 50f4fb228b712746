import { alignDown } from "../lib/bytes.ts";
import type { DeviceFamily } from "../model/family.ts";
import { Fault } from "../model/fault.ts";

/** Largest read of the loaders on a serial line and on CAN, and the block that they give as a whole. */
const blockBytes = 256;

/** A read of a loader that throws where it is refused. */
export interface Refusing {
  readonly family: DeviceFamily | null;
  read(at: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Whether a fault says that this loader does not read there. */
  isRefusal(fault: Fault): boolean;
}

/**
 * Bytes at an address, or `null` where the loader does not read there. F4 and L0 refuse short reads of UID and flash
 * size: there the whole block around them is read (protocols/uart-an3155.md, section 3.5).
 */
export async function tryRead(
  loader: Refusing,
  at: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  if (length < blockBytes && isNearFactoryWords(loader.family, at)) {
    const start = alignDown(at, blockBytes);
    const around = await readOrNull(loader, start, blockBytes, signal);
    if (around !== null) return around.subarray(at - start, at - start + length);
  }
  return await readOrNull(loader, at, length, signal);
}

function isNearFactoryWords(family: DeviceFamily | null, at: number): boolean {
  if (family === null || !family.quirks.has("uid-as-large-block")) return false;
  const places = [family.uid.address, family.flashSizeRegister.address];
  return places.some((place) => alignDown(place, blockBytes) === alignDown(at, blockBytes));
}

async function readOrNull(
  loader: Refusing,
  at: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  try {
    return await loader.read(at, length, signal);
  } catch (error) {
    if (error instanceof Fault && loader.isRefusal(error)) return null;
    throw error;
  }
}
