import { count } from "../../lib/count.ts";
import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import { wilson, type ShareInterval } from "../../model/statistics.ts";
import type { Stretch, Tally, YieldFacts } from "../../model/yield.ts";
import { bothTimes, zoneOf } from "../../report/times.ts";
import { percent, percentPoints } from "../../report/words.ts";
import { openStore } from "../../store/open-store.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { moment, stationZone } from "./report-about.ts";

export interface YieldOptions {
  /** Wall clock of the station; `null`: from the first record. */
  readonly since: string | null;
  /** `null`: up to now. */
  readonly until: string | null;
  /** Name of a profile; `null`: all. */
  readonly profile: string | null;
  readonly data: string;
}

/** `yield`: how good the line is, across batches. Throws CommandError. */
export function yieldCommand(options: YieldOptions, io: Io, now: Date = new Date()): number {
  const { since, until, profile } = options;
  using store = openStore(options.data, { mode: "reader" });
  const timezone = stationZone(store);
  const from = since === null ? new Date(0) : moment("--since", since, timezone);
  const to = until === null ? now : moment("--until", until, timezone);
  if (from >= to)
    throw new CommandError(
      `--since: ${from.toISOString()} found, a time before ${until === null ? "now" : "--until"}, ${to.toISOString()}, was expected`,
    );
  const stretch: Stretch = { from, to, ...(profile === null ? {} : { profile }) };
  const facts = store.yieldOf(stretch);
  if (io.json) io.out(visibleJson(jsonOf(facts, since === null ? null : from, to, profile)));
  else for (const line of yieldLines(facts, headOf(options, stretch, zoneOf({ timezone })))) io.out(line);
  return exitCodes.ok;
}

function headOf({ since, profile }: YieldOptions, { from, to }: Stretch, zone: string): string[] {
  const what = profile === null ? "" : ` of profile ${cleanText(profile, 40)}`;
  return [
    `Yield${what}`,
    `from   ${since === null ? "the first record" : bothTimes(from, zone)}`,
    `until  ${bothTimes(to, zone)}`,
    "Trials, simulated boards, SKIPPED and void attempts are not in it.",
  ];
}

function jsonOf(facts: YieldFacts, from: Date | null, to: Date, profile: string | null): object {
  const { units, failures, bySlot, byRevision, byHour, attempts } = facts;
  const { first, final, retry, rework } = sharesOf(facts);
  const whole = (tally: readonly Tally[]): object[] =>
    tally.map((one) => ({ ...one, yield: wilson(one.passed, one.tried) }));
  return {
    type: "yield",
    from,
    to,
    profile,
    units,
    attempts,
    firstPass: { of: facts.firstSeen, count: facts.firstPass, ...first },
    final: { of: units, count: facts.passed, ...final },
    retried: { of: units, count: facts.retried, ...retry },
    reworked: { of: units, count: facts.reworked, ...rework },
    marginal: facts.marginal,
    failures,
    bySlot: whole(bySlot),
    byRevision: whole(byRevision),
    byHourUtc: whole(byHour),
  };
}

const sharesOf = (
  facts: YieldFacts,
): Record<"first" | "final" | "retry" | "rework", ShareInterval | null> => ({
  first: wilson(facts.firstPass, facts.firstSeen),
  final: wilson(facts.passed, facts.units),
  retry: wilson(facts.retried, facts.units),
  rework: wilson(facts.reworked, facts.units),
});

/** Lines of at most 80 columns. */
function yieldLines(facts: YieldFacts, head: readonly string[]): string[] {
  if (facts.attempts === 0) return [...head, "", "No attempt was made in this time."];
  const { first, final, retry, rework } = sharesOf(facts);
  const of = (some: number, all: number, what: string): string => `${some} of ${count(all, what)}`;
  return [
    ...head,
    "",
    shareLine("", "share", "Wilson 95%", "of what"),
    intervalLine("first pass", first, `${of(facts.firstPass, facts.firstSeen, "unit")} first seen here`),
    intervalLine("final", final, `${of(facts.passed, facts.units, "unit")}, ${facts.marginal} marginal`),
    intervalLine("retried", retry, of(facts.retried, facts.units, "unit")),
    intervalLine("reworked", rework, of(facts.reworked, facts.units, "unit")),
    ...paretoLines(facts),
    ...tallyLines("By slot", facts.bySlot, true),
    ...tallyLines("By profile and revision", facts.byRevision, true),
    ...tallyLines("By hour of the day, UTC", facts.byHour, false),
  ];
}

const nameColumns = 26;

function shareLine(name: string, share: string, interval: string, of: string): string {
  const shown = cleanText(name, nameColumns - 1);
  return `${shown.padEnd(nameColumns)}${share.padStart(8)}  ${interval.padEnd(15)}${of}`.trimEnd();
}

function intervalLine(name: string, found: ShareInterval | null, of: string): string {
  if (found === null) return shareLine(name, "-", "-", of);
  const { share, low, high } = found;
  return shareLine(name, percent(share), `${percentPoints(low)} to ${percentPoints(high)}`, of);
}

/** The most frequent first, with the sum so far: which few codes make most of the failures. */
function paretoLines({ failures }: YieldFacts): string[] {
  const all = failures.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return ["", "No attempt failed."];
  const row = (code: string, count: string, share: string, sum: string): string =>
    `${cleanText(code, nameColumns - 1).padEnd(nameColumns)}${count.padStart(8)}${share.padStart(9)}${sum.padStart(9)}`;
  let sum = 0;
  return [
    "",
    row("Failed attempts by code", "count", "share", "sum"),
    ...failures.map(({ code, count }) => {
      sum += count;
      return row(code, String(count), percent(count / all), percent(sum / all));
    }),
  ];
}

/** `worstFirst`: by share; else in the order of their names. */
function tallyLines(title: string, tally: readonly Tally[], worstFirst: boolean): string[] {
  const share = ({ passed, tried }: Tally): number => passed / tried;
  const rows = worstFirst ? tally.toSorted((a, b) => share(a) - share(b)) : tally;
  return [
    "",
    shareLine(title, "passed", "Wilson 95%", "attempts"),
    ...rows.map((one) =>
      intervalLine(one.name, wilson(one.passed, one.tried), `${one.passed} of ${one.tried}`),
    ),
  ];
}
