import { inOrder, type Checked, type Issue } from "../../config/issue.ts";
import { cleanText, isClean } from "../../lib/clean-text.ts";
import { didYouMean, nearest } from "../../lib/nearest.ts";
import { readCsv, type CsvRow } from "../../lib/read-csv.ts";
import type { ImportedNumber } from "../../store/terms.ts";

const listColumns = ["barcode", "number", "text", "first", "last", "state", "reason"] as const;
type ListColumn = (typeof listColumns)[number];
const states = ["free", "used", "void"] as const;

/** A list of numbers with the place of each field, for what is found out later. */
export interface NumberList {
  readonly rows: readonly ImportedNumber[];
  /** The place of a column in the row of a line. */
  readonly placeOf: (line: number, key: string) => Pick<Issue, "line" | "column">;
}

/** A network address in bytes, written as people do, with colons, dashes or neither. */
export function addressOf(text: string): { readonly value: bigint; readonly bytes: number } | null {
  const digits = text.replaceAll(/[:-]/g, "");
  if (!/^(?:[0-9a-f]{12}|[0-9a-f]{16})$/i.test(digits)) return null;
  return { value: BigInt(`0x${digits}`), bytes: digits.length / 2 };
}

interface Row {
  readonly at: CsvRow;
  readonly fields: Readonly<Partial<Record<ListColumn, string>>>;
}

/**
 * Reads a CSV of numbers. Its head names the columns: `number,text` for single numbers, `first,last` for ranges, beside
 * them `barcode`, `state` and `reason` as far as they are wanted. `block`: the profile's first address; numbers of a MAC
 * list are counted from it, and addresses stand in `first` and `last`. Each mistake is told with line and column.
 */
export function readNumberList(
  file: string,
  text: string,
  block: { readonly value: bigint; readonly bytes: number } | null,
): Checked<NumberList> {
  const issue = (line: number, column: number, key: string | null, message: string): Issue => ({
    file,
    line,
    column,
    key,
    message,
  });
  const read = readCsv(text);
  if (!read.ok) return { ok: false, issues: [issue(read.line, read.column, null, read.why)] };
  const [head, ...below] = read.rows;
  const columns = head?.fields ?? [];
  const wrong = headComplaint(columns);
  if (wrong !== null)
    return { ok: false, issues: [issue(1, head?.places[wrong.at]?.column ?? 1, null, wrong.why)] };
  if (below.length === 0)
    return { ok: false, issues: [issue(1, 1, null, "a row under the head was expected")] };

  const issues: Issue[] = [];
  const place = (row: CsvRow, key: string): { line: number; column: number } =>
    row.places[Math.max(0, columns.indexOf(key))] ?? { line: row.line, column: 1 };
  const complain = (row: CsvRow, key: string, message: string): null => {
    const { line, column } = place(row, key);
    issues.push(issue(line, column, key, message));
    return null;
  };
  const rows: ImportedNumber[] = [];
  const byLine = new Map<number, CsvRow>();
  for (const at of below) {
    if (at.fields.length !== columns.length) {
      const message = `${at.fields.length} fields found, ${columns.length} were expected`;
      issues.push(issue(at.line, 1, null, message));
      continue;
    }
    const fields = Object.fromEntries(columns.map((name, i) => [name, at.fields[i] ?? ""]));
    const one = numberOf({ at, fields }, block, complain);
    if (one === null) continue;
    rows.push(one);
    byLine.set(one.line, at);
  }
  issues.push(
    ...twice(rows).map(({ line, key, why }) => {
      const row = byLine.get(line);
      const { column } =
        row === undefined ? { column: 1 } : place(row, columns.includes(key) ? key : "first");
      return issue(line, column, key, why);
    }),
  );
  if (issues.length > 0) return { ok: false, issues: inOrder(issues) };
  return {
    ok: true,
    value: {
      rows,
      placeOf(line, key) {
        const row = byLine.get(line);
        return row === undefined ? { line, column: null } : place(row, columns.includes(key) ? key : "first");
      },
    },
  };
}

function headComplaint(columns: readonly string[]): { readonly at: number; readonly why: string } | null {
  const known: readonly string[] = listColumns;
  const expected = "the head number,text or first,last was expected, beside them barcode, state, reason";
  for (const [at, name] of columns.entries()) {
    if (!known.includes(name))
      return { at, why: `"${cleanText(name, 60)}" found, ${didYouMean(nearest(name, known), expected)}` };
    if (columns.indexOf(name) !== at) return { at, why: `"${name}" found a second time` };
  }
  const has = (name: ListColumn): boolean => columns.includes(name);
  const single = has("number") && has("text") && !has("first") && !has("last");
  const ranges = has("first") && has("last") && !has("number") && !has("text");
  return single || ranges ? null : { at: 0, why: `${columns.join(",") || "nothing"} found, ${expected}` };
}

type Complain = (row: CsvRow, key: string, message: string) => null;

function numberOf(
  { at, fields }: Row,
  block: { readonly value: bigint; readonly bytes: number } | null,
  complain: Complain,
): ImportedNumber | null {
  for (const [key, value] of Object.entries(fields)) {
    const mayBeEmpty = key !== "number" && key !== "text" && key !== "first";
    if (value === "" && mayBeEmpty) continue;
    if (!isClean(value) || value.trim() !== value || value.length > 100)
      return complain(at, key, `"${value}" found, 1 to 100 visible characters were expected`);
  }
  const barcode = fields.barcode === undefined || fields.barcode === "" ? null : fields.barcode;
  const said = fields.state === undefined || fields.state === "" ? "used" : fields.state;
  const state = states.find((one) => one === said);
  if (state === undefined)
    return complain(at, "state", `"${said}" found, one of ${states.join(", ")} was expected`);
  if (state === "free" && barcode !== null)
    return complain(at, "barcode", `"${barcode}" found, none was expected: a free number has no unit`);
  const ends =
    fields.number === undefined
      ? rangeOf(at, fields.first ?? "", fields.last ?? "", block, complain)
      : wholeOf(at, "number", fields.number, complain);
  if (ends === null) return null;
  if (barcode !== null && ends.last !== ends.first)
    return complain(
      at,
      "barcode",
      `"${barcode}" found beside ${ends.last - ends.first + 1} numbers: a unit has one`,
    );
  const text = fields.text ?? ends.text;
  if (barcode !== null && text === null)
    return complain(
      at,
      "barcode",
      `"${barcode}" found, and no text of its number: a column text was expected`,
    );
  const { first, last } = ends;
  return { line: at.line, barcode, first, last, text, state, reason: fields.reason ?? "" };
}

interface Ends {
  readonly first: number;
  readonly last: number;
  readonly text: string | null;
}

function wholeOf(at: CsvRow, key: string, digits: string, complain: Complain): Ends | null {
  const number = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(number))
    return complain(at, key, `"${digits}" found, a whole number of up to 15 digits was expected`);
  return { first: number, last: number, text: null };
}

function rangeOf(
  at: CsvRow,
  from: string,
  to: string,
  block: { readonly value: bigint; readonly bytes: number } | null,
  complain: Complain,
): Ends | null {
  const one = (key: string, value: string): Ends | null =>
    block === null ? wholeOf(at, key, value, complain) : inBlock(at, key, value, block, complain);
  const first = one("first", from);
  const last = to === "" ? first : one("last", to);
  if (first === null || last === null) return null;
  if (last.first < first.first) return complain(at, "last", `"${to}" found, which lies before "${from}"`);
  return { first: first.first, last: last.first, text: first.first === last.first ? first.text : null };
}

/** Numbers of a block are counted from its first address; the ledger has an address as its digits alone. */
function inBlock(
  at: CsvRow,
  key: string,
  value: string,
  block: { readonly value: bigint; readonly bytes: number },
  complain: Complain,
): Ends | null {
  const address = addressOf(value);
  if (address === null || address.bytes !== block.bytes)
    return complain(at, key, `"${value}" found, an address of ${block.bytes} bytes was expected`);
  const number = Number(address.value - block.value);
  if (number < 0 || !Number.isSafeInteger(number))
    return complain(at, key, `"${value}" found, which lies before the first address of the block`);
  const text = address.value.toString(16).padStart(2 * block.bytes, "0");
  return { first: number, last: number, text };
}

/** What stands in the file twice, with the line where it stands first. */
function twice(
  rows: readonly ImportedNumber[],
): { readonly line: number; readonly key: string; readonly why: string }[] {
  const found: { line: number; key: string; why: string }[] = [];
  const once = (key: "barcode" | "text", of: (row: ImportedNumber) => string | null): void => {
    const lines = new Map<string, number>();
    for (const row of rows) {
      const value = of(row);
      const before = value === null ? undefined : lines.get(value);
      if (before !== undefined)
        found.push({ line: row.line, key, why: `${value ?? ""} stands in line ${before} already` });
      else if (value !== null) lines.set(value, row.line);
    }
  };
  once("barcode", ({ barcode, state }) => (state === "void" ? null : barcode));
  once("text", ({ text }) => text);
  let high: ImportedNumber | null = null;
  for (const row of rows.toSorted((a, b) => a.first - b.first || a.line - b.line)) {
    if (high !== null && row.first <= high.last) {
      const [early, late] = high.line < row.line ? [high, row] : [row, high];
      const what = late.first === late.last ? String(late.first) : `${late.first} to ${late.last}`;
      found.push({ line: late.line, key: "number", why: `${what} stands in line ${early.line} already` });
    }
    if (high === null || row.last > high.last) high = row;
  }
  return found;
}
