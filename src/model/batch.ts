/** A work order: one profile revision, so many units. */
export interface Batch {
  readonly id: string;
  readonly profile: string;
  readonly revision: string;
  readonly profileHash: string;
  readonly product: string;
  /** Units wanted; `null`: open end. */
  readonly quantity: number | null;
  readonly trial: boolean;
  readonly openedAt: Date;
  readonly openedBy: string;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
}

export interface BatchCounts {
  /** Units whose last attempt passed. */
  readonly passed: number;
  /** Units that were tried and did not pass at last. */
  readonly failed: number;
  readonly seen: number;
  /** Units that passed at the first attempt of their life, of those first seen in this batch. */
  readonly firstPass: number;
  readonly firstSeen: number;
  readonly marginal: number;
}

/** First-pass yield in per cent, or `null` before the first unit (product.md, rule 9). */
export const firstPassYield = (counts: BatchCounts): number | null =>
  counts.firstSeen === 0 ? null : (100 * counts.firstPass) / counts.firstSeen;
