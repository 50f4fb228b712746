import type { KeptDeed } from "../../model/deed.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import { paragraph, type Block } from "../block.ts";
import { writeTable } from "../csv.ts";
import type { ReportDefinition, SectionOf } from "../definition.ts";
import { lifeText } from "../deed-words.ts";
import { jsonVersion } from "../json-schema.ts";
import { visibleJson } from "../../lib/clean-text.ts";
import { layoutOf, type SectionOn } from "../layout.ts";
import type { Report } from "../report.ts";
import { sayIn } from "../say.ts";
import { signLines } from "../paper/sign-lines.ts";
import { sheetOf, type SheetColumn } from "../workbook/sheet.ts";
import { localTime, zoneOf } from "../times.ts";
import { counted, documentTitle, percent, percentPoints, seconds } from "../words.ts";
import { slotCounts, type SlotCounts, type SlotRow } from "../slot-counts.ts";
import { endOf, leftOut, stretch, type PeriodFacts } from "./period.ts";

export interface SlotFacts extends Omit<PeriodFacts, "attempts"> {
  /** Attempts that ended in it, in the order of the chain; asked for once. */
  readonly attempts: Iterable<AttemptRecord>;
  /** Slots that were retired and put back, in the order of their chain. */
  readonly deeds: readonly KeptDeed[];
}

type Health = Omit<SlotFacts, "attempts" | "voids"> & Pick<SlotCounts, "rows" | "chosen">;

const table: Readonly<Record<SectionOf<"slots">, SectionOn<Health>>> = { slots, failures };

/** Bad slot or bad board: each slot against all others. */
export function slotReport(facts: SlotFacts): Report {
  const { attempts, voids, ...asked } = facts;
  const { marking, last, rows, chosen } = slotCounts(attempts, new Set(voids.map(({ seq }) => seq)));
  const health = { ...asked, rows, chosen };
  const end = endOf({ ...asked, attempts: last === null ? [] : [last] });
  const subject = localTime(end, zoneOf(asked)).slice(0, 10);
  return {
    subject: `slots ${subject}`,
    marking,
    paper: (definition) => ({
      blocks: layoutOf(table, health, definition, true),
      cover: {
        title: documentTitle(definition.title, subject, marking),
        subject,
        marking,
        head: null,
        keywords: `record ${last?.hash ?? "none"}`,
        date: end,
      },
    }),
    sheets: () => [sheetOf("Slots", columns, health.rows)],
    csv: () => writeTable(columns, health.rows),
    json() {
      const { from, to, timezone } = facts;
      const said = { type: "slot-report", version: jsonVersion, ...marking, from, to, timezone };
      return [
        `${visibleJson({ ...said, slots: health.rows.map(({ codes, ...row }) => ({ ...row, codes: Object.fromEntries(codes) })) })}\n`,
      ];
    },
  };
}

const columns: readonly SheetColumn<SlotRow>[] = [
  { head: "station", width: 20, of: ({ station }) => station },
  { head: "slot", width: 10, of: ({ slot }) => slot },
  { head: "attempts", width: 10, of: ({ tried }) => tried },
  { head: "passed", width: 10, of: ({ passed }) => passed },
  { head: "marginal", width: 10, of: ({ marginal }) => marginal },
  { head: "share", width: 10, of: ({ interval }) => interval.share },
  { head: "Wilson 95 % low", width: 17, of: ({ interval }) => interval.low },
  { head: "Wilson 95 % high", width: 17, of: ({ interval }) => interval.high },
  { head: "suspect", width: 9, of: ({ suspect }) => suspect },
  {
    head: "mean seconds of a pass",
    width: 22,
    of: ({ meanMs }) => (meanMs === null ? null : Math.round(meanMs) / 1000),
  },
  { head: "failures", width: 60, of: ({ codes }) => codes.map(([code, n]) => `${code} ${n}`).join(", ") },
];

function slots(health: Health, definition: ReportDefinition): Block[] {
  const zone = zoneOf(health);
  const say = sayIn(definition.language);
  const { rows, chosen } = health;
  const left = leftOut(chosen, say);
  const tried = rows.reduce((sum, row) => sum + row.tried, 0);
  const passed = rows.reduce((sum, row) => sum + row.passed, 0);
  const suspects = rows.filter(({ suspect }) => suspect);
  return [
    {
      type: "title",
      text: definition.title,
      under:
        suspects.length === 0
          ? say("No slot is suspect.")
          : `${say("Suspect")}: ${suspects.map(nameOf).join(", ")}`,
      logo: definition.logo,
    },
    {
      type: "pairs",
      pairs: [
        ...stretch(health, zone, say),
        [
          say("Attempts"),
          say("{n} of {of} passed, on {slots}", {
            n: passed,
            of: tried,
            slots: counted(say, rows.length, "slot"),
          }),
        ],
        ...(left === null ? [] : [[say("Not in these figures"), left] as const]),
        [say("Suspect"), say("the whole Wilson 95% interval lies below that of all other slots together")],
      ],
    },
    { type: "gap", mm: 2.3 },
    { type: "section", text: say("Attempts passed by slot, with the Wilson 95% interval"), keep: 18 },
    ...(rows.length === 0
      ? [paragraph(say("No attempt was made."))]
      : [
          {
            type: "intervals",
            rows: rows.map((row) => ({
              label: nameOf(row),
              interval: row.interval,
              note:
                `${percent(row.interval.share, say.language)}, ${say("{n} of {of}", { n: row.passed, of: row.tried })}, ` +
                `${say("{low} to {high}", { low: percentPoints(row.interval.low, say.language), high: percentPoints(row.interval.high, say.language) })}${row.suspect ? `; ${say("suspect")}` : ""}`,
            })),
            all: passed / tried,
          } as const,
        ]),
    { type: "gap", mm: 4.6 },
    { type: "foot", sign: signLines(definition), seal: null },
  ];
}

const nameOf = ({ station, slot }: SlotRow): string => `${station} ${slot}`;

function failures({ rows, deeds, timezone }: Health, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  return [
    { type: "section", text: say("Failures and times of each slot"), keep: 14 },
    {
      type: "table",
      columns: [
        { head: say("slot"), mm: 44, align: "left" },
        { head: say("marginal"), mm: 18, align: "right" },
        { head: say("mean s"), mm: 16, align: "right" },
        { head: say("failures, most first"), mm: 100, align: "left" },
      ],
      rows: rows.map((row) => ({
        cells: [
          nameOf(row),
          row.marginal === 0 ? "" : String(row.marginal),
          row.meanMs === null ? "-" : seconds(row.meanMs, say.language),
          row.codes.map(([code, n]) => `${code} ${n}`).join(", ") || say("none"),
        ],
      })),
    },
    { type: "gap", mm: 4.6 },
    ...(deeds.length === 0
      ? []
      : [
          { type: "section", text: say("Slots retired and put back"), keep: 14 } as const,
          {
            type: "table",
            columns: [
              { head: say("time"), mm: 36, align: "left" },
              { head: say("slot"), mm: 44, align: "left" },
              { head: say("what"), mm: 98, align: "left" },
            ],
            rows: deeds.map((deed) => ({
              cells: [
                localTime(deed.at, zoneOf({ timezone })),
                `${String(deed.detail["station"] ?? "")} ${deed.slot ?? ""}`.trim(),
                lifeText(say, deed),
              ],
            })),
          } as const,
        ]),
  ];
}
