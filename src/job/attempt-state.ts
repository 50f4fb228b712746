import type { Bootloader } from "../protocol/bootloader.ts";
import type { AttemptHappening, StepName } from "../model/event.ts";
import type { DeviceFamily } from "../model/family.ts";
import type { MemoryMap, Segment } from "../model/memory.ts";
import type { OptionLayout } from "../model/option-bytes.ts";
import type { Patched } from "../inject/patch.ts";
import type { Job } from "./job.ts";

/** The chip that lies in the slot, once it is known. */
export interface KnownChip {
  readonly family: DeviceFamily;
  readonly flashKiB: number;
  readonly map: MemoryMap;
  readonly layout: OptionLayout | null;
}

/** What one running attempt knows so far. Only its steps write here, one after another. */
export interface AttemptState {
  readonly job: Job;
  loader: Bootloader;
  chip: KnownChip | null;
  uid: string | null;
  /** Serial string of the device, over USB. */
  usbSerial: string | null;
  patched: Patched | null;
  /** Wanted content of every sector that this attempt erases, gaps as erased value. */
  content: readonly Segment[];
  /** Things that had to be done again, without what the loader repeats by itself. */
  retries: number;
  /** Read protection was switched on by this attempt: nothing can be read any more, and that is right. */
  locked: boolean;
  /** Closes the link and opens the slot's port again, for a board that was reset. */
  reconnect(signal: AbortSignal): Promise<void>;
}

/** One step: yields what happens, returns the bytes it moved. */
export type Step = (
  state: AttemptState,
  signal: AbortSignal,
) => AsyncGenerator<AttemptHappening, number, undefined>;

/** The known chip; asking before `identify` is a mistake of ours. */
export function knownChip(state: AttemptState): KnownChip {
  if (state.chip === null) throw new Error("no chip is known before identify");
  return state.chip;
}

/** All that had to be done again so far; more than none makes a pass marginal. */
export function retriesOf({ retries, loader }: AttemptState): number {
  return retries + loader.repeats;
}

export function progress(step: StepName, done: number, total: number): AttemptHappening {
  return { type: "progress", step, done, total };
}

export function note(text: string): AttemptHappening {
  return { type: "note", text };
}
