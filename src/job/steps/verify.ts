import { createHash } from "node:crypto";
import { equalBytes, hex32 } from "../../lib/bytes.ts";
import { Fault } from "../../model/fault.ts";
import { blocksToRead, overlaps } from "../../plan/writes.ts";
import type { Segment } from "../../model/memory.ts";
import { isSlipped } from "../../protocol/uart/slip.ts";
import { ahead } from "../ahead.ts";
import { knownChip, note, progress, type AttemptState, type Step } from "../attempt-state.ts";
import { readBack } from "../read-back.ts";

/** Reads back every byte of the erased sectors: image, the unit's data, and that the gaps are blank. */
export const verify: Step = async function* (state, signal) {
  if (state.job.profile.verify === "checksum")
    yield note("this loader has no checksum command: verified by reading back");
  const blocks = blocksToRead(state.content, state.loader.blockBytes);
  const total = blocks.reduce((sum, block) => sum + block.bytes.length, 0);
  const hash = createHash("sha256");
  let done = 0;
  for await (const { result } of ahead(blocks, (block) => readBlock(state, block, signal))) {
    hash.update(result);
    done += result.length;
    yield progress("verify", done, total);
  }
  yield { type: "verified", method: "readback", hash: hash.digest("hex"), bytes: total };
  return total;
};

async function readBlock(state: AttemptState, block: Segment, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = await readBack(state, block, signal);
  if (equalBytes(bytes, block.bytes)) return bytes;
  if (state.loader.wire === "uart" && isSlipped(block.bytes, bytes, knownChip(state).family.erasedByte))
    throw new Fault(
      "LINK_NOISE",
      `the block at ${hex32(block.address)} lies one byte behind its place: a stray byte came before it on the line`,
    );
  const field = state.patched?.fields.find((f) => overlaps(f, block));
  const where = field === undefined ? "" : ` (field "${field.name}" lies in this block)`;
  throw new Fault("VERIFY_MISMATCH", `${firstDifference(block, bytes)}${where}`);
}

function firstDifference(block: Segment, read: Uint8Array): string {
  const at = read.findIndex((byte, i) => byte !== block.bytes[i]);
  const count = read.reduce((sum, byte, i) => sum + (byte === block.bytes[i] ? 0 : 1), 0);
  const two = (value: number | undefined): string => (value ?? 0).toString(16).toUpperCase().padStart(2, "0");
  return (
    `at ${hex32(block.address + at)} read ${two(read[at])}, wanted ${two(block.bytes[at])}; ` +
    `${count} of ${read.length} bytes of this block differ, twice`
  );
}
