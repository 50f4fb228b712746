import type { AttemptRecord } from "../../model/attempt.ts";

import { paragraph, type Block, type Cell, type Column } from "../block.ts";
import type { RunFacts } from "../run-facts.ts";
import {
  textWidthMm,
  unitColumnMm,
  type ReportDefinition,
  type ReportLanguage,
  type UnitColumn,
} from "../definition.ts";
import { sayIn, type PlainPhrase, type Say } from "../say.ts";
import { shortTime, zoneOf } from "../times.ts";
import { counted, grouped, markedVerdict, seconds } from "../words.ts";

/** What a cell needs beside its attempt; `gone`: it is void. */
export interface How {
  readonly zone: string;
  readonly gone: boolean;
  readonly language: ReportLanguage;
  readonly say: Say;
}

interface UnitColumnRow {
  readonly head: PlainPhrase;
  readonly align: "left" | "right";
  readonly cell: (attempt: AttemptRecord, how: How) => Cell;
}

const columnTable: Readonly<Record<UnitColumn, UnitColumnRow>> = {
  unit: { head: "unit", align: "left", cell: ({ barcode }) => barcode },
  serial: { head: "serial", align: "left", cell: ({ serial }) => serial ?? "-" },
  uid: { head: "UID", align: "left", cell: ({ uid }) => (uid === null ? "-" : grouped(uid, 8)) },
  slot: { head: "slot", align: "left", cell: ({ slot }) => slot },
  try: { head: "try", align: "right", cell: ({ attempt }) => String(attempt) },
  result: {
    head: "result",
    align: "left",
    cell: (attempt, { gone, say }) => ({
      text: `${gone ? `${say("void")} ` : ""}${markedVerdict(say, attempt)}`,
      bold: !gone,
    }),
  },
  code: {
    head: "code",
    align: "left",
    cell: ({ outcome }) => (outcome.kind === "PASS" ? "" : outcome.failure.code),
  },
  seconds: { head: "s", align: "right", cell: ({ ms }, { language }) => seconds(ms, language) },
  time: {
    head: "ended",
    align: "left",
    cell: ({ endedAt }, { zone, language }) => shortTime(endedAt, zone, language),
  },
  operator: { head: "operator", align: "left", cell: ({ operator }) => operator },
  record: { head: "record", align: "right", cell: ({ seq }) => String(seq) },
};

/** Every unit and each of its attempts, in the order of the chain. */
export function units(facts: RunFacts, definition: ReportDefinition): Block[] {
  const { attempts } = facts;
  // Also one of which every attempt is void, or that was only in the way: it stands in the table.
  const listed = new Set(attempts.map(({ barcode, realm }) => `${realm} ${barcode}`)).size;
  const { language } = definition;
  const say = sayIn(language);
  const names = definition.units.columns;
  const zone = zoneOf(facts);
  const gone = new Set(facts.voids.map(({ seq }) => seq));
  const chosen = names.map((name) => columnTable[name]);
  return [
    { type: "page" },
    {
      type: "section",
      text: say("Every unit: {units}, {attempts}", {
        units: counted(say, listed, "unit"),
        attempts: counted(say, attempts.length, "attempt"),
      }),
      keep: 20,
    },
    attempts.length === 0
      ? paragraph(say("No attempt was made."))
      : {
          type: "table",
          columns: unitColumns(names, say),
          rows: attempts.map((attempt) => ({
            cells: chosen.map(({ cell }) =>
              cell(attempt, { zone, gone: gone.has(attempt.seq), language, say }),
            ),
          })),
        },
    { type: "gap", mm: 4.6 },
  ];
}

/** The columns with their widths; what they leave free goes to the result, or to the first column without one. */
function unitColumns(names: readonly UnitColumn[], say: Say): Column[] {
  const free = textWidthMm - names.reduce((sum, name) => sum + unitColumnMm[name], 0);
  const taker = names.includes("result") ? "result" : names[0];
  return names.map((name) => ({
    head: say(columnTable[name].head),
    mm: unitColumnMm[name] + (name === taker ? Math.max(0, free) : 0),
    align: columnTable[name].align,
  }));
}
