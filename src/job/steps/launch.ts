import { assertNever } from "../../lib/assert-never.ts";
import { again } from "../again.ts";
import { knownChip, note, type Step } from "../attempt-state.ts";

/** Leaves the board as the profile says: application started, reset, or still in its loader. */
export const launch: Step = async function* (state, signal) {
  const { after } = state.job.profile;
  switch (after) {
    case "stay":
      return 0;
    case "reset":
      if (!(await state.loader.resetToApplication(signal)))
        yield note("this slot has no reset line: the application starts at the next power-up");
      return 0;
    case "run": {
      if (state.locked) {
        if (!(await state.loader.resetToApplication(signal)))
          yield note("a locked chip starts its application at the next power-up only");
        return 0;
      }
      const start = startAddress(state.patched?.segments ?? [], knownChip(state).family.flashStart);
      await again(state, () => state.loader.launch(start, signal));
      return 0;
    }
    default:
      return assertNever(after);
  }
};

// The vector table is the first thing in flash that the image has.
function startAddress(segments: readonly { address: number }[], flashStart: number): number {
  const first = segments.find((segment) => segment.address >= flashStart);
  return first?.address ?? flashStart;
}
