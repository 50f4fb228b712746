import { readLabel } from "../../config/label-file.ts";
import type { LabelDesk } from "../../model/label.ts";
import type { Station } from "../../model/station.ts";
import { zoneOf } from "../../report/times.ts";
import { CommandError, FileMistakes } from "../complain.ts";
import { labelPrinter } from "./label-printer.ts";

/** The labels of a station's file, or `null`. Throws FileMistakes, and CommandError for one that names no printer. */
export function labelDesk({ rules: { labels }, timezone }: Station): LabelDesk | null {
  if (labels === null) return null;
  const read = readLabel(labels.file);
  if (!read.ok) throw new FileMistakes(read.issues);
  if (read.value.printer === null)
    throw new CommandError(
      `${labels.file}: printer: missing, tcp or command was expected: the station prints a label on each pass`,
    );
  return { scanBack: labels.scanBack, print: labelPrinter(read.value, zoneOf({ timezone })) };
}
