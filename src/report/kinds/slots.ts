import type { KeptDeed } from "../../model/deed.ts";
import { wilson, type ShareInterval } from "../../model/statistics.ts";
import type { Block } from "../block.ts";
import { writeTable } from "../csv.ts";
import type { ReportDefinition, SectionOf } from "../definition.ts";
import { lifeText } from "../deed-words.ts";
import { jsonVersion } from "../json-schema.ts";
import { visibleJson } from "../../lib/clean-text.ts";
import { layoutOf, type SectionOn } from "../layout.ts";
import type { Report } from "../report.ts";
import { sayIn } from "../say.ts";
import { signLines } from "../sign-lines.ts";
import { sheetOf, type SheetColumn } from "../sheet.ts";
import { localTime, zoneOf } from "../times.ts";
import {
  counted,
  documentTitle,
  hasFailed,
  markingOfAttempts,
  percent,
  percentPoints,
  seconds,
} from "../words.ts";
import { endOf, leftOut, stretch, workedOf, type PeriodFacts, type Worked } from "./period.ts";

export interface SlotFacts extends PeriodFacts {
  /** Slots that were retired and put back, in the order of their chain. */
  readonly deeds: readonly KeptDeed[];
}

interface SlotRow {
  readonly station: string;
  readonly slot: string;
  readonly tried: number;
  readonly passed: number;
  readonly marginal: number;
  readonly interval: ShareInterval;
  /** Its whole interval lies below that of all other slots together. */
  readonly suspect: boolean;
  /** Mean of the attempts that passed, ms; `null`: none did. */
  readonly meanMs: number | null;
  readonly codes: readonly (readonly [code: string, count: number])[];
}

interface Health extends Worked {
  readonly rows: readonly SlotRow[];
  readonly deeds: readonly KeptDeed[];
}

const table: Readonly<Record<SectionOf<"slots">, SectionOn<Health>>> = { slots, failures };

/** Bad slot or bad board: each slot against all others. */
export function slotReport(facts: SlotFacts): Report {
  const worked = workedOf(facts);
  const health = { ...worked, rows: rowsOf(worked), deeds: facts.deeds };
  const marking = markingOfAttempts(worked.attempts);
  const subject = localTime(endOf(worked), zoneOf(worked)).slice(0, 10);
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
        keywords: `record ${worked.attempts.at(-1)?.hash ?? "none"}`,
        date: endOf(worked),
      },
    }),
    sheets: () => [sheetOf("Slots", columns, health.rows)],
    csv: () => writeTable(columns, health.rows),
    json() {
      const { from, to, timezone } = worked;
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

/** What a person broke off says nothing of a slot. */
function rowsOf({ attempts, voids }: Worked): SlotRow[] {
  const gone = new Set(voids.map(({ seq }) => seq));
  const bySlot = new Map<string, Worked["attempts"][number][]>();
  let passedAll = 0;
  let triedAll = 0;
  for (const attempt of attempts) {
    const { kind } = attempt.outcome;
    if (kind === "SKIPPED" || kind === "ABORTED" || gone.has(attempt.seq)) continue;
    const key = JSON.stringify([attempt.station, attempt.slot]);
    const own = bySlot.get(key) ?? [];
    own.push(attempt);
    bySlot.set(key, own);
    triedAll += 1;
    passedAll += kind === "PASS" ? 1 : 0;
  }
  return [...bySlot.values()]
    .flatMap((own): SlotRow[] => {
      const [{ station, slot } = { station: "", slot: "" }] = own;
      const good = own.filter((attempt) => !hasFailed(attempt));
      const interval = wilson(good.length, own.length);
      if (interval === null) return [];
      const others = wilson(passedAll - good.length, triedAll - own.length);
      const codes = new Map<string, number>();
      for (const { outcome } of own)
        if (outcome.kind !== "PASS")
          codes.set(outcome.failure.code, (codes.get(outcome.failure.code) ?? 0) + 1);
      return [
        {
          station,
          slot,
          tried: own.length,
          passed: good.length,
          marginal: good.filter(({ outcome }) => outcome.kind === "PASS" && outcome.marginal).length,
          interval,
          suspect: others !== null && interval.high < others.low,
          meanMs: good.length === 0 ? null : good.reduce((sum, { ms }) => sum + ms, 0) / good.length,
          codes: [...codes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)),
        },
      ];
    })
    .sort((a, b) => order(a.station, b.station) || order(a.slot, b.slot));
}

const names = new Intl.Collator("en", { numeric: true });
const order = (a: string, b: string): number => names.compare(a, b);

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
      ? [{ type: "text", text: say("No attempt was made."), bold: false, ink: "black" } as const]
      : [
          {
            type: "intervals",
            rows: rows.map((row) => ({
              label: nameOf(row),
              interval: row.interval,
              note:
                `${percent(row.interval.share)}, ${say("{n} of {of}", { n: row.passed, of: row.tried })}, ` +
                `${say("{low} to {high}", { low: percentPoints(row.interval.low), high: percentPoints(row.interval.high) })}${row.suspect ? `; ${say("suspect")}` : ""}`,
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
          row.meanMs === null ? "-" : seconds(row.meanMs),
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
