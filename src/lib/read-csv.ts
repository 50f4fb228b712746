/** Where something stands in a file, both from 1. */
export interface CsvPlace {
  readonly line: number;
  readonly column: number;
}

/** A row of a CSV with the line of the file that it begins on, from 1, and where each field begins. */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
  readonly places: readonly CsvPlace[];
}

/**
 * RFC 4180: commas, quotes doubled inside quotes, line feeds inside quotes, CRLF or LF; a byte order mark and empty lines
 * are left out. A quote that is never closed, or text behind one, is told with its place.
 */
export function readCsv(
  text: string,
):
  | { readonly ok: true; readonly rows: readonly CsvRow[] }
  | ({ readonly ok: false; readonly why: string } & CsvPlace) {
  const rows: CsvRow[] = [];
  const rest = text.replace(/^\uFEFF/, "");
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/y;
  let line = 1;
  let column = 1;
  let fields: string[] = [];
  let places: CsvPlace[] = [];
  while (field.lastIndex < rest.length || fields.length > 0) {
    const found = field.exec(rest);
    if (found === null)
      return { ok: false, line, column, why: "a quote is not closed, or text stands beside one" };
    const [whole, quoted, plain = "", end = ""] = found;
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    places.push({ line, column });
    const feeds = whole.split("\n").length - 1;
    line += feeds;
    column = feeds === 0 ? column + whole.length : whole.length - whole.lastIndexOf("\n");
    if (end === ",") continue;
    const [first] = places;
    if (fields.length > 1 || fields[0] !== "") rows.push({ line: first?.line ?? line, fields, places });
    fields = [];
    places = [];
    if (end === "") break;
  }
  return { ok: true, rows };
}
