import type { BatchCounts } from "./batch.ts";
import type { Call } from "./call.ts";
import type { Outcome } from "./event.ts";
import type { FaultCode } from "./fault.ts";
import type { FunctionKey, KeyHint } from "./key.ts";
import type { LabelDue } from "./label.ts";
import type { Panel } from "./panel.ts";
import type { Right, Role } from "./person.ts";
import type { SlotView } from "./slot-view.ts";

export interface LastResult {
  readonly slot: string;
  readonly barcode: string;
  readonly outcome: Outcome["kind"];
  readonly code: FaultCode | null;
  readonly ms: number;
  readonly retries: number;
}

export const languageCodes = ["en", "de", "zh"] as const;
export type LanguageCode = (typeof languageCodes)[number];

/** Who works here. */
export interface AtWork {
  readonly name: string;
  /** `null`: the station asks nobody to log in. */
  readonly role: Role | null;
}

/** The order on the bench. */
export interface OrderView {
  readonly id: string;
  readonly product: string;
  readonly revision: string;
  readonly quantity: number | null;
  readonly counts: BatchCounts;
  readonly perHour: number | null;
  readonly endsAt: Date | null;
}

/** Everything the operator's screen shows. The screen keeps no truth of its own. */
export interface StationView {
  readonly station: string;
  readonly rows: number;
  readonly columns: number;
  /** The bench as the operator sees it, row by row from the left, rows x columns: a slot's place in `slots`, or a gap. */
  readonly places: readonly (number | null)[];
  /** In tray order. */
  readonly slots: readonly SlotView[];
  /** Chosen with the arrows, forgotten after 10 s. */
  readonly chosen: string | null;
  /** `null`: no order is open. */
  readonly batch: OrderView | null;
  /**
   * `trial`: the profile is not released. `simulated`: every slot has a simulated board, and the station's own books get
   * the records. `rehearsal`: practice, on simulated boards and in books of its own.
   */
  readonly mode: "production" | "trial" | "simulated" | "rehearsal";
  /** Slots with a simulated board on a bench that has real ones too. */
  readonly simulated: readonly string[];
  /** Rehearsal: the trouble that F8 planned for the next board, in words of `--mishap`; "": none. */
  readonly planned: string;
  /** Each slot on its own, or all together. */
  readonly run: "pipelined" | "tray";
  /** IANA name, `null`: the system's. */
  readonly timezone: string | null;
  readonly language: LanguageCode;
  /** `null`: nobody is logged in. */
  readonly operator: AtWork | null;
  readonly rights: readonly Right[];
  readonly call: Call;
  /** Covers the tiles; `null`: the tiles are seen. */
  readonly panel: Panel | null;
  readonly keys: readonly KeyHint[];
  /** What typed characters are taken for; a PIN is not shown. `none`: they are not taken, a scan always is. */
  readonly typing: "none" | "code" | "name" | "pin";
  /** Labels that are not done with, oldest first. */
  readonly labels: readonly LabelDue[];
  /** A boards-run line when the call is about something else. */
  readonly running: number;
  /** Newest first. */
  readonly last: readonly LastResult[];
  /** Barcodes that a demonstration offers to type; empty in production. */
  readonly offered: readonly string[];
}

/** What the person at the bench does. */
export type OperatorInput =
  /** A scanner's burst with its Enter. */
  | { readonly type: "scanned"; readonly text: string }
  /** The same by hand. */
  | { readonly type: "typed"; readonly text: string }
  | { readonly type: "enter" }
  | { readonly type: "escape" }
  | { readonly type: "pause" }
  | { readonly type: "key"; readonly key: FunctionKey }
  /** Ctrl-C: first asks while boards run, second stops them, third leaves at once. */
  | { readonly type: "interrupt" };
