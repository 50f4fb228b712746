import { wilson } from "../model/statistics.ts";
import type { Figure } from "./block.ts";
import type { Say } from "./say.ts";
import { counted, percent, percentPoints } from "./words.ts";

/** First-pass yield by first-seen-ever, with its Wilson interval; without a unit of its own a dash. */
export function firstPassFigure(
  say: Say,
  { firstPass, firstSeen }: { readonly firstPass: number; readonly firstSeen: number },
): Figure {
  const first = wilson(firstPass, firstSeen);
  if (first === null)
    return { label: say("FIRST PASS"), figure: "-", notes: [say("no unit was first seen here")] };
  return {
    label: say("FIRST PASS"),
    figure: percent(first.share, say.language),
    notes: [
      say("{n} of {units} first seen here", { n: firstPass, units: counted(say, firstSeen, "unit") }),
      say("Wilson 95%: {low} to {high}", {
        low: percentPoints(first.low, say.language),
        high: percentPoints(first.high, say.language),
      }),
    ],
  };
}
