import type { AttemptRecord } from "../model/attempt.ts";
import type { BatchFacts, VoidMark } from "../model/facts.ts";
import { hasFailed } from "./words.ts";

/** What the sections that tell of attempts need, of a batch or of any other set. */
export type RunFacts = Pick<BatchFacts, "attempts" | "counts" | "failures" | "bySlot" | "timezone" | "voids">;

/** Which of many attempts a report of production counts, and how many it leaves out. */
export interface Chosen {
  readonly attempts: readonly AttemptRecord[];
  readonly trials: number;
  readonly simulated: number;
}

/**
 * Released work on real boards. Where there is none: trials on real boards, else what was simulated; the report then
 * says so on each page. Never a mixture: a trial never counts as production (contract).
 */
export function production(all: readonly AttemptRecord[]): Chosen {
  const line = all.filter(({ realm }) => realm === "line");
  const released = line.filter(({ trial }) => !trial);
  if (released.length > 0)
    return { attempts: released, trials: line.length - released.length, simulated: all.length - line.length };
  if (line.length > 0) return { attempts: line, trials: 0, simulated: all.length - line.length };
  return { attempts: all, trials: 0, simulated: 0 };
}

/** Counts attempts as the books count those of a batch: what is void or was SKIPPED counts nowhere. */
export function runFactsOf(
  attempts: readonly AttemptRecord[],
  voids: readonly VoidMark[],
  timezone: string | null,
): RunFacts {
  const counted = countingOf({ attempts, voids }).filter(({ outcome }) => outcome.kind !== "SKIPPED");
  const units = new Map<string, { last: AttemptRecord; first: AttemptRecord; marginal: boolean }>();
  const codes = new Map<string, number>();
  const slots = new Map<string, { passed: number; tried: number }>();
  for (const attempt of counted) {
    const { outcome, barcode, slot } = attempt;
    const before = units.get(barcode);
    const marginal = outcome.kind === "PASS" && outcome.marginal;
    units.set(barcode, {
      first: before?.first ?? attempt,
      last: attempt,
      marginal: marginal || before?.marginal === true,
    });
    const sum = slots.get(slot) ?? { passed: 0, tried: 0 };
    slots.set(slot, { passed: sum.passed + (hasFailed(attempt) ? 0 : 1), tried: sum.tried + 1 });
    if (outcome.kind !== "PASS") codes.set(outcome.failure.code, (codes.get(outcome.failure.code) ?? 0) + 1);
  }
  const lives = [...units.values()];
  const many = (keep: (life: (typeof lives)[number]) => boolean): number => lives.filter(keep).length;
  const passed = (attempt: AttemptRecord): boolean => attempt.outcome.kind === "PASS";
  return {
    attempts,
    voids,
    timezone,
    counts: {
      seen: lives.length,
      passed: many(({ last }) => passed(last)),
      failed: many(({ last }) => !passed(last)),
      // The number of an attempt counts the whole life of its unit, so 1 is the first time it was ever seen.
      firstSeen: many(({ first }) => first.attempt === 1),
      firstPass: many(({ first }) => first.attempt === 1 && passed(first)),
      marginal: many(({ last, marginal }) => passed(last) && marginal),
    },
    failures: [...codes]
      .map(([code, count]) => ({ code, count }))
      .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
    bySlot: [...slots].map(([slot, sum]) => ({ slot, ...sum })).sort((a, b) => (a.slot < b.slot ? -1 : 1)),
  };
}

/** The attempts that count: what is void is told beside its row, and in no figure. */
export function countingOf({
  attempts,
  voids,
}: Pick<RunFacts, "attempts" | "voids">): readonly AttemptRecord[] {
  if (voids.length === 0) return attempts;
  const gone = new Set(voids.map(({ seq }) => seq));
  return attempts.filter(({ seq }) => !gone.has(seq));
}
