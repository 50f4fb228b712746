import { errorText } from "../../lib/thrown.ts";
import { readLabel } from "../../config/label-file.ts";
import { labelDeed } from "../../model/label.ts";
import { cleanText, fileNamePart, visibleJson } from "../../lib/clean-text.ts";
import { writeAtomic } from "../../lib/write-atomic.ts";
import { labelOf, labelOut, type Label } from "../../report/label/label.ts";
import { labelPdf } from "../../report/label/label-pdf.ts";
import { GlyphError } from "../../report/paper/pdf.ts";
import { zoneOf } from "../../report/times.ts";
import { reasonsOfVoids } from "../../report/words.ts";
import { toZpl } from "../../report/label/zpl.ts";
import { openStore } from "../../store/open-store.ts";
import { recordBeside } from "../../store/record-beside.ts";
import { StoreError } from "../../store/store-error.ts";
import type { StoreReader } from "../../store/store.ts";
import { CommandError, FileMistakes } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { outFile } from "../out-file.ts";
import { fileComplaint } from "../file-complaint.ts";
import { person } from "../person.ts";
import { sendZpl } from "./label-printer.ts";

export interface LabelOptions {
  readonly what: string;
  readonly definition: string;
  /** `null`: to the printer of the label file. */
  readonly format: "zpl" | "pdf" | null;
  readonly out: string | null;
  readonly data: string;
}

/** `label UNIT`: the label of a unit's last pass, to its printer or to a file. */
export async function labelCommand(options: LabelOptions, io: Io): Promise<number> {
  const read = readLabel(options.definition);
  if (!read.ok) throw new FileMistakes(read.issues);
  const definition = read.value;
  using store = openStore(options.data, { mode: "reader" });
  const label = labelOfUnit(options.what, store, definition);
  const what = {
    type: "label",
    label: definition.name,
    barcode: label.record.barcode,
    record: label.record.seq,
  };
  if (options.format === null && options.out === null) {
    if (definition.printer === null)
      throw new CommandError(
        `${options.definition}: printer: missing; name one, or ask for a file: --out FILE`,
      );
    try {
      await sendZpl(definition.printer, toZpl(label));
    } catch (error) {
      throw new CommandError(
        `${cleanText(errorText(error), 300)}. The board is good: keep it, and print again when the printer is back.`,
        exitCodes.unfit,
      );
    }
    note(label, options.data, io);
    io.out(io.json ? visibleJson({ ...what, printed: true }) : `sent: ${label.scans.join(", ")}`);
    return exitCodes.ok;
  }
  const format = options.format ?? (options.out?.endsWith(".pdf") === true ? "pdf" : "zpl");
  const file = outFile(options.out, `label-${fileNamePart(label.record.barcode)}.${format}`, options.data);
  try {
    writeAtomic(file, format === "pdf" ? await labelPdf(label) : Buffer.from(toZpl(label), "utf8"));
  } catch (error) {
    if (error instanceof GlyphError) throw new CommandError(error.message);
    throw fileComplaint(error, file, "the label");
  }
  io.out(io.json ? visibleJson({ ...what, format, file }) : file);
  return exitCodes.ok;
}

/** Books that only can be read do not hold up a label. */
function note(label: Label, data: string, io: Io): void {
  try {
    recordBeside(data, labelDeed("label-printed", labelOut(label), person(null), new Date()));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    io.err(`note: this label is not in the audit log: ${error.message}`);
  }
}

/** Throws CommandError for a unit that is not there, or whose last attempt proved nothing. */
function labelOfUnit(what: string, store: StoreReader, definition: Label["definition"]): Label {
  const asked = `"${cleanText(what, 60)}"`;
  const search = store.unitLife(what);
  if (search.kind === "none") throw new CommandError(`no unit has ${asked} as barcode, serial or UID`);
  if (search.kind === "several")
    throw new CommandError(`${search.candidates.length} units have ${asked}: one was expected`);
  const { attempts, deeds } = search.life;
  const record = attempts.findLast(({ outcome }) => outcome.kind !== "SKIPPED");
  if (record === undefined) throw new CommandError(`${asked} has no attempt that counts`);
  const timezone = store.sessions().find(({ station }) => station === record.station)?.timezone ?? null;
  const voided = reasonsOfVoids(deeds).has(record.seq);
  const made = labelOf(definition, record, voided, zoneOf({ timezone }));
  if (!made.ok) throw new CommandError(`no label: ${made.why}`);
  return made.label;
}
