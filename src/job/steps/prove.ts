import { equalBytes, toHex } from "../../lib/bytes.ts";
import { Fault } from "../../model/fault.ts";
import { knownChip, note, type Step } from "../attempt-state.ts";
import { readUid } from "./bind.ts";

/**
 * The same board as at the start, with its own data in it: the UID again where the wire reads it, and the unit's
 * fields. A board swapped half-way ends here.
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
  for (const field of state.patched?.fields ?? []) {
    const read = await state.loader.read(field.address, field.bytes.length, signal);
    bytes += read.length;
    if (!equalBytes(read, field.bytes)) {
      const detail = `field "${field.name}" reads ${toHex(read)}, wanted ${toHex(field.bytes)}`;
      throw new Fault(state.uid === null ? "BOARD_CHANGED" : "DATA_MISMATCH", detail);
    }
  }
  return bytes;
};
