import { equalBytes } from "../../lib/bytes.ts";
import { blocksToWrite, overlaps } from "../../plan/writes.ts";
import type { Segment } from "../../model/memory.ts";
import { again } from "../again.ts";
import { ahead } from "../ahead.ts";
import { knownChip, progress, type Step } from "../attempt-state.ts";

/** Writes what is not blank. The unit's number is `written` in the books before the block that holds it leaves. */
export const write: Step = async function* (state, signal) {
  const { family } = knownChip(state);
  const { loader } = state;
  const blocks = blocksToWrite(state.content, loader.blockBytes, family.writeAlignBytes, family.erasedByte);
  const total = blocks.reduce((sum, block) => sum + block.bytes.length, 0);
  const fields = state.patched?.fields ?? [];
  let told: Promise<void> | null = null;
  let done = 0;
  const send = async (block: Segment): Promise<void> => {
    if (fields.some((field) => overlaps(field, block))) await (told ??= state.job.desk.written());
    let refused = false;
    await again(state, async () => {
      // A spoilt ACK reads as a refusal, and flash with ECC takes nothing twice: what lies there already stays.
      if (refused && equalBytes(await loader.read(block.address, block.bytes.length, signal), block.bytes))
        return;
      refused = true;
      await loader.write(block.address, block.bytes, signal);
    });
  };
  for await (const { item } of ahead(blocks, send)) {
    done += item.bytes.length;
    yield progress("write", done, total);
  }
  return total;
};
