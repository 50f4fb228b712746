import { equalBytes } from "../lib/bytes.ts";
import { Fault } from "../model/fault.ts";
import type { Segment } from "../model/memory.ts";
import type { AttemptState } from "./attempt-state.ts";

/**
 * Reads a stretch whose content is known. Read-back data carries no checksum: an answer that differs, or a refusal, is
 * asked for once more, which makes the unit marginal. Gives the last answer, right or wrong.
 */
export async function readBack(
  state: AttemptState,
  wanted: Segment,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const read = (): Promise<Uint8Array> => state.loader.read(wanted.address, wanted.bytes.length, signal);
  try {
    const first = await read();
    if (equalBytes(first, wanted.bytes)) return first;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "CHIP_REFUSED") throw error;
  }
  state.retries += 1;
  return await read();
}
