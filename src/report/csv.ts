import { stringify } from "csv-stringify/sync";
import type { SheetCell, SheetColumn } from "./workbook/sheet.ts";
import { cleanText } from "../lib/clean-text.ts";
import type { AttemptRecord } from "../model/attempt.ts";

type Field = string | number | null;

/** Why a record counts nowhere any more, by its place in the chain. */
export type Voids = ReadonlyMap<number, string>;

interface CsvColumn {
  readonly name: string;
  readonly of: (attempt: AttemptRecord, voids: Voids) => Field;
}

const columns: readonly CsvColumn[] = [
  { name: "seq", of: (a) => a.seq },
  { name: "batch", of: (a) => a.batch },
  { name: "barcode", of: (a) => a.barcode },
  { name: "uid", of: (a) => a.uid },
  { name: "serial", of: (a) => a.serial },
  { name: "slot", of: (a) => a.slot },
  { name: "port", of: (a) => a.port },
  { name: "attempt", of: (a) => a.attempt },
  { name: "reason", of: (a) => a.reason },
  { name: "started", of: (a) => a.startedAt.toISOString() },
  { name: "ended", of: (a) => a.endedAt.toISOString() },
  { name: "ms", of: (a) => a.ms },
  { name: "outcome", of: (a) => a.outcome.kind },
  { name: "code", of: ({ outcome }) => (outcome.kind === "PASS" ? null : outcome.failure.code) },
  { name: "detail", of: ({ outcome }) => (outcome.kind === "PASS" ? null : outcome.failure.detail) },
  { name: "marginal", of: ({ outcome }) => String(outcome.kind === "PASS" && outcome.marginal) },
  { name: "trial", of: (a) => String(a.trial) },
  { name: "simulated", of: (a) => String(a.realm === "sim") },
  { name: "operator", of: (a) => a.operator },
  { name: "station", of: (a) => a.station },
  { name: "profile", of: (a) => a.profile },
  { name: "revision", of: (a) => a.revision },
  { name: "profile_hash", of: (a) => a.profileHash },
  { name: "chip", of: (a) => a.chip?.name ?? null },
  {
    name: "loader",
    of: ({ chip }) => (chip === null ? null : `0x${chip.protocolVersion.toString(16).toUpperCase()}`),
  },
  { name: "image_sha256", of: (a) => a.images.map(({ sha256 }) => sha256).join(" ") },
  { name: "tool_version", of: (a) => a.toolVersion },
  { name: "hash", of: (a) => a.hash },
  { name: "void", of: (a, voids) => voids.get(a.seq) ?? null },
];

/** Names of the columns, in order; new ones are only ever added at the end. */
export const csvHeader: readonly string[] = columns.map(({ name }) => name);

/** Longest text of a cell: a spreadsheet takes 32 767 characters. */
const longest = 30_000;

// One line, no escapes and no bidi marks; a leading = + - @ is disarmed by csv-stringify.
const cell = (field: Field): Field =>
  typeof field === "string" ? cleanText(field.replaceAll(/\s+/g, " "), longest) : field;

/** The cells of one attempt: texts cleaned, numbers as numbers, `null` where there is nothing to say. */
export const csvRow = (attempt: AttemptRecord, voids: Voids = new Map()): Field[] =>
  columns.map(({ of }) => cell(of(attempt, voids)));

const options = {
  record_delimiter: "\r\n",
  // Every text is quoted: a sheet that splits at semicolons must not find a formula behind one.
  quoted_string: true,
  escape_formulas: true,
} as const;

const rowsAtOnce = 500;

/**
 * A CSV file after RFC 4180 in pieces, UTF-8 once encoded: header, then a row an attempt, CRLF after each. Text that a
 * sheet would calculate gets an apostrophe in front; numbers stay numbers. Holds some hundred rows at a time.
 */
export function* writeCsv(attempts: Iterable<AttemptRecord>, voids: Voids = new Map()): Generator<string> {
  yield stringify([[...csvHeader]], options);
  let rows: Field[][] = [];
  for (const attempt of attempts) {
    rows.push(csvRow(attempt, voids));
    if (rows.length < rowsAtOnce) continue;
    yield stringify(rows, options);
    rows = [];
  }
  if (rows.length > 0) yield stringify(rows, options);
}

/** Any table as CSV, by the columns that its sheet has. Dates are ISO 8601 in UTC. */
export function* writeTable<T>(columns: readonly SheetColumn<T>[], rows: Iterable<T>): Generator<string> {
  yield stringify([columns.map(({ head }) => head)], options);
  for (const row of rows) yield stringify([columns.map(({ of }) => cell(plainCell(of(row))))], options);
}

function plainCell(value: SheetCell): Field {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "boolean" ? String(value) : value;
}
