import { paragraph, type Block, type Row } from "../block.ts";
import { writeCsv } from "../csv.ts";
import type { ReportDefinition, SectionOf } from "../definition.ts";
import { firstPassFigure } from "../first-pass.ts";
import { jsonVersion } from "../json-schema.ts";
import { writeJson } from "../json.ts";
import { layoutOf, type SectionOn } from "../layout.ts";
import type { Report } from "../report.ts";
import { countingOf } from "../run-facts.ts";
import { sayIn } from "../say.ts";
import { signLines } from "../paper/sign-lines.ts";
import { charts, fewestForCharts } from "../sections/charts.ts";
import { notPassed } from "../sections/not-passed.ts";
import { units } from "../sections/units.ts";
import { pairSheet, sheetOf, type SheetColumn } from "../workbook/sheet.ts";
import { attemptSheet, failureSheet } from "../sheets/attempts.ts";
import { localTime, zoneOf } from "../times.ts";
import { counted, distinct, documentTitle, hasFailed, markingOfAttempts, voidsOf } from "../words.ts";
import { endOf, leftOut, stretch, workedOf, type PeriodFacts, type Worked } from "./period.ts";

const table: Readonly<Record<SectionOf<"shift">, SectionOn<Worked>>> = {
  worked,
  charts,
  "not-passed": notPassed,
  orders,
  units,
};

/** What a shift made, over all its orders. */
export function shiftReport(facts: PeriodFacts): Report {
  const shift = workedOf(facts);
  const voids = voidsOf(shift.voids);
  const marking = markingOfAttempts(shift.attempts);
  const subject = nameOf(shift);
  return {
    subject: `shift ${subject}`,
    marking,
    paper: (definition) => ({
      blocks: layoutOf(table, shift, definition, shift.counts.seen < fewestForCharts),
      cover: {
        title: documentTitle(definition.title, subject, marking),
        subject,
        marking,
        head: null,
        keywords: `record ${shift.attempts.at(-1)?.hash ?? "none"}`,
        date: endOf(shift),
      },
    }),
    sheets: () => [
      summary(shift),
      sheetOf("Orders", orderColumns, ordersOf(shift)),
      attemptSheet(shift.attempts, voids),
      failureSheet(shift.failures),
    ],
    csv: () => writeCsv(shift.attempts, voids),
    json() {
      const { from, to, timezone, counts, failures, bySlot, chosen } = shift;
      const { trials, simulated } = chosen;
      const said = {
        type: "shift-report",
        version: jsonVersion,
        from,
        to,
        timezone,
        counts,
        failures,
        bySlot,
      };
      return writeJson({ ...said, leftOut: { trials, simulated } }, shift.attempts, voids);
    },
  };
}

const nameOf = (shift: Worked): string =>
  localTime(shift.from ?? shift.attempts.at(0)?.startedAt ?? endOf(shift), zoneOf(shift)).slice(0, 16);

interface OrderRow {
  readonly batch: string;
  readonly what: string;
  readonly units: number;
  readonly passed: number;
  readonly attempts: number;
  readonly failed: number;
}

function ordersOf(shift: Worked): OrderRow[] {
  const attempts = countingOf(shift);
  return distinct(attempts.map(({ batch }) => batch)).map((batch) => {
    const own = attempts.filter((attempt) => attempt.batch === batch && attempt.outcome.kind !== "SKIPPED");
    const last = new Map(own.map((attempt) => [attempt.barcode, attempt]));
    return {
      batch,
      what: distinct(own.map((a) => `${a.product}, ${a.profile} revision ${a.revision}`)).join("; "),
      units: last.size,
      passed: [...last.values()].filter(({ outcome }) => outcome.kind === "PASS").length,
      attempts: own.length,
      failed: own.filter(hasFailed).length,
    };
  });
}

const orderColumns: readonly SheetColumn<OrderRow>[] = [
  { head: "batch", width: 18, of: ({ batch }) => batch },
  { head: "what", width: 50, of: ({ what }) => what },
  { head: "units", width: 8, of: ({ units: n }) => n },
  { head: "passed", width: 8, of: ({ passed }) => passed },
  { head: "attempts", width: 10, of: ({ attempts }) => attempts },
  { head: "failed attempts", width: 16, of: ({ failed }) => failed },
];

function worked(shift: Worked, definition: ReportDefinition): Block[] {
  const { counts, attempts, chosen } = shift;
  const say = sayIn(definition.language);
  const counting = countingOf(shift);
  const left = leftOut(chosen, say);
  const people = distinct(attempts.map(({ operator }) => operator));
  const stations = distinct(attempts.map(({ station }) => station));
  return [
    {
      type: "title",
      text: `${definition.title} ${nameOf(shift)}`,
      under: stations.length === 0 ? say("nothing was made") : `${say("Station")} ${stations.join(", ")}`,
      logo: definition.logo,
    },
    {
      type: "figures",
      figures: [
        {
          label: say("PASSED"),
          figure: String(counts.passed),
          notes: [say("of {units} tried", { units: counted(say, counts.seen, "unit") })],
        },
        firstPassFigure(say, counts),
        {
          label: say("ATTEMPTS"),
          figure: String(counting.length),
          notes: [
            say("{failed} failed, {marginal} units marginal", {
              failed: counting.filter(hasFailed).length,
              marginal: counts.marginal,
            }),
          ],
        },
      ],
    },
    {
      type: "pairs",
      pairs: [
        ...stretch(shift, zoneOf(shift), say),
        [say("Operator"), people.length === 0 ? "-" : people.join(", ")],
        [say("Orders"), distinct(attempts.map(({ batch }) => batch)).join(", ") || "-"],
        ...(left === null ? [] : [[say("Not in these figures"), left] as const]),
      ],
    },
    { type: "foot", sign: markingOfAttempts(attempts).trial ? [] : signLines(definition), seal: null },
  ];
}

function orders(shift: Worked, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  const rows = ordersOf(shift).map(({ batch, what, units: n, passed, attempts, failed }): Row => ({
    cells: [batch, what, String(n), String(passed), String(attempts), String(failed)],
  }));
  return [
    { type: "section", text: say("Orders"), keep: 14 },
    rows.length === 0
      ? paragraph(say("None."))
      : {
          type: "table",
          columns: [
            { head: say("order"), mm: 36, align: "left" },
            { head: say("product and profile"), mm: 78, align: "left" },
            { head: say("units"), mm: 14, align: "right" },
            { head: say("passed"), mm: 16, align: "right" },
            { head: say("attempts"), mm: 18, align: "right" },
            { head: say("failed"), mm: 16, align: "right" },
          ],
          rows,
        },
    { type: "gap", mm: 4.6 },
  ];
}

const summary = (shift: Worked): ReturnType<typeof pairSheet> =>
  pairSheet("Summary", [
    ["from (UTC)", shift.from],
    ["to (UTC)", shift.to],
    ["time zone of the station", shift.timezone],
    ["units tried", shift.counts.seen],
    ["units passed", shift.counts.passed],
    ["units first seen", shift.counts.firstSeen],
    ["of them passed at first", shift.counts.firstPass],
    ["units marginal", shift.counts.marginal],
    ["attempts that count", countingOf(shift).length],
    ["attempts void", shift.attempts.length - countingOf(shift).length],
    ["left out: attempts of trial orders", shift.chosen.trials],
    ["left out: attempts on simulated boards", shift.chosen.simulated],
  ]);
