import type { YieldFacts } from "../../model/yield.ts";

type Sums = Omit<YieldFacts, "failures" | "bySlot" | "byRevision" | "byHour">;

const seen = 1;
const tried = 2;
const passed = 4;
const marginal = 8;
const first = 16;
const firstPass = 32;
const rework = 64;
const again = 128;

/** What a unit's attempt was. */
export interface UnitAttempt {
  /** The first of the unit that counts, ever. */
  readonly first: boolean;
  readonly passed: boolean;
  readonly marginal: boolean;
  readonly rework: boolean;
}

/**
 * Counts units whose attempts come mixed, each unit's in the order of the chain. One byte a unit by its number in the books,
 * so that a million units are a megabyte.
 */
export function unitTally() {
  let flags = new Uint8Array(1 << 16);
  let attempts = 0;
  const of = (unit: number): number => flags[unit] ?? 0;
  function set(unit: number, value: number): void {
    if (unit >= flags.length) {
      const more = new Uint8Array(Math.max(unit + 1, 2 * flags.length));
      more.set(flags);
      flags = more;
    }
    flags[unit] = value;
  }
  const scrapped = new Set<number>();

  return {
    /** Whether an attempt of it came before. */
    has: (unit: number): boolean => (of(unit) & seen) !== 0,
    /** An attempt that is not asked for. */
    outside: (unit: number): void => set(unit, of(unit) | seen),
    add(unit: number, one: UnitAttempt): void {
      attempts += 1;
      let now = of(unit) | seen;
      now |= (now & tried) === 0 ? tried : again;
      // The last one says whether the unit has passed.
      now = one.passed ? now | passed : now & ~passed;
      if (one.passed && one.marginal) now |= marginal;
      if (one.first) now |= one.passed ? first | firstPass : first;
      if (one.rework) now |= rework;
      set(unit, now);
    },
    /** What a person decided about a unit, once all attempts are there. */
    decided(unit: number, what: "scrapped" | "reworked"): void {
      if ((of(unit) & tried) === 0) return;
      if (what === "scrapped") scrapped.add(unit);
      else set(unit, of(unit) | rework);
    },
    sums(): Sums {
      const sums = { units: 0, firstSeen: 0, firstPass: 0, passed: 0, marginal: 0, retried: 0, reworked: 0 };
      flags.forEach((flag, unit) => {
        if ((flag & tried) === 0) return;
        const good = (flag & passed) !== 0 && !scrapped.has(unit);
        sums.units += 1;
        if (flag & first) sums.firstSeen += 1;
        if (flag & firstPass) sums.firstPass += 1;
        if (good) sums.passed += 1;
        if (good && flag & marginal) sums.marginal += 1;
        if (flag & again && !(flag & rework)) sums.retried += 1;
        if (flag & rework) sums.reworked += 1;
      });
      return { ...sums, attempts };
    },
  };
}
