import type { AttemptRecord } from "../../model/attempt.ts";
import type { BatchFacts } from "../../model/facts.ts";
import type { Block, Column, Row } from "../block.ts";
import { optionValue } from "../words.ts";

const columns: readonly Column[] = [
  { head: "field", mm: 26, align: "left" },
  { head: "wanted", mm: 30, align: "left" },
  { head: "before", mm: 44, align: "left" },
  { head: "after reset", mm: 44, align: "left" },
  { head: "not readable", mm: 20, align: "right" },
  { head: "units", mm: 14, align: "right" },
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
export function settings({ attempts }: BatchFacts): Block[] {
  const fields = seenByField(attempts);
  return [
    { type: "section", text: "Chip settings", keep: 20 },
    {
      type: "text",
      text:
        fields.size === 0
          ? "No attempt set a chip setting."
          : "Values with the number of units that had them, from each unit's last attempt that came so far; " +
            "a single deviating unit by name.",
      bold: false,
      ink: fields.size === 0 ? "black" : "grey",
    },
    ...(fields.size === 0
      ? []
      : [
          { type: "gap", mm: 1.5 } as const,
          { type: "table", columns, rows: [...fields].map(([name, seen]) => row(name, seen)) } as const,
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

function row(name: string, seen: readonly Seen[]): Row {
  const unread = seen.filter(({ after }) => after === null).length;
  return {
    cells: [
      name,
      values(seen, ({ wanted }) => wanted),
      values(seen, ({ before }) => before),
      values(seen, ({ after }) => after),
      unread === 0 ? "" : String(unread),
      String(seen.length),
    ],
  };
}

/** `0xAA` alone, or `0xAA 239, 0xFF UNIT-00042`; values that could not be read are not among them. */
function values(seen: readonly Seen[], of: (one: Seen) => number | null): string {
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
  return [...listed, ...(left === 0 ? [] : [`${left} other values`])].join(", ");
}
