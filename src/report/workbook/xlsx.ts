import { strToU8, Zip, ZipDeflate } from "fflate";
import { concat } from "../../lib/bytes.ts";
import { cleanText } from "../../lib/clean-text.ts";
import type { Sheet, SheetCell } from "./sheet.ts";
import {
  contentTypes,
  packageRelations,
  styles,
  workbook,
  workbookRelations,
  xmlText,
} from "./workbook-parts.ts";

/** A spreadsheet takes 32 767 characters in a cell. */
const longest = 30_000;

const unit = (char: string): string => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;

/**
 * Text as it stands in a cell: one line, no controls. `_x0041_` means "A" to a spreadsheet (ECMA-376, part 1,
 * ST_Xstring), so a text that looks so has its first underscore written in that way.
 */
export const cellText = (text: string): string =>
  cleanText(text.replaceAll(/\s+/g, " "), longest).replaceAll(/_(?=x[0-9a-f]{4}_)/gi, unit("_"));

/** `A`, `Z`, `AA`: a column by its place from 0. */
export const columnName = (place: number): string =>
  `${place < 26 ? "" : columnName(Math.floor(place / 26) - 1)}${String.fromCharCode(65 + (place % 26))}`;

/** The texts of a workbook: cells point into the list, so that a text that many cells have stands once. */
interface Texts {
  placeOf(text: string): number;
  all(): Iterable<string>;
}

function texts(): Texts {
  const places = new Map<string, number>();
  return {
    placeOf(text) {
      const known = places.get(text);
      if (known !== undefined) return known;
      places.set(text, places.size);
      return places.size - 1;
    },
    all: () => places.keys(),
  };
}

/** Style numbers of `styles`. */
const bold = 1;
const date = 2;

/** A spreadsheet's days begin on 30 December 1899. */
const days = (at: Date): number => at.getTime() / 86_400_000 + 25_569;

// An empty text and no text look the same in a sheet; a number that is none would make the file unreadable.
function cellXml(value: SheetCell, place: string, list: Texts): string {
  if (value === null || value === "") return "";
  if (typeof value === "string") return `<c r="${place}" t="s"><v>${list.placeOf(cellText(value))}</v></c>`;
  if (typeof value === "boolean") return `<c r="${place}" t="b"><v>${value ? 1 : 0}</v></c>`;
  if (typeof value === "number") return Number.isFinite(value) ? `<c r="${place}"><v>${value}</v></c>` : "";
  return `<c r="${place}" s="${date}"><v>${days(value)}</v></c>`;
}

function* sheetXml({ columns, rows }: Sheet, list: Texts): Generator<string> {
  const names = columns.map((_, i) => columnName(i));
  const widths = columns.map(
    ({ width }, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`,
  );
  const heads = columns.map(
    ({ head }, i) => `<c r="${names[i] ?? ""}1" s="${bold}" t="s"><v>${list.placeOf(cellText(head))}</v></c>`,
  );
  yield (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' +
      '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews>' +
      '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
      `</sheetView></sheetViews><cols>${widths.join("")}</cols><sheetData><row r="1">${heads.join("")}</row>`
  );
  for (const [i, row] of rows.entries()) {
    const cells = row.map((value, n) => cellXml(value, `${names[n] ?? ""}${i + 2}`, list));
    yield `<row r="${i + 2}">${cells.join("")}</row>`;
  }
  yield `</sheetData><autoFilter ref="A1:${columnName(columns.length - 1)}${rows.length + 1}"/></worksheet>`;
}

function* textsXml(list: Texts): Generator<string> {
  yield (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' +
      '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
  );
  for (const text of list.all()) yield `<si><t xml:space="preserve">${xmlText(text)}</t></si>`;
  yield "</sst>";
}

/** The same facts give the same bytes: no file of the archive says when it was made. */
const noTime = new Date(1980, 0, 1);

/** Text goes to the compressor in pieces of so many characters. */
const pieceChars = 1 << 16;

/**
 * A workbook (ECMA-376) with typed cells: a date is a date in UTC, a number a number, everything else text, also what
 * begins with `=`. The head of each sheet is bold, stays in sight and has filters. Holds the rows that it is given, the
 * different texts and the compressed file, never a sheet's XML as a whole.
 */
export function writeXlsx(sheets: readonly Sheet[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error;
    pieces.push(piece);
  });
  const put = (name: string, xml: Iterable<string>): void => {
    const file = new ZipDeflate(name, { level: 6 });
    file.mtime = noTime;
    zip.add(file);
    let waiting = "";
    for (const text of xml) {
      waiting += text;
      if (waiting.length < pieceChars) continue;
      file.push(strToU8(waiting));
      waiting = "";
    }
    file.push(strToU8(waiting), true);
  };
  const names = sheets.map(({ name }) => name);
  const list = texts();
  put("[Content_Types].xml", [contentTypes(sheets.length)]);
  put("_rels/.rels", [packageRelations]);
  put("xl/workbook.xml", [workbook(names)]);
  put("xl/_rels/workbook.xml.rels", [workbookRelations(sheets.length)]);
  put("xl/styles.xml", [styles]);
  sheets.forEach((sheet, i) => put(`xl/worksheets/sheet${i + 1}.xml`, sheetXml(sheet, list)));
  put("xl/sharedStrings.xml", textsXml(list));
  zip.end();
  return concat(pieces);
}
