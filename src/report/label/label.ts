import { codeModules } from "../paper/code-modules.ts";
import { isClean } from "../../lib/clean-text.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import {
  fillTokens,
  type LabelDefinition,
  type LabelItem,
  type LabelOut,
  type LabelToken,
} from "../../model/label.ts";
import { markWord, placeMark, type LabelMark } from "./label-mark.ts";
import { localTime } from "../times.ts";

/** A label of one unit: what is on it, with its texts. */
export interface Label {
  readonly definition: LabelDefinition;
  readonly items: readonly LabelItem[];
  /** What a scanner reads from it: a scan of one of them closes the unit. */
  readonly scans: readonly string[];
  /** What says that it is of a trial or of a simulated board; `null`: of neither. */
  readonly mark: LabelMark | null;
  readonly record: AttemptRecord;
}

/** The same as the audit log names it. */
export const labelOut = ({ definition, scans, record }: Label): LabelOut => ({
  name: definition.name,
  scans,
  record,
});

export type LabelMade =
  | { readonly ok: true; readonly label: Label }
  | { readonly ok: false; readonly why: string };

/**
 * The label of a unit out of its record, which says what the chip proved: a label is made only of a PASS whose flash
 * was read back or summed by the chip and matched. `voided`: the record counts nowhere any more.
 */
export function labelOf(
  definition: LabelDefinition,
  record: AttemptRecord,
  voided: boolean,
  timezone: string,
): LabelMade {
  const unproved = whyNot(record, voided);
  if (unproved !== null) return { ok: false, why: unproved };
  const values: Readonly<Record<LabelToken, string | null>> = {
    barcode: record.barcode,
    serial: record.serial,
    uid: record.uid,
    product: record.product,
    part: record.partNumber,
    profile: record.profile,
    revision: record.revision,
    batch: record.batch,
    date: localTime(record.endedAt, timezone).slice(0, 10),
  };
  const missing = new Set<LabelToken>();
  const items = definition.items.map((item) => ({
    ...item,
    text: fillTokens(item.text, values, (name) => missing.add(name)),
  }));
  if (missing.size > 0) {
    const names = [...missing].map((name) => `{${name}}`).join(", ");
    return { ok: false, why: `the record of ${record.barcode} has nothing for ${names}` };
  }
  const bad = items.find(({ text, kind }) => !isClean(text) || (kind === "code" && !/^[ -~]+$/.test(text)));
  if (bad !== undefined)
    return {
      ok: false,
      why: `${JSON.stringify(bad.text)} found, ${bad.kind === "code" ? "printable ASCII in a code" : "visible characters"} was expected`,
    };
  const wide = items.find((item) => !fits(item, definition));
  if (wide !== undefined)
    return {
      ok: false,
      why: `the code of ${JSON.stringify(wide.text)} is larger than its place on the label`,
    };
  const scans = items.flatMap(({ kind, text }) => (kind === "code" ? [text] : []));
  const word = markWord(record);
  const mark = word === null ? null : placeMark(word, definition, items);
  if (word !== null && mark === null)
    return {
      ok: false,
      why: `no strip of the label is free of codes for the word ${word}, without which it would pass for production`,
    };
  return { ok: true, label: { definition, items, scans, mark, record } };
}

/** A code that runs over the edge cannot be scanned. */
function fits(item: LabelItem, { width, height }: LabelDefinition): boolean {
  if (item.kind === "text") return true;
  const rows = codeModules(item.code, item.text);
  const high = item.code === "code128" ? item.high : rows.length * item.module;
  return item.x + (rows[0]?.length ?? 0) * item.module <= width && item.y + high <= height;
}

function whyNot(
  { outcome, verify, serial, serials, barcode }: AttemptRecord,
  voided: boolean,
): string | null {
  if (voided) return `the record of ${barcode} is void`;
  if (outcome.kind !== "PASS") return `${barcode} did not pass: ${outcome.failure.code}`;
  if (verify === null) return `nothing was read back from ${barcode}`;
  const own = serials.find(({ text }) => text === serial);
  if (own !== undefined && own.state !== "committed") return `${own.text} is ${own.state}, not committed`;
  return null;
}
