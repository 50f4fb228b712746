import type { BatchFacts } from "../../model/facts.ts";
import { markingOf } from "../words.ts";
import { utcTime } from "../times.ts";

/** Letters of the station's name that the code holds: more would make it grow over the page. */
const mostStation = 24;

/**
 * Text of the code on page 1: `gangflash1 station seq hash time`, one space between. The station is percent-encoded,
 * so that a blank in its name does not shift the fields. `null` where there is nothing to seal: no attempt yet, or
 * simulated boards among them.
 */
export function sealText(facts: BatchFacts): string | null {
  const { head, attempts } = facts;
  if (head === null || markingOf(facts).simulated !== "no") return null;
  const last = attempts.find(({ seq }) => seq === head.seq) ?? attempts.at(-1);
  if (last === undefined) return null;
  const station = encodeURIComponent(Array.from(last.station.toWellFormed()).slice(0, mostStation).join(""));
  return `gangflash1 ${station} ${head.seq} ${head.hash} ${utcTime(last.endedAt)}`;
}
