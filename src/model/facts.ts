import type { AttemptRecord } from "./attempt.ts";
import type { Batch, BatchCounts } from "./batch.ts";
import type { KeptDeed } from "./deed.ts";
import type { Realm } from "./ledger.ts";

/** Attempts of a slot that say something of the slot. */
export interface SlotCount {
  readonly slot: string;
  readonly passed: number;
  readonly failed: number;
}

/** A record that counts nowhere any more, and why; the record itself stays as it was. */
export interface VoidMark {
  /** Place of the record in the chain. */
  readonly seq: number;
  readonly barcode: string;
  /** Number of the attempt for its unit. */
  readonly attempt: number;
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

/** What a person decided about a unit: work on the board, or the scrap bin. */
export interface UnitMark {
  readonly barcode: string;
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

/** Counts of units and attempts of a batch beside `BatchCounts`; what is void counts nowhere. */
export interface BatchFigures {
  /** Attempts that were not SKIPPED. */
  readonly attempts: number;
  /** Units with more than one attempt in this batch, none of them a rework. */
  readonly retried: number;
  /** Units with an attempt or a deed that is a rework. */
  readonly reworked: number;
  readonly scrapped: number;
  /** Attempts that are void. */
  readonly voided: number;
}

/** What was signed when the batch was closed, and after each deed that changed its facts since. */
export interface BatchSignature {
  /** JSON text, signed as UTF-8 (docs/chain.md). */
  readonly statement: string;
  /** Ed25519, 128 hex digits. */
  readonly signature: string;
  /** Raw Ed25519 public key, 64 hex digits. */
  readonly publicKey: string;
}

/** Who froze the recipe of a batch. */
export interface ReleaseFacts {
  readonly by: string;
  /** Another person; `null` where nobody reviewed it. */
  readonly reviewedBy: string | null;
  readonly at: Date;
}

/** Everything that a batch report says; a report adds nothing and asks nothing more. */
export interface BatchFacts {
  readonly batch: Batch;
  /** Of the batch's profile hash; `null` while nobody has released it. */
  readonly release: ReleaseFacts | null;
  readonly counts: BatchCounts;
  readonly figures: BatchFigures;
  /** Closed attempts of the batch in the order of the chain, also those that are void. */
  readonly attempts: readonly AttemptRecord[];
  readonly failures: readonly { readonly code: string; readonly count: number }[];
  readonly bySlot: readonly { readonly slot: string; readonly passed: number; readonly tried: number }[];
  readonly serials: {
    readonly committed: number;
    readonly written: number;
    readonly reserved: number;
    readonly void: number;
    readonly first: string | null;
    readonly last: string | null;
  };
  /** Last record of the batch: its place in the chain and its hash. `null` for a batch without attempts. */
  readonly head: { readonly seq: number; readonly hash: string } | null;
  /** In the order in which they were voided; `failures`, `bySlot`, `counts` and `figures` are without them. */
  readonly voids: readonly VoidMark[];
  readonly reworks: readonly UnitMark[];
  readonly scraps: readonly UnitMark[];
  /** Every deed of the batch but exports and look-ups, in the order of their chain. */
  readonly deeds: readonly KeptDeed[];
  /** The newest; `null` before the batch is closed. */
  readonly signature: BatchSignature | null;
  readonly simulated: boolean;
  readonly timezone: string | null;
}

/** The facts of a batch but its attempts, for a report that reads them one at a time. */
export type BatchHead = Omit<BatchFacts, "attempts">;

export interface UnitLife {
  readonly barcode: string;
  readonly realm: Realm;
  readonly uid: string | null;
  readonly serials: readonly { readonly series: string; readonly text: string; readonly state: string }[];
  readonly firstSeen: Date;
  readonly attempts: readonly AttemptRecord[];
  /** Attempts in the books of other stations that were taken in: whose books, and why it is void there or `null`. */
  readonly elsewhere: readonly (AttemptRecord & { readonly books: string; readonly void: string | null })[];
  /** Voids, reworks, scraps, labels: what people did with this unit. */
  readonly deeds: readonly KeptDeed[];
}
