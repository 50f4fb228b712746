import { reasonOf, type Deed } from "../model/deed.ts";
import type { BatchFacts } from "../model/facts.ts";
import type { AttemptRecord } from "../model/attempt.ts";
import type { ReportLanguage } from "./definition.ts";
import type { PlainPhrase, Say } from "./say.ts";
import { cleanText } from "../lib/clean-text.ts";

const longest = 2000;

/** The one gate to paper: line breaks become spaces, every other control, escape and bidi mark is left out. */
export const paperText = (text: string): string => cleanText(text.replaceAll(/\s+/g, " ").trim(), longest);

/** `13.1`, and with the comma of a language that has one, `13,1`. */
export const decimal = (value: number, digits: number, language: ReportLanguage): string =>
  language === "de" ? value.toFixed(digits).replace(".", ",") : value.toFixed(digits);

/** `95.9%`; a share that is not whole never rounds to 0 or 100. */
export function percent(share: number, language: ReportLanguage = "en"): string {
  const tenths = Math.round(share * 1000);
  const shown = tenths === 1000 && share < 1 ? 999 : tenths === 0 && share > 0 ? 1 : tenths;
  return `${decimal(shown / 10, 1, language)}%`;
}

/** The percentage without its sign, for the ends of an interval. */
export const percentPoints = (share: number, language: ReportLanguage = "en"): string =>
  decimal(share * 100, 1, language);

/** `1 unit`, `2 units`. */
export const counted = (say: Say, count: number, word: "unit" | "attempt" | "number" | "slot"): string =>
  count === 1 ? say(`1 ${word}`) : say(`{n} ${word}s`, { n: count });

/** An option value as data sheets write it: one digit plain, more as hex. */
export const optionValue = (value: number): string =>
  value < 10 ? String(value) : `0x${value.toString(16).toUpperCase().padStart(2, "0")}`;

/** Digits in groups, so that an eye can keep its place: `7c1e 90b4`. */
export const grouped = (digits: string, size: number): string =>
  digits.match(new RegExp(`.{1,${size}}`, "g"))?.join(" ") ?? "";

export const seconds = (ms: number, language: ReportLanguage): string =>
  decimal(ms / 1000, ms < 100 ? 2 : 1, language);

/** Each value once, in the order of its first appearance. */
export const distinct = (values: Iterable<string>): string[] => [...new Set(values)];

/** The verdict with the marks that must stand before it: `trial PASS`, `sim FAIL`. */
export function markedVerdict(say: Say, attempt: AttemptRecord): string {
  const { kind } = attempt.outcome;
  const verdict = isMarginal(attempt) ? `${kind} ${say("marginal")}` : kind;
  const trial = attempt.trial ? "trial " : "";
  const sim = attempt.realm === "sim" ? "sim " : "";
  return `${trial}${sim}${verdict}`;
}

/** An attempt that counts as failed: neither PASS nor SKIPPED (contract, Outcomes). */
export const hasFailed = ({ outcome }: AttemptRecord): boolean =>
  outcome.kind !== "PASS" && outcome.kind !== "SKIPPED";

export const isMarginal = ({ outcome }: AttemptRecord): boolean =>
  outcome.kind === "PASS" && outcome.marginal;

/** What a report must say of itself on each page. `part`: some attempts were simulated, others not. */
export interface Marking {
  readonly trial: boolean;
  readonly simulated: "no" | "part" | "all";
}

export function markingOf({ batch, attempts, simulated }: BatchFacts): Marking {
  const marking = markingOfAttempts(attempts);
  const some = simulated && marking.simulated === "no" ? "part" : marking.simulated;
  // Nothing simulated among nothing: the facts alone say it.
  return {
    trial: batch.trial || marking.trial,
    simulated: simulated && attempts.length === 0 ? "all" : some,
  };
}

/** The marks that these attempts put on a report of them. */
export function markingOfAttempts(attempts: Iterable<Pick<AttemptRecord, "trial" | "realm">>): Marking {
  let trial = false;
  let sims = 0;
  let all = 0;
  for (const attempt of attempts) {
    trial ||= attempt.trial;
    sims += attempt.realm === "sim" ? 1 : 0;
    all += 1;
  }
  return { trial, simulated: sims === 0 ? "no" : sims === all ? "all" : "part" };
}

export const trialText = "TRIAL: not production";

export const simulatedText = ({ simulated }: Marking): PlainPhrase | null => {
  switch (simulated) {
    case "no":
      return null;
    case "part":
      return "SIMULATED in part: rows marked sim had no board";
    case "all":
      return "SIMULATED: no real boards";
    default:
      return simulated satisfies never;
  }
};

/** `TRIAL: SIMULATED: Batch report WO-4733`. */
export function documentTitle(title: string, subject: string, marking: Marking): string {
  const marks = `${marking.trial ? "TRIAL: " : ""}${marking.simulated === "no" ? "" : "SIMULATED: "}`;
  return paperText(`${marks}${title} ${subject}`);
}

/** Why records are void, by their place in the chain. */
export const voidsOf = (
  marks: readonly { readonly seq: number; readonly reason: string }[],
): ReadonlyMap<number, string> =>
  new Map(marks.map(({ seq, reason }) => [seq, reason === "" ? "void" : reason]));

/** The same from the deeds that made them so. */
export const reasonsOfVoids = (deeds: readonly Deed[]): ReadonlyMap<number, string> =>
  voidsOf(
    deeds.flatMap(({ kind, detail }) =>
      kind === "unit-voided" ? [{ seq: Number(detail["record"]), reason: reasonOf(detail) }] : [],
    ),
  );
