import { equalBytes, hex32, toHex } from "../../lib/bytes.ts";
import { Fault } from "../../model/fault.ts";
import { blocksToRead } from "../../plan/writes.ts";
import { knownChip, note, type AttemptState, type Step } from "../attempt-state.ts";
import { readBack } from "../read-back.ts";
import { readUid } from "./bind.ts";

/**
 * The same board as at the start, with its own data in it: the UID again where the wire reads it, and the unit's
 * fields; where it cannot, the image's first block. A board swapped half-way ends here.
 */
export const prove: Step = async function* (state, signal) {
  if (state.locked) {
    yield note("the chip is locked: neither UID nor data can be read at the end");
    return 0;
  }
  const { family } = knownChip(state);
  if (state.uid !== null) {
    const uid = await readUid(state.loader, family, signal);
    if (uid !== state.uid)
      throw new Fault("BOARD_CHANGED", `the UID was ${state.uid} and is ${uid ?? "not readable"} now`);
  }
  let bytes = 0;
  if (state.uid === null) bytes += await sameImage(state, signal);
  for (const field of state.patched?.fields ?? []) {
    const read = await readBack(state, field, signal);
    bytes += read.length;
    if (!equalBytes(read, field.bytes)) {
      const detail = `field "${field.name}" reads ${toHex(read)}, wanted ${toHex(field.bytes)}`;
      throw new Fault(state.uid === null ? "BOARD_CHANGED" : "DATA_MISMATCH", detail);
    }
  }
  return bytes;
};

/** Without a UID a board that was exchanged while it was off the bus shows by what it holds. */
async function sameImage(state: AttemptState, signal: AbortSignal): Promise<number> {
  const [block] = blocksToRead(state.content, state.loader.blockBytes);
  if (block === undefined) return 0;
  const read = await readBack(state, block, signal);
  if (equalBytes(read, block.bytes)) return read.length;
  throw new Fault("BOARD_CHANGED", `the block at ${hex32(block.address)} was right and is not any more`);
}
