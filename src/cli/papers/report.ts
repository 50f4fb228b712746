import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readReport } from "../../config/report-file.ts";
import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import { standardOf, type ReportDefinition, type ReportKind } from "../../report/definition.ts";
import { reportFileName, type ReportFormat } from "../../report/file-name.ts";
import { FontError } from "../../report/paper/fonts.ts";
import { drawPdfPieces, GlyphError } from "../../report/paper/pdf.ts";
import type { Report } from "../../report/report.ts";
import { writeXlsx } from "../../report/workbook/xlsx.ts";
import { openStore } from "../../store/open-store.ts";
import { CommandError, FileMistakes } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { outFile } from "../out-file.ts";
import { putFile, type Put } from "./put-file.ts";
import { noteExport } from "./note-export.ts";
import { print } from "./print.ts";
import { reportOn, type About } from "./report-about.ts";

export interface ReportOptions {
  readonly about: About;
  readonly format: ReportFormat;
  /** File, folder, or `null`: a name of its own in the current folder. */
  readonly out: string | null;
  /** `true`: the default printer. */
  readonly print: string | boolean;
  /** A definition file; `null`: the standard one. */
  readonly definition: string | null;
  readonly data: string;
}

/** A report, to a file or a printer. A file is there whole or not at all. */
export async function reportCommand(options: ReportOptions, io: Io): Promise<number> {
  const { about, format } = options;
  const definition = definitionOf(options.definition, about.kind);
  using store = openStore(options.data, { mode: "reader" });
  const report = reportOn(about, store, format);
  const pieces = await piecesOf(report, definition, format);
  const name = reportFileName(report.subject, report.marking, format);
  const what = {
    type: "report",
    report: about.kind,
    ...(about.kind === "batch" ? { batch: about.batch } : { subject: report.subject }),
    format,
  };
  const noted = {
    batch: about.kind === "batch" ? about.batch : null,
    format: about.kind === "batch" ? format : `${about.kind} ${format}`,
    by: null,
    data: options.data,
  };
  if (options.print !== false && options.out === null) {
    const { sha256 } = await withTemporary(name, pieces, (file) => print(file, options.print));
    noteExport({ ...noted, file: name, sha256 }, io);
    say(io, { ...what, printed: true }, "sent to the printer");
    return exitCodes.ok;
  }
  const file = outFile(options.out, name, options.data);
  const { bytes, sha256 } = put(file, pieces);
  noteExport({ ...noted, file, sha256 }, io);
  if (options.print !== false) await print(file, options.print);
  say(io, { ...what, file, bytes }, file);
  return exitCodes.ok;
}

function say(io: Io, json: object, text: string): void {
  io.out(io.json ? visibleJson(json) : text);
}

/** A checked definition file, or the standard one. Throws FileMistakes, CommandError. */
export function definitionOf(file: string | null, kind: ReportKind): ReportDefinition {
  if (file === null) return standardOf(kind);
  const read = readReport(file);
  if (!read.ok) throw new FileMistakes(read.issues);
  if (read.value.report !== kind)
    throw new CommandError(
      `${cleanText(file, 200)}: report: ${read.value.report} found, ${kind} was expected`,
    );
  return read.value;
}

/** The bytes of a report. Throws CommandError for a text that the fonts cannot set. */
export async function piecesOf(
  report: Report,
  definition: ReportDefinition,
  format: ReportFormat,
): Promise<Iterable<Uint8Array>> {
  switch (format) {
    case "csv":
      return encoded(report.csv());
    case "json":
      return encoded(report.json());
    case "xlsx":
      return [writeXlsx(report.sheets())];
    case "pdf":
      try {
        const { blocks, cover } = report.paper(definition);
        return await drawPdfPieces(blocks, definition, cover);
      } catch (error) {
        if (error instanceof GlyphError || error instanceof FontError) throw new CommandError(error.message);
        throw error;
      }
    default:
      return format satisfies never;
  }
}

/** A write to the disk is worth so many characters. */
const mostChars = 1_000_000;

function* encoded(texts: Iterable<string>): Generator<Uint8Array> {
  let waiting = "";
  for (const text of texts) {
    waiting += text;
    if (waiting.length < mostChars) continue;
    yield Buffer.from(waiting, "utf8");
    waiting = "";
  }
  yield Buffer.from(waiting, "utf8");
}

/** Whole or not at all. Throws CommandError. */
export function put(file: string, pieces: Iterable<Uint8Array>): Put {
  return putFile(file, "the report", (take) => {
    for (const piece of pieces) take(piece);
  });
}

async function withTemporary(
  name: string,
  pieces: Iterable<Uint8Array>,
  use: (file: string) => Promise<void>,
): Promise<Put> {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-"));
  try {
    const file = join(folder, name);
    const written = put(file, pieces);
    await use(file);
    return written;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
