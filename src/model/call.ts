import type { Outcome } from "./event.ts";
import type { LabelStep } from "./label.ts";
import type { RefusalCode, StopCode } from "./refusal.ts";
import type { Suspect } from "./slot-view.ts";

/** Reasons to retire a slot, changed with the arrows. */
export const retireReasons = ["contact", "cable", "bent pin", "adapter", "other"] as const;
export type RetireReason = (typeof retireReasons)[number];

/** A question in rows 1 to 6: the same key again does it, Esc does not. */
export type Question =
  | { readonly what: "retire"; readonly slot: string; readonly reason: RetireReason }
  | { readonly what: "restore"; readonly slot: string }
  | { readonly what: "close-order"; readonly order: string; readonly open: number | null }
  | { readonly what: "reject-article"; readonly slot: string; readonly barcode: string }
  | { readonly what: "log-out" }
  | { readonly what: "teach"; readonly slots: number };

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
  /** A unit passed and its label waits: for its printer, or for its scan. */
  | {
      readonly kind: "label";
      readonly slot: string;
      readonly barcode: string;
      readonly step: LabelStep;
    }
  /** Teach-in: plug a board into this slot; `null`: all are taught. */
  | {
      readonly kind: "teach";
      readonly slot: string | null;
      readonly of: number;
      /** What is known by now. */
      readonly places: readonly { readonly slot: string; readonly port: string }[];
    };
