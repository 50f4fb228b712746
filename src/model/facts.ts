import type { AttemptRecord } from "./attempt.ts";
import type { Batch, BatchCounts } from "./batch.ts";

/** Everything that a batch report says; a report adds nothing and asks nothing more. */
export interface BatchFacts {
  readonly batch: Batch;
  readonly counts: BatchCounts;
  /** Closed attempts of the batch in the order of the chain. */
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
  readonly simulated: boolean;
  readonly timezone: string | null;
}

export interface UnitLife {
  readonly barcode: string;
  readonly uid: string | null;
  readonly serials: readonly { readonly series: string; readonly text: string; readonly state: string }[];
  readonly firstSeen: Date;
  readonly attempts: readonly AttemptRecord[];
}
