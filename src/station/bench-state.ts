import type { BatchCounts } from "../model/batch.ts";
import type { LastResult, RefusalCode, SlotView, StopCode } from "../model/view.ts";

/** The tray and everything that the rules of the bench look at: a value, changed only by `decide`. */
export interface BenchState {
  readonly slots: readonly SlotView[];
  readonly counts: BatchCounts;
  /** Units wanted; `null`: open end. */
  readonly quantity: number | null;
  readonly barcode: RegExp | null;
  readonly refused: { readonly code: RefusalCode; readonly barcode: string; readonly of: string } | null;
  /** Ctrl-C was pressed so many times while boards ran. */
  readonly leaving: 0 | 1 | 2;
  readonly paused: boolean;
  /** Nobody is at the screen any more: what runs is finished, nothing is begun. */
  readonly abandoned: boolean;
  /** Why the station is not fit; `null`: it is. */
  readonly stopped: StopCode | null;
  /** Slots whose verdict wants Enter, oldest first. */
  readonly toAcknowledge: readonly string[];
  /** Newest first. */
  readonly last: readonly LastResult[];
  /** Times of results in this session, ms since its start, oldest first. */
  readonly endedAt: readonly number[];
}

export function isRunning(slot: SlotView): boolean {
  return slot.state.kind === "running";
}

export function runningCount(state: BenchState): number {
  return state.slots.filter(isRunning).length;
}

/** The barcode that a place holds, or `null`. */
export function barcodeIn({ state }: SlotView): string | null {
  switch (state.kind) {
    case "armed":
    case "running":
    case "ended":
      return state.barcode;
    case "empty":
    case "looking":
    case "unreadable":
    case "board":
    case "foreign":
    case "retired":
      return null;
    default:
      return state satisfies never;
  }
}
