import type { AttemptRecord } from "../../model/attempt.ts";
import type { BatchFacts } from "../../model/facts.ts";
import type { Block, Column, Row } from "../block.ts";
import { markingOf } from "../words.ts";

const columns: readonly Column[] = [
  { head: "number", mm: 34, align: "left" },
  { head: "series", mm: 26, align: "left" },
  { head: "unit", mm: 34, align: "left" },
  { head: "record", mm: 16, align: "right" },
  { head: "why", mm: 68, align: "left" },
];

/** Where the serial numbers are: counts by state, each void one with its reason. Not for simulated boards. */
export function serials(facts: BatchFacts): Block[] {
  const { serials, attempts } = facts;
  if (markingOf(facts).simulated !== "no") return [];
  if (!attempts.some((attempt) => attempt.serials.length > 0)) return [];
  const voids = attempts.flatMap(voidRows);
  const range = serials.first === null ? "-" : `${serials.first} to ${serials.last ?? serials.first}`;
  return [
    { type: "section", text: "Serial numbers", keep: 20 },
    {
      type: "pairs",
      pairs: [
        ["First to last", range],
        ["Committed", String(serials.committed)],
        [
          "Written, not committed",
          `${serials.written}${serials.written === 0 ? "" : " (each stays with its unit)"}`,
        ],
        ["Reserved", String(serials.reserved)],
        ["Void", String(serials.void)],
      ],
    },
    ...(voids.length === 0
      ? []
      : [{ type: "gap", mm: 2.3 } as const, { type: "table", columns, rows: voids } as const]),
    { type: "gap", mm: 4.6 },
  ];
}

function voidRows({ serials, outcome, barcode, seq }: AttemptRecord): Row[] {
  const why =
    outcome.kind === "PASS" ? "passed with another number" : `${outcome.kind} ${outcome.failure.code}`;
  return serials
    .filter(({ state }) => state === "void")
    .map(({ series, text }) => ({ cells: [text, series, barcode, String(seq), why] }));
}
