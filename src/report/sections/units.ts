import type { AttemptRecord } from "../../model/attempt.ts";

import type { Block, Cell, Column } from "../block.ts";
import type { RunFacts } from "../run-facts.ts";
import { textWidthMm, unitColumnMm, type ReportDefinition, type UnitColumn } from "../definition.ts";
import { shortTime, zoneOf } from "../times.ts";
import { counted, grouped, markedVerdict, seconds } from "../words.ts";

interface UnitColumnRow {
  readonly head: string;
  readonly align: "left" | "right";
  readonly cell: (attempt: AttemptRecord, zone: string, gone: boolean) => Cell;
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
    cell: (attempt, _zone, gone) => ({
      text: `${gone ? "void " : ""}${markedVerdict(attempt)}`,
      bold: !gone,
    }),
  },
  code: {
    head: "code",
    align: "left",
    cell: ({ outcome }) => (outcome.kind === "PASS" ? "" : outcome.failure.code),
  },
  seconds: { head: "s", align: "right", cell: ({ ms }) => seconds(ms) },
  time: { head: "ended", align: "left", cell: ({ endedAt }, zone) => shortTime(endedAt, zone) },
  operator: { head: "operator", align: "left", cell: ({ operator }) => operator },
  record: { head: "record", align: "right", cell: ({ seq }) => String(seq) },
};

/** Every unit and each of its attempts, in the order of the chain. */
export function units(facts: RunFacts, definition: ReportDefinition): Block[] {
  const { attempts, counts } = facts;
  const names = definition.units.columns;
  const zone = zoneOf(facts);
  const gone = new Set(facts.voids.map(({ seq }) => seq));
  const chosen = names.map((name) => columnTable[name]);
  return [
    { type: "page" },
    {
      type: "section",
      text: `Every unit: ${counted(counts.seen, "unit")}, ${counted(attempts.length, "attempt")}`,
      keep: 20,
    },
    attempts.length === 0
      ? { type: "text", text: "No attempt was made.", bold: false, ink: "black" }
      : {
          type: "table",
          columns: unitColumns(names),
          rows: attempts.map((attempt) => ({
            cells: chosen.map(({ cell }) => cell(attempt, zone, gone.has(attempt.seq))),
          })),
        },
    { type: "gap", mm: 4.6 },
  ];
}

/** The columns with their widths; what they leave free goes to the result, or to the first column without one. */
export function unitColumns(names: readonly UnitColumn[]): Column[] {
  const free = textWidthMm - names.reduce((sum, name) => sum + unitColumnMm[name], 0);
  const taker = names.includes("result") ? "result" : names[0];
  return names.map((name) => ({
    head: columnTable[name].head,
    mm: unitColumnMm[name] + (name === taker ? Math.max(0, free) : 0),
    align: columnTable[name].align,
  }));
}
