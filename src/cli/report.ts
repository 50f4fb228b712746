import { visibleJson } from "../lib/clean-text.ts";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readReport } from "../config/report-file.ts";
import { writeAtomic } from "../lib/write-atomic.ts";
import type { BatchFacts } from "../model/facts.ts";
import { writeCsv } from "../report/csv.ts";
import { standardReport, type ReportDefinition } from "../report/definition.ts";
import { reportFileName } from "../report/file-name.ts";
import { FontError } from "../report/fonts.ts";
import { layout } from "../report/layout.ts";
import { drawPdf, GlyphError } from "../report/pdf.ts";
import { openStore } from "../store/open-store.ts";
import { CommandError, FileMistakes } from "./complain.ts";
import { exitCodes } from "./exit-codes.ts";
import { fileComplaint } from "./file-complaint.ts";
import type { Io } from "./io.ts";
import { foundBatch } from "./open-order.ts";

export const reportFormats = ["pdf", "csv"] as const;
export type ReportFormat = (typeof reportFormats)[number];

export interface ReportOptions {
  readonly batch: string;
  readonly format: ReportFormat;
  /** File, folder, or `null`: a name of its own in the current folder. */
  readonly out: string | null;
  /** `true`: the default printer. */
  readonly print: string | boolean;
  /** A definition file; `null`: the standard one. */
  readonly definition: string | null;
  readonly data: string;
}

/** A batch report, to a file or a printer. A file is there whole or not at all. */
export async function reportCommand(options: ReportOptions, io: Io): Promise<number> {
  const definition = definitionOf(options.definition);
  using store = openStore(options.data, { mode: "reader" });
  foundBatch(store, options.batch);
  const facts = store.batchFacts(options.batch);
  if (facts === null) throw new CommandError(`there is no batch ${options.batch}`);
  const bytes = await draw(facts, definition, options.format);
  if (options.print !== false && options.out === null) {
    await withTemporary(reportFileName(facts, options.format), bytes, (file) => print(file, options.print));
    say(
      io,
      { type: "report", batch: options.batch, format: options.format, printed: true },
      "sent to the printer",
    );
    return exitCodes.ok;
  }
  const file = target(options.out, reportFileName(facts, options.format));
  put(file, bytes);
  if (options.print !== false) await print(file, options.print);
  say(io, { type: "report", batch: options.batch, format: options.format, file, bytes: bytes.length }, file);
  return exitCodes.ok;
}

function say(io: Io, json: object, text: string): void {
  io.out(io.json ? visibleJson(json) : text);
}

function definitionOf(file: string | null): ReportDefinition {
  if (file === null) return standardReport;
  const read = readReport(file);
  if (!read.ok) throw new FileMistakes(read.issues);
  return read.value;
}

/** The bytes of a report. Throws CommandError for a text that the fonts cannot set. */
export async function draw(
  facts: BatchFacts,
  definition: ReportDefinition,
  format: ReportFormat,
): Promise<Uint8Array> {
  if (format === "csv") return Buffer.from([...writeCsv(facts.attempts)].join(""), "utf8");
  try {
    return await drawPdf(layout(facts, definition), definition, facts);
  } catch (error) {
    if (error instanceof GlyphError || error instanceof FontError) throw new CommandError(error.message);
    throw error;
  }
}

function target(out: string | null, name: string): string {
  if (out === null) return resolve(name);
  try {
    return statSync(out).isDirectory() ? join(resolve(out), name) : resolve(out);
  } catch {
    return resolve(out);
  }
}

function put(file: string, bytes: Uint8Array): void {
  try {
    writeAtomic(file, bytes);
  } catch (error) {
    throw fileComplaint(error, file, "the report");
  }
}

async function withTemporary(
  name: string,
  bytes: Uint8Array,
  use: (file: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-"));
  try {
    const file = join(folder, name);
    put(file, bytes);
    await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Hands a file to the system's printer: CUPS' `lp`, which Linux and macOS have. */
async function print(file: string, printer: string | boolean): Promise<void> {
  const words = typeof printer === "string" ? ["-d", printer, "--", file] : ["--", file];
  await new Promise<void>((done, fail) => {
    const child = spawn("lp", words, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString("utf8")}`.slice(0, 500);
    });
    child.on("error", () =>
      fail(new CommandError("printing needs the command lp (package cups-client)", exitCodes.unfit)),
    );
    child.on("close", (code) => {
      if (code === 0) done();
      else
        fail(new CommandError(`lp: ${said.trim() || `ended with ${code ?? "a signal"}`}`, exitCodes.unfit));
    });
  });
}
