/** How many of what: a code, a slot, a revision, an hour. */
export interface Tally {
  readonly name: string;
  readonly passed: number;
  readonly tried: number;
}

/**
 * Units and attempts of the line in a stretch of time, simulated ones and trials left out; what is void or was SKIPPED
 * counts nowhere. Shares get their interval from `wilson`.
 */
export interface YieldFacts {
  /** Units with an attempt that began in this time. */
  readonly units: number;
  /** Of these, the ones whose first attempt ever is in this time; and of those, the ones that it passed. */
  readonly firstSeen: number;
  readonly firstPass: number;
  /** Units whose last attempt in this time passed, and which were not scrapped. */
  readonly passed: number;
  readonly marginal: number;
  /** Units with more than one attempt in this time and no rework. */
  readonly retried: number;
  readonly reworked: number;
  readonly attempts: number;
  /** Failures by code, the most frequent first. */
  readonly failures: readonly { readonly code: string; readonly count: number }[];
  readonly bySlot: readonly Tally[];
  /** Profile and revision. */
  readonly byRevision: readonly Tally[];
  /** Hour of the day in UTC, `00` to `23`, in which the attempt began. */
  readonly byHour: readonly Tally[];
}

/** Stretch of time: `from` belongs to it, `to` does not. */
export interface Stretch {
  readonly from: Date;
  readonly to: Date;
  /** Only attempts with this profile, by its name; left out: with any. */
  readonly profile?: string;
}
