import { visibleJson } from "../../lib/clean-text.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import type { LedgerState } from "../../model/ledger.ts";
import type { Block } from "../block.ts";
import { writeTable } from "../csv.ts";
import type { ReportDefinition, SectionOf } from "../definition.ts";
import { jsonVersion } from "../json-schema.ts";
import { layoutOf, type SectionOn } from "../layout.ts";
import type { Report } from "../report.ts";
import { sayIn, type Say } from "../say.ts";
import { signLines } from "../paper/sign-lines.ts";
import { sheetOf, type SheetColumn } from "../workbook/sheet.ts";
import { shortTime, zoneOf } from "../times.ts";
import { counted, documentTitle, type Marking } from "../words.ts";

/** A number of a series as the last record that has it left it. */
export interface SeriesNumber {
  readonly number: number;
  readonly text: string;
  readonly state: LedgerState;
  readonly unit: string;
  readonly batch: string;
  readonly record: number;
  readonly at: Date;
  /** How that attempt ended: `PASS`, or its failure code. */
  readonly end: string;
  readonly trial: boolean;
}

export interface SeriesFacts {
  readonly series: string;
  /** By number. */
  readonly numbers: readonly SeriesNumber[];
  /** The numbers are those of the shadow: no record on real boards has one of the series. */
  readonly simulated: boolean;
  readonly timezone: string | null;
  /** Last record that was looked at. */
  readonly head: { readonly seq: number; readonly hash: string; readonly at: Date } | null;
}

/** The ledger of a series as the chain tells it; `null`: no record has a number of it. */
export function seriesOf(
  series: string,
  records: Iterable<AttemptRecord>,
  timezone: string | null,
): SeriesFacts | null {
  const realms = { line: new Map<number, SeriesNumber>(), sim: new Map<number, SeriesNumber>() };
  let head: SeriesFacts["head"] = null;
  for (const a of records) {
    head = { seq: a.seq, hash: a.hash, at: a.endedAt };
    for (const { series: of, number, text, state } of a.serials)
      if (of === series)
        realms[a.realm].set(number, {
          number,
          text,
          state,
          unit: a.barcode,
          batch: a.batch,
          record: a.seq,
          at: a.endedAt,
          end: a.outcome.kind === "PASS" ? "PASS" : a.outcome.failure.code,
          trial: a.trial,
        });
  }
  const simulated = realms.line.size === 0;
  const numbers = [...(simulated ? realms.sim : realms.line).values()].sort((a, b) => a.number - b.number);
  return numbers.length === 0 ? null : { series, numbers, simulated, timezone, head };
}

const table: Readonly<Record<SectionOf<"serials">, SectionOn<SeriesFacts>>> = { series, numbers };

/** Where every number of a series is. */
export function serialReport(facts: SeriesFacts): Report {
  const { series: name, numbers: all, head } = facts;
  // A single number of a trial does not make the ledger a trial's; its row says it.
  const marking: Marking = {
    trial: all.every(({ trial }) => trial),
    simulated: facts.simulated ? "all" : "no",
  };
  return {
    subject: `serials ${name}`,
    marking,
    paper: (definition) => ({
      blocks: layoutOf(table, facts, definition, true),
      cover: {
        title: documentTitle(definition.title, name, marking),
        subject: name,
        marking,
        head: null,
        keywords: `record ${head?.hash ?? "none"}`,
        date: head?.at ?? new Date(0),
      },
    }),
    sheets: () => [sheetOf("Serials", columns(facts), all)],
    csv: () => writeTable(columns(facts), all),
    json: () => jsonOf(facts),
  };
}

function* jsonOf(facts: SeriesFacts): Generator<string> {
  const { series: name, simulated, timezone, head, numbers: all } = facts;
  const said = { type: "serial-report", version: jsonVersion, series: name, simulated, timezone, head };
  yield `${visibleJson({ ...said, states: statesOf(all), gaps: gapsOf(all) }).slice(0, -1)},"numbers":[`;
  for (const [i, one] of all.entries()) yield `${i === 0 ? "\n" : ",\n"}${visibleJson(one)}`;
  yield "\n]}\n";
}

const columns = ({ simulated }: SeriesFacts): readonly SheetColumn<SeriesNumber>[] => [
  { head: "serial", width: 22, of: ({ text }) => text },
  { head: "number", width: 10, of: ({ number }) => number },
  { head: "state", width: 12, of: ({ state }) => state },
  { head: "unit", width: 20, of: ({ unit }) => unit },
  { head: "batch", width: 16, of: ({ batch }) => batch },
  { head: "record", width: 9, of: ({ record }) => record },
  { head: "ended (UTC)", width: 20, of: ({ at }) => at },
  { head: "end of that attempt", width: 20, of: ({ end }) => end },
  { head: "trial", width: 7, of: ({ trial }) => trial },
  { head: "simulated", width: 11, of: () => simulated },
];

function statesOf(all: readonly SeriesNumber[]): Partial<Record<LedgerState, number>> {
  const states: Partial<Record<LedgerState, number>> = {};
  for (const { state } of all) states[state] = (states[state] ?? 0) + 1;
  return states;
}

/** Numbers between the first and the last that no record has: `12`, `15 to 19`. */
export function gapsOf(all: readonly SeriesNumber[], say: Say = sayIn("en")): string[] {
  return all.flatMap(({ number }, i) => {
    const before = all[i - 1]?.number ?? number - 1;
    if (number - before <= 1) return [];
    return [
      number - before === 2
        ? String(before + 1)
        : say("{first} to {last}", { first: before + 1, last: number - 1 }),
    ];
  });
}

const mostGaps = 40;

function series(facts: SeriesFacts, definition: ReportDefinition): Block[] {
  const { numbers: all, head } = facts;
  const say = sayIn(definition.language);
  const states = statesOf(all);
  const gaps = gapsOf(all, say);
  const more = gaps.length > mostGaps ? `, ${say("and {n} more", { n: gaps.length - mostGaps })}` : "";
  return [
    {
      type: "title",
      text: `${definition.title} ${facts.series}`,
      under: say("{first} to {last}", { first: all[0]?.text ?? "-", last: all.at(-1)?.text ?? "-" }),
      logo: definition.logo,
    },
    {
      type: "figures",
      figures: [
        {
          label: say("COMMITTED"),
          figure: String(states.committed ?? 0),
          notes: [say("in a unit that passed")],
        },
        {
          label: say("WRITTEN"),
          figure: String(states.written ?? 0),
          notes: [say("each stays with its unit")],
        },
        { label: say("VOID"), figure: String(states.void ?? 0), notes: [say("never used again")] },
      ],
    },
    {
      type: "pairs",
      pairs: [
        [say("Numbers in records"), counted(say, all.length, "number")],
        [say("Gave back, no byte left"), String(states.returned ?? 0)],
        [
          say("Between them, in no record"),
          gaps.length === 0 ? say("none") : `${gaps.slice(0, mostGaps).join(", ")}${more}`,
        ],
        [
          say("Up to record"),
          head === null ? "-" : say("{n}, hash {hash}", { n: head.seq, hash: head.hash }),
        ],
      ],
    },
    { type: "gap", mm: 4.6 },
    { type: "foot", sign: signLines(definition), seal: null },
  ];
}

function numbers(facts: SeriesFacts, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  const zone = zoneOf(facts);
  return [
    { type: "section", text: say("Every number, as its last record left it"), keep: 20 },
    {
      type: "table",
      columns: [
        { head: say("serial"), mm: 36, align: "left" },
        { head: say("state"), mm: 22, align: "left" },
        { head: say("unit"), mm: 38, align: "left" },
        { head: say("order"), mm: 24, align: "left" },
        { head: say("ended"), mm: 22, align: "left" },
        { head: say("end of that attempt"), mm: 36, align: "left" },
      ].map((column) => ({ ...column, align: "left" as const })),
      rows: facts.numbers.map((one) => ({
        cells: [
          one.text,
          { text: `${one.trial ? "trial " : ""}${one.state}`, bold: one.state === "void" },
          one.unit,
          one.batch,
          shortTime(one.at, zone, language),
          one.end,
        ],
      })),
    },
  ];
}
