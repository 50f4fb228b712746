import type { AttemptRecord } from "../../model/attempt.ts";
import type { BatchFacts } from "../../model/facts.ts";
import type { Block, Column, Row } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import { sayIn, type Say } from "../say.ts";
import { markingOf } from "../words.ts";

const columns = (say: Say): readonly Column[] => [
  { head: say("number"), mm: 34, align: "left" },
  { head: say("series"), mm: 26, align: "left" },
  { head: say("unit"), mm: 34, align: "left" },
  { head: say("record"), mm: 16, align: "right" },
  { head: say("why"), mm: 68, align: "left" },
];

/** Where the serial numbers are: counts by state, each void one with its reason. Not for simulated boards. */
export function serials(facts: BatchFacts, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  const { serials, attempts } = facts;
  if (markingOf(facts).simulated !== "no") return [];
  if (!attempts.some((attempt) => attempt.serials.length > 0)) return [];
  const voids = attempts.flatMap((attempt) => voidRows(attempt, say));
  const range =
    serials.first === null
      ? "-"
      : say("{first} to {last}", { first: serials.first, last: serials.last ?? serials.first });
  return [
    { type: "section", text: say("Serial numbers"), keep: 20 },
    {
      type: "pairs",
      pairs: [
        [say("First to last"), range],
        [say("Committed"), String(serials.committed)],
        [
          say("Written, not committed"),
          `${serials.written}${serials.written === 0 ? "" : ` (${say("each stays with its unit")})`}`,
        ],
        [say("Reserved"), String(serials.reserved)],
        [say("Void"), String(serials.void)],
      ],
    },
    ...(voids.length === 0
      ? []
      : [{ type: "gap", mm: 2.3 } as const, { type: "table", columns: columns(say), rows: voids } as const]),
    { type: "gap", mm: 4.6 },
  ];
}

function voidRows({ serials, outcome, barcode, seq }: AttemptRecord, say: Say): Row[] {
  const why =
    outcome.kind === "PASS" ? say("passed with another number") : `${outcome.kind} ${outcome.failure.code}`;
  return serials
    .filter(({ state }) => state === "void")
    .map(({ series, text }) => ({ cells: [text, series, barcode, String(seq), why] }));
}
