import type { AttemptRecord } from "../model/attempt.ts";
import { wilson, type ShareInterval } from "../model/statistics.ts";
import { hasFailed, type Marking } from "./words.ts";

/** How the attempts of one slot ended. */
export interface SlotRow {
  readonly station: string;
  readonly slot: string;
  readonly tried: number;
  readonly passed: number;
  readonly marginal: number;
  readonly interval: ShareInterval;
  /** Its whole interval lies below that of all other slots together. */
  readonly suspect: boolean;
  /** Mean of the attempts that passed, ms; `null`: none did. */
  readonly meanMs: number | null;
  readonly codes: readonly (readonly [code: string, count: number])[];
}

/** The slots of the attempts that a report of production counts, and how many it leaves out (`production`). */
export interface SlotCounts {
  readonly rows: readonly SlotRow[];
  readonly marking: Marking;
  readonly chosen: { readonly trials: number; readonly simulated: number };
  /** The last attempt of those that are counted. */
  readonly last: AttemptRecord | null;
}

/** Counts in one pass and in constant memory: which kind of attempts is chosen is known at the end. */
export function slotCounts(attempts: Iterable<AttemptRecord>, gone: ReadonlySet<number>): SlotCounts {
  const [released, trials, simulated] = [slotSums(), slotSums(), slotSums()];
  for (const attempt of attempts) {
    const { realm, trial, seq } = attempt;
    (realm === "sim" ? simulated : trial ? trials : released).add(attempt, !gone.has(seq));
  }
  const none = { trials: 0, simulated: 0 };
  if (released.count() > 0)
    return released.sum(
      { trial: false, simulated: "no" },
      { trials: trials.count(), simulated: simulated.count() },
    );
  if (trials.count() > 0)
    return trials.sum({ trial: true, simulated: "no" }, { ...none, simulated: simulated.count() });
  return simulated.sum(
    { trial: simulated.hasTrial(), simulated: simulated.count() > 0 ? "all" : "no" },
    none,
  );
}

interface Sum {
  readonly station: string;
  readonly slot: string;
  tried: number;
  passed: number;
  marginal: number;
  passedMs: number;
  readonly codes: Map<string, number>;
}

function slotSums() {
  const bySlot = new Map<string, Sum>();
  let count = 0;
  let trial = false;
  let last: AttemptRecord | null = null;

  function sumOf({ station, slot }: AttemptRecord): Sum {
    const key = JSON.stringify([station, slot]);
    const before = bySlot.get(key);
    if (before !== undefined) return before;
    const sum = { station, slot, tried: 0, passed: 0, marginal: 0, passedMs: 0, codes: new Map() };
    bySlot.set(key, sum);
    return sum;
  }

  return {
    count: () => count,
    hasTrial: () => trial,
    add(attempt: AttemptRecord, counts: boolean): void {
      const { outcome } = attempt;
      count += 1;
      trial ||= attempt.trial;
      last = attempt;
      // What a person broke off says nothing of a slot.
      if (!counts || outcome.kind === "SKIPPED" || outcome.kind === "ABORTED") return;
      const sum = sumOf(attempt);
      sum.tried += 1;
      if (!hasFailed(attempt)) {
        sum.passed += 1;
        sum.passedMs += attempt.ms;
      }
      if (outcome.kind !== "PASS")
        sum.codes.set(outcome.failure.code, (sum.codes.get(outcome.failure.code) ?? 0) + 1);
      else if (outcome.marginal) sum.marginal += 1;
    },
    sum: (marking: Marking, chosen: SlotCounts["chosen"]): SlotCounts => ({
      rows: rowsOf([...bySlot.values()]),
      marking,
      chosen,
      last,
    }),
  };
}

function rowsOf(sums: readonly Sum[]): SlotRow[] {
  const passedAll = sums.reduce((all, { passed }) => all + passed, 0);
  const triedAll = sums.reduce((all, { tried }) => all + tried, 0);
  return sums
    .flatMap(({ station, slot, tried, passed, marginal, passedMs, codes }): SlotRow[] => {
      const interval = wilson(passed, tried);
      if (interval === null) return [];
      const others = wilson(passedAll - passed, triedAll - tried);
      return [
        {
          station,
          slot,
          tried,
          passed,
          marginal,
          interval,
          suspect: others !== null && interval.high < others.low,
          meanMs: passed === 0 ? null : passedMs / passed,
          codes: [...codes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)),
        },
      ];
    })
    .sort((a, b) => order(a.station, b.station) || order(a.slot, b.slot));
}

const names = new Intl.Collator("en", { numeric: true });
const order = (a: string, b: string): number => names.compare(a, b);
