import type { UnitLife } from "../../model/facts.ts";
import { paragraph, type Block } from "../block.ts";
import type { Cover } from "../paper/cover.ts";
import { writeCsv } from "../csv.ts";
import type { ReportDefinition, SectionOf } from "../definition.ts";
import { lifeText } from "../deed-words.ts";
import { jsonVersion } from "../json-schema.ts";
import { writeJson } from "../json.ts";
import { layoutOf, type SectionOn } from "../layout.ts";
import type { Report } from "../report.ts";
import { sayIn } from "../say.ts";
import { attempts } from "../sections/attempts.ts";
import { life } from "../sections/life.ts";
import { sheetOf } from "../workbook/sheet.ts";
import { attemptSheet, settingSheet } from "../sheets/attempts.ts";
import { localTime, zoneOf } from "../times.ts";
import { documentTitle, grouped, markingOfAttempts, reasonsOfVoids } from "../words.ts";

/** What the report of a unit is made of. */
export interface UnitFacts {
  readonly unit: UnitLife;
  readonly timezone: string | null;
}

const table: Readonly<Record<SectionOf<"unit">, SectionOn<UnitFacts>>> = { life, attempts, decisions, chain };

/** The device history record: one unit, every attempt and every decision of its life. */
export function unitReport(facts: UnitFacts): Report {
  const { unit } = facts;
  const marking = markingOfAttempts(unit.attempts);
  const voids = reasonsOfVoids(unit.deeds);
  return {
    subject: unit.barcode,
    marking,
    paper: (definition) => ({
      blocks: layoutOf(table, facts, definition, true),
      cover: coverOf(facts, definition),
    }),
    sheets: () => [
      attemptSheet(unit.attempts, voids),
      settingSheet(unit.attempts),
      sheetOf(
        "Decisions",
        [
          { head: "when (UTC)", width: 20, of: ({ at }) => at },
          { head: "what", width: 80, of: (deed) => lifeText(sayIn("en"), deed) },
          { head: "batch", width: 16, of: ({ batch }) => batch },
        ],
        unit.deeds,
      ),
    ],
    csv: () => writeCsv(unit.attempts, voids),
    json() {
      const { attempts: all, ...said } = unit;
      const what = { type: "unit-report", version: jsonVersion, timezone: facts.timezone, ...said };
      return writeJson(what, all, voids);
    },
  };
}

function coverOf({ unit }: UnitFacts, definition: ReportDefinition): Cover {
  const last = unit.attempts.at(-1);
  const marking = markingOfAttempts(unit.attempts);
  return {
    title: documentTitle(definition.title, unit.barcode, marking),
    subject: unit.barcode,
    marking,
    head: marking.simulated === "no" ? (last?.hash ?? null) : null,
    keywords: `record ${last?.hash ?? "none"}, deed ${unit.deeds.at(-1)?.hash ?? "none"}`,
    date: [last?.endedAt, unit.deeds.at(-1)?.at, unit.firstSeen].reduce<Date>(
      (late, at) => (at !== undefined && at > late ? at : late),
      new Date(0),
    ),
  };
}

function decisions(facts: UnitFacts, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  const { deeds } = facts.unit;
  const zone = zoneOf(facts);
  return [
    { type: "section", text: say("What people decided, labels"), keep: 14 },
    deeds.length === 0
      ? paragraph(say("Nothing."))
      : {
          type: "table",
          columns: [
            { head: say("time"), mm: 36, align: "left" },
            { head: say("batch"), mm: 34, align: "left" },
            { head: say("what"), mm: 96, align: "left" },
            { head: say("deed"), mm: 12, align: "right" },
          ],
          rows: deeds.map((deed) => ({
            cells: [localTime(deed.at, zone), deed.batch ?? "", lifeText(say, deed), String(deed.seq)],
          })),
        },
    { type: "gap", mm: 4.6 },
  ];
}

/** The records' places in the chain. Simulated boards have no place in it that a stranger should trust. */
function chain({ unit }: UnitFacts, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  if (unit.attempts.length === 0 || markingOfAttempts(unit.attempts).simulated !== "no") return [];
  return [
    { type: "section", text: say("Chain of records"), keep: 20 },
    {
      type: "table",
      columns: [
        { head: say("record"), mm: 14, align: "right" },
        { head: say("hash of the record; under it the hash before"), mm: 164, align: "left" },
      ],
      rows: unit.attempts.map(({ seq, hash, previousHash }) => ({
        cells: [String(seq), grouped(hash, 8)],
        under: { text: grouped(previousHash, 8), from: 1 },
      })),
    },
    { type: "gap", mm: 4.6 },
  ];
}
