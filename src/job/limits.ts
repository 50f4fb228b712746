import type { StepName } from "../model/event.ts";
import type { Wire } from "../model/family.ts";
import type { AttemptState } from "./attempt-state.ts";
import { sectorsTouched } from "../plan/erase.ts";

/**
 * What the commands of a block of 256 bytes may take beside wire and flash on a machine that is busy with a whole gang, ms:
 * one or two transfers, three exchanges, 34 frames that each wait for an adapter's round trip.
 */
const blockMs: Readonly<Record<Wire, number>> = { usb: 500, uart: 1000, can: 2000 };

/**
 * The longest a step may take, ms: far above what its own commands are given, so that a loop of small successes ends
 * too. Scales with what the step has to move.
 */
export function stepLimitMs(step: StepName, state: AttemptState, baud: number | null): number {
  const chip = state.chip;
  if (chip === null || step === "identify") return 60_000 + unprotectMs(state);
  const { deadlines } = chip.family;
  const bytes = state.content.reduce((sum, segment) => sum + segment.bytes.length, 0);
  const blocks = Math.ceil(bytes / Math.min(256, state.loader.blockBytes));
  const commandMs = blocks * blockMs[state.loader.wire];
  // Ten times the bare wire, a second a block on top for a wire whose speed nobody states.
  const wireMs = baud === null ? bytes / 10 : (bytes * 11 * 1000 * 3) / baud;
  switch (step) {
    case "erase": {
      const units = sectorsTouched(chip.map, state.content).length;
      return 10_000 + deadlines.massEraseMs + units * deadlines.eraseUnitMs;
    }
    case "write":
      return 30_000 + wireMs + commandMs + blocks * deadlines.writeBlockMs;
    case "verify":
      return 30_000 + 2 * wireMs + commandMs;
    default:
      return 120_000;
  }
}

function unprotectMs(state: AttemptState): number {
  return state.job.profile.onProtected === "unprotect" ? 60_000 : 0;
}
