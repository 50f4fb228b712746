import type { BatchCounts } from "./batch.ts";
import type { Outcome, StepName } from "./event.ts";
import type { FaultCode } from "./fault.ts";
import type { Panel } from "./panel.ts";
import type { Right, Role } from "./person.ts";

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

/** Why a scan or a key was not taken (screens.md, section 6). */
export const refusalCodes = [
  "SCAN_FORMAT",
  "SCAN_IN_TRAY",
  "SCAN_PASSED",
  "SCAN_REWORK",
  "SCAN_OTHER_ORDER",
  "SCAN_NO_SLOT",
  "SCAN_FULL",
  "ACK_FIRST",
  "SLOT_RETIRED",
  "SERIALS_OUT",
  "STATION_PAUSED",
  "RECORDS_REFUSED",
  /** The first article is not accepted yet. */
  "GATE_CLOSED",
  /** The GTIN in the code is another product's; `of`: the GTIN. */
  "SCAN_GTIN",
  /** No board lies in the slot that the scan chose, or its slot runs; `of`: the slot. */
  "SLOT_TAKEN",
  /** A badge that nobody here has. */
  "BADGE_UNKNOWN",
  /** Name and PIN do not belong together. */
  "PIN_WRONG",
  /** The person's role may not do that; `of`: the name. */
  "NO_RIGHT",
  /** Somebody else must do that; `of`: the name. */
  "SECOND_PERSON",
  "LOG_IN_FIRST",
  "ORDER_FIRST",
  /** No rule finds a profile for this order; `of`: the order. */
  "ORDER_UNKNOWN",
  /** `of`: the order, which is closed. */
  "ORDER_CLOSED",
  /** The order's file or profile has a mistake; `of`: the first one. */
  "ORDER_BROKEN",
  /** Boards run, so that this waits; `of`: how many. */
  "BOARDS_RUN",
  /** The profile may not run yet; `of`: the day. */
  "PROFILE_EARLY",
  /** The profile may not run any more; `of`: the day. */
  "PROFILE_OVER",
  /** The profile's own limit of units is reached; `of`: the limit. */
  "PROFILE_LIMIT",
  /** The golden sample comes first; `of`: its barcode. */
  "GOLDEN_FIRST",
  /** A command card or key that does nothing here; `of`: the key. */
  "CARD_USELESS",
  /** Enter was pressed and nothing is scanned. */
  "NOTHING_ARMED",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** Why nothing may run; the fit panel says more. */
export type StopCode = "RECORDS_LOST" | "STATION_UNFIT" | "GOLDEN_FAILED";

/** Reasons to retire a slot, changed with the arrows. */
export const retireReasons = ["contact", "cable", "bent pin", "adapter", "other"] as const;
export type RetireReason = (typeof retireReasons)[number];

/** A question in rows 1 to 6: the same key again does it, Esc does not. */
export type Question =
  | { readonly what: "retire"; readonly slot: string; readonly reason: RetireReason }
  | { readonly what: "restore"; readonly slot: string }
  | { readonly what: "close-order"; readonly order: string; readonly open: number | null }
  | { readonly what: "reject-article"; readonly slot: string; readonly barcode: string }
  | { readonly what: "log-out" };

/** The first that applies stands in rows 1 to 6 (screens.md, section 1). */
export type Call =
  | { readonly kind: "stop"; readonly code: StopCode }
  | { readonly kind: "failed"; readonly slot: string; readonly outcome: Outcome }
  /** Ctrl-C while boards run. `stopping`: it was pressed twice and the slots are being brought to a safe state. */
  | { readonly kind: "leave"; readonly running: number; readonly stopping: boolean }
  | { readonly kind: "ask"; readonly question: Question }
  /** Second person: badge accepts. */
  | { readonly kind: "accept"; readonly slot: string; readonly barcode: string }
  | {
      readonly kind: "refused";
      readonly code: RefusalCode;
      /** The scanned text, cleaned; or "" where none was scanned. */
      readonly barcode: string;
      /** Fills `{of}` in the sentence. */
      readonly of: string;
    }
  /** A slot that fails too often; Enter: seen. */
  | { readonly kind: "suspect"; readonly slot: string; readonly suspect: Suspect }
  | {
      readonly kind: "running";
      readonly running: number;
      readonly of: number;
      readonly aboutMs: number | null;
    }
  | { readonly kind: "paused"; readonly running: number }
  /** `slot`: where the next scan goes; `null`: none is free until a board leaves. `armed`: scanned, waiting for the start. */
  | {
      readonly kind: "scan";
      readonly slot: string | null;
      readonly armed: number;
    }
  /** Every scanned board passed: out with it, then the next. Only a station of one slot has it. */
  | { readonly kind: "passed"; readonly slot: string }
  /** Boards are seen by themselves (USB): put them in. `look`: slots with a foreign device or no answer. */
  | {
      readonly kind: "load";
      readonly found: number;
      readonly of: number;
      readonly look: readonly string[];
    }
  | { readonly kind: "done"; readonly failed: number; readonly mayClose: boolean }
  | { readonly kind: "log-in"; readonly ask: "badge" | "name" | "pin"; readonly name: string }
  | { readonly kind: "order" }
  /** The golden sample of this shift; `slot`: where it goes. */
  | { readonly kind: "golden"; readonly slot: string; readonly barcode: string }
  | { readonly kind: "look-up" }
  /** Teach-in: plug a board into this slot; `null`: all are taught. */
  | { readonly kind: "teach"; readonly slot: string | null; readonly taught: number; readonly of: number };

export interface LastResult {
  readonly slot: string;
  readonly barcode: string;
  readonly outcome: Outcome["kind"];
  readonly code: FaultCode | null;
  readonly ms: number;
  readonly retries: number;
}

/** A key of the key row; each is also a command card (screens.md, section 5). */
export const keyNames = [
  "Enter",
  "Esc",
  "Space",
  "Arrows",
  "?",
  "F2",
  "F3",
  "F4",
  "F5",
  "F6",
  "F7",
  "F8",
  "F9",
  "Ctrl-C",
] as const;
export type KeyName = (typeof keyNames)[number];

/** What a key does now. */
export type KeyDeed =
  | "seen"
  | "start"
  | "check-again"
  | "pause"
  | "go-on"
  | "close-view"
  | "undo-scan"
  | "no"
  | "yes"
  | "choose-slot"
  | "other-reason"
  | "help"
  | "numbers"
  | "details"
  | "next-page"
  | "look-up"
  | "retire"
  | "restore"
  | "close-order"
  | "type-code"
  | "reject"
  | "next-mishap"
  | "log-out"
  | "leave"
  | "stop-them"
  | "stop-at-once";

/** What row 23 offers, the most needed first; what this person may not do is not among it. */
export interface KeyHint {
  readonly key: KeyName;
  readonly does: KeyDeed;
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
  /** `production`; `trial`: the profile is not released; `rehearsal`: simulated boards. */
  readonly mode: "production" | "trial" | "rehearsal";
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
  /** A boards-run line when the call is about something else. */
  readonly running: number;
  /** Newest first. */
  readonly last: readonly LastResult[];
  /** Barcodes that a demonstration offers to type; empty in production. */
  readonly offered: readonly string[];
}

/** Keys beside Enter, Esc, Space and Ctrl-C. */
export const functionKeys = [
  "help",
  "numbers",
  "details",
  "look-up",
  "slot",
  "order",
  "type",
  "reject",
  "log-out",
  "up",
  "down",
  "left",
  "right",
] as const;
/** F1 or ?, F2 to F9 in this order, and the arrows. */
export type FunctionKey = (typeof functionKeys)[number];

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
