import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { cleanText, isClean, visibleJson } from "../lib/clean-text.ts";
import { readCsv, type CsvRow } from "../lib/read-csv.ts";
import { openStore } from "../store/open-store.ts";
import type { ImportedNumber } from "../store/store.ts";
import { ImportRefused } from "../store/store-error.ts";
import { CommandError } from "./complain.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { allowed, person } from "./person.ts";
import { toolVersion } from "./version.ts";

export interface ImportOptions {
  readonly file: string;
  readonly series: string;
  readonly kind: "serial" | "mac";
  readonly by: string | null;
  readonly data: string;
}

const names = ["barcode", "number", "text"] as const;

/** `import numbers FILE --series S`: numbers that units have already from elsewhere. All rows, or none and why. */
export function importNumbersCommand(options: ImportOptions, io: Io): number {
  const { file, series, kind, data } = options;
  if (!isClean(series)) throw new CommandError("--series: a name in visible characters was expected");
  const bytes = bytesOf(file);
  const rows = rowsOf(file, new TextDecoder("utf-8", { fatal: false }).decode(bytes));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  using store = openStore(data, { mode: "owner", station: null, timezone: null, toolVersion });
  const who = allowed(store, person(options.by), ["override"], "--by");
  const detail = { file: cleanText(basename(file), 120), sha256, series, kind, rows: rows.length };
  const nothing = { realm: null, batch: null, barcode: null, slot: null } as const;
  try {
    store.importNumbers(
      { series, kind, rows },
      { kind: "imported", at: new Date(), by: who.name, role: who.role, ...nothing, detail },
    );
  } catch (error) {
    if (error instanceof ImportRefused) throw mistake(file, error.line, error.message);
    throw error;
  }
  io.out(
    io.json
      ? visibleJson({ type: "import", file, series, rows: rows.length, sha256 })
      : `${rows.length} numbers of series ${series} are in the ledger now`,
  );
  return exitCodes.ok;
}

const mistake = (file: string, line: number, why: string): CommandError =>
  new CommandError(cleanText(`${file}:${line}: ${why}`, 500));

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    throw new CommandError(`${cleanText(file)}: there is no such file that could be read`);
  }
}

function rowsOf(file: string, text: string): ImportedNumber[] {
  const read = readCsv(text);
  if (!read.ok) throw mistake(file, read.line, read.why);
  const [head, ...rows] = read.rows;
  if (
    head === undefined ||
    names.some((name, i) => head.fields[i] !== name) ||
    head.fields.length !== names.length
  )
    throw mistake(
      file,
      1,
      `${head?.fields.join(",") ?? "nothing"} found, the head ${names.join(",")} was expected`,
    );
  if (rows.length === 0) throw mistake(file, 1, "a row under the head was expected");
  const lines = new Map<string, number>();
  return rows.map((row) => {
    const one = numberOf(file, row);
    for (const key of [`barcode ${one.barcode}`, `number ${one.number}`, `text ${one.text}`]) {
      const before = lines.get(key);
      if (before !== undefined) throw mistake(file, row.line, `${key} stands in line ${before} already`);
      lines.set(key, row.line);
    }
    return one;
  });
}

function numberOf(file: string, { line, fields }: CsvRow): ImportedNumber {
  const [barcode = "", digits = "", text = ""] = fields;
  if (fields.length !== names.length)
    throw mistake(file, line, `${fields.length} fields found, ${names.length} were expected`);
  for (const [i, value] of [barcode, digits, text].entries())
    if (!isClean(value) || value.trim() !== value || value.length > 100)
      throw mistake(
        file,
        line,
        `${names[i] ?? ""}: "${value}" found, 1 to 100 visible characters were expected`,
      );
  const number = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw mistake(file, line, `number: "${digits}" found, a whole number of up to 15 digits was expected`);
  return { line, barcode, number, text };
}
