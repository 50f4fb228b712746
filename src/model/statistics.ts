/** A share with its interval; all three between 0 and 1. */
export interface ShareInterval {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 % quantile of the normal distribution. */
const z95 = 1.959963984540054;

/**
 * Wilson's score interval of a share, 95 %, without continuity correction (E. B. Wilson, "Probable Inference, the Law
 * of Succession, and Statistical Inference", J. Am. Stat. Assoc. 22, 1927, p. 209; recommended for small n by Brown,
 * Cai and DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16, 2001, p. 101).
 * `null` without a trial; throws a RangeError unless 0 <= hits <= trials, both whole.
 */
export function wilson(hits: number, trials: number): ShareInterval | null {
  if (!Number.isSafeInteger(hits) || !Number.isSafeInteger(trials) || hits < 0 || hits > trials)
    throw new RangeError(`${hits} of ${trials} is not a share`);
  if (trials === 0) return null;
  const share = hits / trials;
  const square = z95 * z95;
  const scale = 1 / (1 + square / trials);
  const middle = scale * (share + square / (2 * trials));
  const half = scale * z95 * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials * trials));
  // At the ends the formula is exact; only rounding could leave the range.
  return {
    share,
    low: hits === 0 ? 0 : Math.max(0, middle - half),
    high: hits === trials ? 1 : Math.min(1, middle + half),
  };
}
