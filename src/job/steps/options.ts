import { equalBytes, hexShort } from "../../lib/bytes.ts";
import { Fault } from "../../model/fault.ts";
import type { OptionLayout, OptionRecord, OptionValues } from "../../model/option-bytes.ts";
import { decodeOptions, encodeOptions } from "../../model/option-codec.ts";
import { isForEver, OptionWrite } from "../../model/option-write.ts";
import { optionStages } from "../../plan/options.ts";
import { again } from "../again.ts";
import { knownChip, note, type AttemptState, type Step } from "../attempt-state.ts";
import { readOptionBlocks } from "../recognise.ts";

/**
 * Writes the wanted option bytes as named fields, settings first and protection last, each through the reset that
 * follows, and proves them by reading. What is right already is not written: no wear, no reset.
 */
export const options: Step = async function* (state, signal) {
  const wanted = state.job.profile.optionBytes;
  if (wanted.size === 0) return 0;
  const { layout, family } = knownChip(state);
  if (layout === null || layout.unreachable !== null)
    throw new Fault("LOADER_FAULT", layout?.unreachable ?? `no option bytes are known for ${family.name}`);

  const first = await readOptionBlocks(state.loader, layout, signal);
  if (first === null)
    throw new Fault(
      "OPTION_UNKNOWN",
      `the option bytes of ${family.name} cannot be read over ${state.loader.wire}`,
    );
  const before = decodeOptions(layout, first);
  let after: OptionValues | null = before;
  let blocks: readonly Uint8Array[] = first;
  let bytes = 0;
  for (const stage of optionStages(layout, before, wanted)) {
    const next = encodeOptions(layout, blocks, stage.changes);
    bytes += await writeBlocks(state, layout, blocks, next, signal);
    if (isLastWord(layout, stage.changes)) {
      after = null;
      state.locked = true;
      yield note("level 2 was taken by the loader, which never answers again: it cannot be read back");
      continue;
    }
    await returned(state, signal);
    const read = await readAfter(state, layout, signal);
    if (read === null) {
      after = null;
      if (stage.kind === "settings")
        throw new Fault("OPTION_UNKNOWN", "the option bytes cannot be read after the reset");
      state.locked = true;
      yield note("read protection is on: the loader refuses every read, as it must");
      continue;
    }
    blocks = read;
    after = decodeOptions(layout, read);
  }
  yield { type: "options", options: optionRecords(wanted, before, after) };
  // What nobody asked to change must be as it was, too.
  const all = optionRecords(new Map([...before, ...wanted]), before, after);
  const wrong = all.filter((record) => record.after !== null && record.after !== record.wanted);
  if (wrong.length > 0)
    throw new Fault(
      "OPTION_MISMATCH",
      wrong
        .map((r) => `${r.name} wanted ${hexShort(r.wanted)}, after the reset ${hexShort(r.after ?? 0)}`)
        .join("; "),
    );
  return bytes;
};

async function writeBlocks(
  state: AttemptState,
  layout: OptionLayout,
  before: readonly Uint8Array[],
  blocks: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<number> {
  const writes = OptionWrite.permit(layout, blocks, state.job.irreversible);
  let bytes = 0;
  for (const [i, write] of writes.entries()) {
    // A block that stays as it is costs a reset; behind one that locks the chip it would be refused.
    const old = before[i];
    if (old !== undefined && equalBytes(old, write.bytes)) continue;
    if (bytes > 0) await state.reconnect(signal);
    await again(state, () => state.loader.writeOptions(write, signal));
    bytes += write.bytes.length;
  }
  return bytes;
}

/** Read protection level 2: the chip has no loader any more once it is reset, so nothing after it can be asked. */
function isLastWord(layout: OptionLayout, changes: OptionValues): boolean {
  return layout.fields.some(({ name, danger }) => isForEver(danger, changes.get(name) ?? 0));
}

/** The board is back from its reset, and is the one that left. */
async function returned(state: AttemptState, signal: AbortSignal): Promise<void> {
  await state.reconnect(signal);
  const { usbSerial } = await again(state, () => state.loader.identify(signal));
  // No identity (it is a digest, or a constant), yet a board that shows another one is another one.
  if (usbSerial !== state.usbSerial)
    throw new Fault("BOARD_CHANGED", `the USB serial was ${state.usbSerial} and is ${usbSerial} now`);
  state.loader.adopt(knownChip(state).family);
}

/** `null`: the chip refuses to be read. */
async function readAfter(
  state: AttemptState,
  layout: OptionLayout,
  signal: AbortSignal,
): Promise<Uint8Array[] | null> {
  try {
    return await readOptionBlocks(state.loader, layout, signal);
  } catch (error) {
    if (error instanceof Fault && error.code === "PROTECTED") return null;
    throw error;
  }
}

function optionRecords(
  wanted: OptionValues,
  before: OptionValues,
  after: OptionValues | null,
): OptionRecord[] {
  return [...wanted].map(([name, value]) => ({
    name,
    wanted: value,
    before: before.get(name) ?? null,
    after: after?.get(name) ?? null,
  }));
}
