import type { Outcome, StepName } from "./event.ts";

/** What a slot shows now. A place keeps its unit until the board leaves or the next scan takes the place. */
export type SlotState =
  /** Nothing lies there that answers (USB), or nobody has asked yet (a serial line tells nothing by itself). */
  | { readonly kind: "empty" }
  /** Something was plugged in and is being read. */
  | { readonly kind: "looking" }
  /** A board lies there and no barcode is assigned to it. */
  | { readonly kind: "board"; readonly chip: string | null }
  | { readonly kind: "foreign"; readonly name: string }
  /** Something lies there and does not answer. */
  | { readonly kind: "unreadable" }
  /** A barcode is assigned; not started. `keeps`: the number that the unit has already; `null`: it gets a new one. */
  | {
      readonly kind: "armed";
      readonly barcode: string;
      readonly chip: string | null;
      readonly keeps: string | null;
    }
  | {
      readonly kind: "running";
      readonly barcode: string;
      readonly serial: string | null;
      readonly step: StepName | null;
      /** Share of this step that is done, 0 to 1. */
      readonly done: number;
      /** Waiting for the board to come back after a reset. */
      readonly away: boolean;
      readonly retries: number;
      /** `performance.now()` at the start. */
      readonly since: number;
      readonly expectedMs: number | null;
      readonly stopping: boolean;
    }
  | {
      readonly kind: "ended";
      readonly barcode: string;
      readonly serial: string | null;
      readonly outcome: Outcome;
      readonly ms: number;
      readonly retries: number;
      /** A verdict other than PASS wants Enter. */
      readonly acknowledged: boolean;
      readonly facts: SlotFacts;
    }
  | { readonly kind: "retired"; readonly reason: string; readonly by: string; readonly at: Date };

/** What the engineer sees of an ended attempt in a large tile or behind F3. */
export interface SlotFacts {
  readonly uid: string | null;
  readonly chip: string | null;
  readonly steps: readonly { readonly step: StepName; readonly ms: number }[];
}

/** Attempts of a slot that fails more often than the others (screens.md, 3.17). */
export interface Suspect {
  readonly failed: number;
  readonly tried: number;
  readonly othersFailed: number;
  readonly othersTried: number;
}

export interface SlotView {
  readonly name: string;
  /** The port's own text, for F3. */
  readonly port: string;
  readonly state: SlotState;
  /** `null`: no reason to distrust it. */
  readonly suspect: Suspect | null;
}
