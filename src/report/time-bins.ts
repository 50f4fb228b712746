import type { AttemptRecord } from "../model/attempt.ts";
import type { TimeBin } from "./block.ts";
import type { ReportLanguage } from "./definition.ts";
import { clockTime, shortDay, zoneOffset } from "./times.ts";
import { hasFailed } from "./words.ts";

const minute = 60_000;
const day = 1440;
/** Lengths of a bin in minutes, the first that fits is taken. */
const lengths = [10, 20, 30, 60, 120, 240, 480, day];
/** Bins that find room beside each other with a figure of so many digits under each. */
const mostBins = (digits: number): number => Math.floor(160 / (digits * 1.75 + 1));

/**
 * Passed and failed attempts by the time they ended, in bins of ten minutes or, where these were too many for one
 * chart, of more. Bins begin at whole lengths of the zone's wall clock as it was at the first attempt.
 */
export function binsOf(
  attempts: readonly AttemptRecord[],
  zone: string,
  language: ReportLanguage,
): { readonly bins: readonly TimeBin[]; readonly minutes: number } {
  const ended = attempts.filter(({ outcome }) => outcome.kind !== "SKIPPED");
  const first = ended[0];
  if (first === undefined) return { bins: [], minutes: 10 };
  for (let i = 0, minutes = 10; ; i += 1) {
    minutes = lengths[i] ?? minutes * 2;
    const offset = zoneOffset(first.endedAt, zone);
    const places = ended.map(({ endedAt }) => Math.floor((endedAt.getTime() + offset) / (minutes * minute)));
    const from = places.reduce((low, place) => Math.min(low, place), Infinity);
    const to = places.reduce((high, place) => Math.max(high, place), -Infinity);
    // The clock may have been set in between: a span of years must not become an array of ten-minute bins.
    if (to - from + 1 > mostBins(1)) continue;
    const bins = Array.from({ length: to - from + 1 }, (_, n) => {
      const at = new Date((from + n) * minutes * minute - offset);
      const label = minutes < day ? clockTime(at, zone) : shortDay(at, zone, language);
      return { label, passed: 0, failed: 0 };
    });
    ended.forEach((attempt, n) => {
      const bin = bins[(places[n] ?? from) - from];
      if (bin === undefined) return;
      if (hasFailed(attempt)) bin.failed += 1;
      else bin.passed += 1;
    });
    const most = bins.reduce((high, bin) => Math.max(high, bin.passed, bin.failed), 0);
    if (bins.length <= mostBins(String(most).length)) return { bins, minutes };
  }
}
