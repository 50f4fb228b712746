import type { BatchCounts } from "./batch.ts";
import type { Outcome, StepName } from "./event.ts";
import type { FaultCode } from "./fault.ts";

/** What a slot shows now. A place keeps its unit until the board leaves or the next scan takes the place. */
export type SlotState =
  /** Nothing lies there that answers (USB), or nobody has asked yet (a serial line tells nothing by itself). */
  | { readonly kind: "empty" }
  /** A board lies there and no barcode is assigned to it. */
  | { readonly kind: "board"; readonly chip: string | null }
  | { readonly kind: "foreign"; readonly name: string }
  /** A barcode is assigned; not started. */
  | { readonly kind: "armed"; readonly barcode: string }
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
  | { readonly kind: "retired"; readonly reason: string; readonly when: string };

/** What the engineer sees of an ended attempt in a large tile or behind F3. */
export interface SlotFacts {
  readonly uid: string | null;
  readonly chip: string | null;
  readonly steps: readonly { readonly step: StepName; readonly ms: number }[];
}

export interface SlotView {
  readonly name: string;
  /** The port's own text, for F3. */
  readonly port: string;
  readonly state: SlotState;
}

/** Why a scan was not taken (screens.md, section 6). */
export type RefusalCode =
  | "SCAN_FORMAT"
  | "SCAN_IN_TRAY"
  | "SCAN_PASSED"
  | "SCAN_REWORK"
  | "SCAN_OTHER_ORDER"
  | "SCAN_NO_SLOT"
  | "SCAN_FULL"
  | "ACK_FIRST"
  | "SLOT_RETIRED"
  | "SERIALS_OUT"
  | "STATION_PAUSED"
  | "RECORDS_REFUSED";

/** The first that applies stands in rows 1 to 6 (screens.md, section 1). */
export type Call =
  | { readonly kind: "stop"; readonly sentence: string }
  | { readonly kind: "failed"; readonly slot: string; readonly outcome: Outcome }
  /** Ctrl-C while boards run. `stopping`: it was pressed twice and the slots are being brought to a safe state. */
  | { readonly kind: "leave"; readonly running: number; readonly stopping: boolean }
  | {
      readonly kind: "refused";
      readonly code: RefusalCode;
      /** The scanned text, cleaned; or "" where none was scanned. */
      readonly barcode: string;
      /** Fills `{slot}` or `{order}` in the sentence. */
      readonly of: string;
    }
  | {
      readonly kind: "running";
      readonly running: number;
      readonly of: number;
      readonly aboutMs: number | null;
    }
  | { readonly kind: "paused"; readonly running: number }
  /** `slot`: the next free place; `null`: none is free until a board leaves. */
  | { readonly kind: "scan"; readonly slot: string | null }
  | { readonly kind: "done"; readonly failed: number };

export interface LastResult {
  readonly slot: string;
  readonly barcode: string;
  readonly outcome: Outcome["kind"];
  readonly code: FaultCode | null;
  readonly ms: number;
  readonly retries: number;
}

/** Everything the operator's screen shows. The screen keeps no truth of its own. */
export interface StationView {
  readonly station: string;
  readonly rows: number;
  readonly columns: number;
  /** In tray order; at most rows x columns. */
  readonly slots: readonly SlotView[];
  readonly batch: {
    readonly id: string;
    readonly product: string;
    readonly revision: string;
    readonly quantity: number | null;
    readonly counts: BatchCounts;
    readonly perHour: number | null;
    readonly endsAt: Date | null;
  };
  /** `production`; `trial`: the profile is not released; `rehearsal`: simulated boards. */
  readonly mode: "production" | "trial" | "rehearsal";
  /** IANA name, `null`: the system's. */
  readonly timezone: string | null;
  readonly operator: string;
  readonly call: Call;
  /** A boards-run line when the call is about something else. */
  readonly running: number;
  /** Newest first. */
  readonly last: readonly LastResult[];
  /** Barcodes that a demonstration offers to type; empty in production. */
  readonly offered: readonly string[];
}

/** What the person at the bench does. */
export type OperatorInput =
  | { readonly type: "scanned"; readonly text: string }
  | { readonly type: "enter" }
  | { readonly type: "escape" }
  | { readonly type: "pause" }
  /** Ctrl-C: first asks while boards run, second stops them, third leaves at once. */
  | { readonly type: "interrupt" };
