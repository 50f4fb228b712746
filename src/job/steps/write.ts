import { Fault } from "../../model/fault.ts";
import { blocksToWrite, overlaps } from "../../plan/writes.ts";
import type { Segment } from "../../model/memory.ts";
import { knownChip, progress, type AttemptState, type Step } from "../attempt-state.ts";

/** A refused block is sent again so many times (contract, Outcomes). */
const mostRetries = 3;

/** Writes what is not blank. The unit's number is `written` in the books before the block that holds it leaves. */
export const write: Step = async function* (state, signal) {
  const { family } = knownChip(state);
  const { loader } = state;
  const blocks = blocksToWrite(state.content, loader.blockBytes, family.writeAlignBytes, family.erasedByte);
  const total = blocks.reduce((sum, block) => sum + block.bytes.length, 0);
  const fields = state.patched?.fields ?? [];
  let told = false;
  let done = 0;
  for (const block of blocks) {
    if (!told && fields.some((field) => overlaps(field, block))) {
      state.job.desk.written();
      told = true;
    }
    await writeBlock(state, block, signal);
    done += block.bytes.length;
    yield progress("write", done, total);
  }
  return total;
};

async function writeBlock(state: AttemptState, block: Segment, signal: AbortSignal): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await state.loader.write(block.address, block.bytes, signal);
      return;
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "CHIP_REFUSED" || tries === mostRetries) throw error;
      state.retries += 1;
    }
  }
}
