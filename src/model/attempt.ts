import type { AttemptEvent, ChipFacts, Outcome, StepName } from "./event.ts";
import type { OptionRecord } from "./option-bytes.ts";
import type { LedgerState, Realm } from "./ledger.ts";
import type { Wire } from "./family.ts";

export type AttemptReason = "first" | "retry" | "rework";

/** What is known when an attempt begins, and written down before its first byte leaves. */
export interface AttemptOpening {
  readonly batch: string;
  readonly slot: string;
  readonly port: string;
  readonly wire: Wire;
  readonly bitRate: number | null;
  readonly barcode: string;
  readonly panel: string | null;
  readonly realm: Realm;
  /** The profile is not released: never production. */
  readonly trial: boolean;
  readonly reason: AttemptReason;
  /** Why a unit that passed is done again. */
  readonly reworkReason: string | null;
  readonly operator: string;
  readonly station: string;
  readonly stationHash: string;
  readonly profile: string;
  readonly revision: string;
  readonly profileHash: string;
  readonly releasedBy: string | null;
  readonly product: string;
  readonly partNumber: string | null;
  readonly images: readonly {
    readonly file: string;
    readonly sha256: string;
    readonly ranges: readonly { readonly start: number; readonly end: number }[];
  }[];
  readonly toolVersion: string;
  readonly startedAt: Date;
}

/** An attempt that is open in the books. */
export interface AttemptHandle {
  readonly id: number;
  /** Number of this attempt for its unit, from 1. */
  readonly attempt: number;
  readonly barcode: string;
  readonly realm: Realm;
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly at: Date;
  /** Duration by the slot's clock. */
  readonly ms: number;
  readonly outcome: Outcome;
}

export interface StepRecord {
  readonly step: StepName;
  /** ms since the attempt began, on the slot's clock. */
  readonly start: number;
  readonly ms: number;
  readonly bytes: number;
  readonly retries: number;
  readonly outcome: "done" | "fail" | "cut";
  readonly code: string | null;
}

export interface SerialRecord {
  readonly series: string;
  readonly number: number;
  readonly text: string;
  readonly state: LedgerState;
}

/** One closed attempt: what QA reads, what the chain hashes. One row, never updated (product.md, rule 8). */
export interface AttemptRecord extends AttemptOpening, AttemptFacts {
  /** Place in the chain of this data folder, from 1. */
  readonly seq: number;
  /** Number of this attempt for its unit, from 1. */
  readonly attempt: number;
  readonly endedAt: Date;
  readonly serial: string | null;
  readonly serials: readonly SerialRecord[];
  readonly outcome: Outcome;
  readonly previousHash: string;
  readonly hash: string;
}

/** The chip that the unit is bound to, as its record has it; `null` also where another unit's chip lay in the slot. */
export const ownUid = ({ uid, outcome }: Pick<AttemptRecord, "uid" | "outcome">): string | null =>
  outcome.kind !== "PASS" && outcome.failure.code === "UNIT_MISMATCH" ? null : uid;

/** What the events of one attempt add up to, so far. */
export interface AttemptFold extends AttemptFacts {
  readonly outcome: Outcome | null;
}

/** What the events say of the board, and how long it took. */
interface AttemptFacts {
  /** Of the chip that lay there: 24 hex digits; `null` where it was not read. */
  readonly uid: string | null;
  readonly uidHow: string | null;
  readonly chip: ChipFacts | null;
  readonly options: readonly OptionRecord[];
  readonly steps: readonly StepRecord[];
  readonly injected: { readonly fields: readonly string[]; readonly hash: string } | null;
  readonly verify: { readonly method: string; readonly hash: string; readonly bytes: number } | null;
  readonly notes: readonly string[];
  readonly ms: number;
}

export const emptyFold: AttemptFold = {
  uid: null,
  uidHow: null,
  chip: null,
  options: [],
  steps: [],
  injected: null,
  verify: null,
  notes: [],
  outcome: null,
  ms: 0,
};

/** Adds one event. A step that was started and never ended stays as `cut`. */
export function foldEvent(fold: AttemptFold, event: AttemptEvent): AttemptFold {
  const ms = Math.max(fold.ms, event.ms);
  switch (event.type) {
    case "progress":
      return fold;
    case "step": {
      if (event.state === "start") {
        const cut: StepRecord = {
          step: event.step,
          start: event.ms,
          ms: 0,
          bytes: 0,
          retries: 0,
          outcome: "cut",
          code: null,
        };
        return { ...fold, ms, steps: [...fold.steps, cut] };
      }
      const done: StepRecord = {
        step: event.step,
        start: event.ms - event.took,
        ms: event.took,
        bytes: event.bytes,
        retries: event.retries,
        outcome: event.state,
        code: event.code,
      };
      return { ...fold, ms, steps: [...fold.steps.slice(0, -1), done] };
    }
    case "chip":
      return { ...fold, ms, chip: event.chip };
    case "bound":
      return { ...fold, ms, uid: event.uid, uidHow: event.how };
    case "data":
      return { ...fold, ms, injected: { fields: event.fields, hash: event.hash } };
    case "verified":
      return { ...fold, ms, verify: { method: event.method, hash: event.hash, bytes: event.bytes } };
    case "options":
      return { ...fold, ms, options: event.options };
    case "note":
      return { ...fold, ms, notes: [...fold.notes, event.text] };
    case "ended":
      return { ...fold, ms, outcome: event.outcome };
    default:
      return event satisfies never;
  }
}
