import type { SlotCount } from "../model/facts.ts";
import type { Suspect } from "../model/slot-view.ts";

/** Fewer failures than this are bad luck, whatever the others did. */
const fewestFailures = 3;
/** Chance that one sound slot of the station is called suspect at one look. */
const falseAlarm = 0.05;

/**
 * Slots that fail more often than the others: Fisher's exact test, one-sided (R. A. Fisher, "The Logic of Inductive
 * Inference", J. R. Stat. Soc. 98, 1935, p. 39), each slot against all others together, at 5 % divided by the number of
 * slots that were tried (Bonferroni), and three failures at least. It is looked at after each result, so that over a
 * long shift the chance of a false alarm is larger than 5 %: a suspect slot is shown, never retired by itself.
 */
export function suspects(counts: readonly SlotCount[]): ReadonlyMap<string, Suspect> {
  const tried = counts.filter(({ passed, failed }) => passed + failed > 0);
  const failures = tried.reduce((sum, { failed }) => sum + failed, 0);
  const all = tried.reduce((sum, { passed, failed }) => sum + passed + failed, 0);
  const limit = falseAlarm / Math.max(1, tried.length);
  return new Map(
    tried.flatMap(({ slot, passed, failed }): [string, Suspect][] => {
      const own = passed + failed;
      if (failed < fewestFailures || own === all) return [];
      if (atLeast(failed, own, failures, all) >= limit) return [];
      return [[slot, { failed, tried: own, othersFailed: failures - failed, othersTried: all - own }]];
    }),
  );
}

/**
 * Probability that of `failures` among `all` at least `failed` fall on `own` by chance: the upper tail of the
 * hypergeometric distribution.
 */
export function atLeast(failed: number, own: number, failures: number, all: number): number {
  const most = Math.min(own, failures);
  let sum = 0;
  for (let k = Math.max(failed, own + failures - all, 0); k <= most; k += 1)
    sum += Math.exp(choose(own, k) + choose(all - own, failures - k) - choose(all, failures));
  return Math.min(1, sum);
}

/** Logarithm of the binomial coefficient. */
function choose(n: number, k: number): number {
  const small = Math.min(k, n - k);
  let sum = 0;
  for (let i = 1; i <= small; i += 1) sum += Math.log(n - small + i) - Math.log(i);
  return sum;
}
