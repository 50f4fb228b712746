/** So many of something were to be looked at, and so many were. */
export interface Count {
  readonly of: string;
  readonly wanted: number;
  readonly seen: number;
}

/** What a figure came to. */
export interface Seen {
  readonly counts: readonly Count[];
  /** What else was measured, in a few words each. */
  readonly facts: readonly string[];
  /** Each broken promise in a sentence that says how to see it again. */
  readonly broken: readonly string[];
}

/** One of the figures to publish (README, "What it promises"). */
export interface Figure {
  readonly number: number;
  readonly what: string;
  readonly target: string;
  /** `share`: of its published counts; 1 is all of them. Throws NotHere where this machine lacks what it needs. */
  run(share: number): Promise<Seen>;
}

/** A figure that cannot be run on this machine: no strace, no program that was built. */
export class NotHere extends Error {}

export const scaled = (full: number, share: number): number => Math.max(1, Math.ceil(full * share));

/** More broken cases than this say nothing new. */
const enough = 20;

/** Runs cases 0 to `count`-1; one that throws is a broken promise and the next one is run all the same. */
export async function cases(
  of: string,
  count: number,
  one: (i: number) => unknown,
): Promise<{ readonly count: Count; readonly broken: readonly string[] }> {
  const broken: string[] = [];
  let seen = 0;
  for (let i = 0; i < count && broken.length < enough; i += 1) {
    try {
      await one(i);
      seen += 1;
    } catch (error) {
      broken.push(`${of}, case ${i}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { count: { of, wanted: count, seen }, broken };
}

/** Not one promise is broken, and as much was looked at as was said. */
export const kept = ({ counts, broken }: Seen): boolean =>
  broken.length === 0 && counts.length > 0 && counts.every(({ wanted, seen }) => seen >= wanted);
