import type { AttemptRecord } from "../../model/attempt.ts";
import type { BatchFacts } from "../../model/facts.ts";
import type { Block, Column, Row } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import { sayIn, type Say } from "../say.ts";
import { optionValue } from "../words.ts";

const columns = (say: Say): readonly Column[] => [
  { head: say("field"), mm: 26, align: "left" },
  { head: say("wanted"), mm: 30, align: "left" },
  { head: say("before"), mm: 44, align: "left" },
  { head: say("after reset"), mm: 44, align: "left" },
  { head: say("not readable"), mm: 20, align: "right" },
  { head: say("units"), mm: 14, align: "right" },
];

/** More different values than this are counted, not listed. */
const mostListed = 8;

interface Seen {
  readonly barcode: string;
  readonly wanted: number;
  readonly before: number | null;
  readonly after: number | null;
}

/** Chip settings of each unit as its last attempt that came so far found and left them. */
export function settings({ attempts }: BatchFacts, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  const fields = seenByField(attempts);
  return [
    { type: "section", text: say("Chip settings"), keep: 20 },
    {
      type: "text",
      text:
        fields.size === 0
          ? say("No attempt set a chip setting.")
          : say(
              "Values with the number of units that had them, from each unit's last attempt that came so far; a single deviating unit by name.",
            ),
      bold: false,
      ink: fields.size === 0 ? "black" : "grey",
    },
    ...(fields.size === 0
      ? []
      : [
          { type: "gap", mm: 1.5 } as const,
          {
            type: "table",
            columns: columns(say),
            rows: [...fields].map(([name, seen]) => row(name, seen, say)),
          } as const,
        ]),
    { type: "gap", mm: 4.6 },
  ];
}

function seenByField(attempts: readonly AttemptRecord[]): Map<string, Seen[]> {
  const last = new Map<string, AttemptRecord>();
  for (const attempt of attempts) if (attempt.options.length > 0) last.set(attempt.barcode, attempt);
  const fields = new Map<string, Seen[]>();
  for (const { barcode, options } of last.values())
    for (const { name, wanted, before, after } of options) {
      const seen = fields.get(name) ?? [];
      seen.push({ barcode, wanted, before, after });
      fields.set(name, seen);
    }
  return fields;
}

function row(name: string, seen: readonly Seen[], say: Say): Row {
  const unread = seen.filter(({ after }) => after === null).length;
  return {
    cells: [
      name,
      values(seen, ({ wanted }) => wanted, say),
      values(seen, ({ before }) => before, say),
      values(seen, ({ after }) => after, say),
      unread === 0 ? "" : String(unread),
      String(seen.length),
    ],
  };
}

/** `0xAA` alone, or `0xAA 239, 0xFF UNIT-00042`; values that could not be read are not among them. */
function values(seen: readonly Seen[], of: (one: Seen) => number | null, say: Say): string {
  const groups = new Map<number, string[]>();
  for (const one of seen) {
    const value = of(one);
    if (value === null) continue;
    const units = groups.get(value) ?? [];
    units.push(one.barcode);
    groups.set(value, units);
  }
  if (groups.size === 0) return "-";
  const sorted = [...groups].sort(([a, x], [b, y]) => y.length - x.length || a - b);
  const [only] = sorted;
  if (sorted.length === 1 && only !== undefined) return optionValue(only[0]);
  const listed = sorted
    .slice(0, mostListed)
    .map(
      ([value, [unit = "", ...more]]) =>
        `${optionValue(value)} ${more.length === 0 ? unit : more.length + 1}`,
    );
  const left = sorted.length - listed.length;
  return [...listed, ...(left === 0 ? [] : [say("{n} other values", { n: left })])].join(", ");
}
