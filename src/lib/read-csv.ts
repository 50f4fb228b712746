/** A row of a CSV with the line of the file that it begins on, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * RFC 4180: commas, quotes doubled inside quotes, line feeds inside quotes, CRLF or LF; a byte order mark and empty lines
 * are left out. A quote that is never closed, or text behind one, is told with its line.
 */
export function readCsv(
  text: string,
):
  | { readonly ok: true; readonly rows: readonly CsvRow[] }
  | { readonly ok: false; readonly line: number; readonly why: string } {
  const rows: CsvRow[] = [];
  const rest = text.replace(/^\uFEFF/, "");
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/y;
  let line = 1;
  let begin = 1;
  let fields: string[] = [];
  while (field.lastIndex < rest.length || fields.length > 0) {
    const found = field.exec(rest);
    if (found === null) return { ok: false, line, why: "a quote is not closed, or text stands beside one" };
    const [whole, quoted, plain = "", end = ""] = found;
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    line += whole.split("\n").length - 1;
    if (end === ",") continue;
    if (fields.length > 1 || fields[0] !== "") rows.push({ line: begin, fields });
    fields = [];
    begin = line;
    if (end === "") break;
  }
  return { ok: true, rows };
}
