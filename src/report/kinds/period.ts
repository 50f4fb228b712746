import type { AttemptRecord } from "../../model/attempt.ts";
import type { VoidMark } from "../../model/facts.ts";
import { production, runFactsOf, type Chosen, type RunFacts } from "../run-facts.ts";
import type { Say } from "../say.ts";
import { bothTimes } from "../times.ts";

/** What happened at a station in a stretch of time, over all orders. */
export interface PeriodFacts {
  /** Attempts that ended in it, in the order of the chain. */
  readonly attempts: readonly AttemptRecord[];
  readonly voids: readonly VoidMark[];
  /** Begin, included; `null`: from the first record. */
  readonly from: Date | null;
  /** End, not included; `null`: up to now. */
  readonly to: Date | null;
  readonly timezone: string | null;
}

/** The attempts of a stretch of time that a report of production counts, counted. */
export interface Worked extends RunFacts {
  readonly from: Date | null;
  readonly to: Date | null;
  readonly chosen: Chosen;
}

export function workedOf({ attempts, voids, from, to, timezone }: PeriodFacts): Worked {
  const chosen = production(attempts);
  return { ...runFactsOf(chosen.attempts, voids, timezone), from, to, chosen };
}

/** What was left out of the figures, or `null`. */
export function leftOut({ trials, simulated }: Omit<Chosen, "attempts">, say: Say): string | null {
  const said = [
    ...(trials === 0 ? [] : [say("{n} of trial orders", { n: trials })]),
    ...(simulated === 0 ? [] : [say("{n} on simulated boards", { n: simulated })]),
  ];
  return said.length === 0 ? null : say("attempts {which}", { which: said.join(", ") });
}

export const stretch = (
  { from, to }: Pick<Worked, "from" | "to">,
  zone: string,
  say: Say,
): [string, string][] => [
  [say("From"), from === null ? say("the first record") : bothTimes(from, zone)],
  [say("To"), to === null ? say("the last record") : bothTimes(to, zone)],
  [say("Time zone"), zone],
];

/** When a report of a stretch is dated: its end, where that is past the last record. */
export function endOf({ attempts, to, from }: Pick<Worked, "attempts" | "from" | "to">): Date {
  return to ?? attempts.at(-1)?.endedAt ?? from ?? new Date(0);
}
