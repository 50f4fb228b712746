import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { cleanText } from "../lib/clean-text.ts";
import type { Sheet, SheetCell } from "./sheet.ts";

/** A spreadsheet takes 32 767 characters in a cell. */
const longest = 30_000;

/** Names that every object has: write-excel-file 4.1 keeps its texts as names of an object, and would find these. */
const taken = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Stands before such a text until the file is made: of private use, so no clean text has it. */
const shield = "\uE000";

const unit = (char: string): string => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;

/**
 * Text as it stands in a cell: one line, no controls. `_x0041_` means "A" to a spreadsheet (ECMA-376, part 1,
 * ST_Xstring), so a text that looks so has its first underscore written in that way. A name that every object has
 * comes with the shield.
 */
export function cellText(text: string): string {
  const clean = cleanText(text.replaceAll(/\s+/g, " "), longest).replaceAll(
    /_(?=x[0-9a-f]{4}_)/gi,
    unit("_"),
  );
  return taken.has(clean) ? `${shield}${clean}` : clean;
}

// An empty text and no text look the same in a sheet; a number that is none would make the file unreadable.
function cell(value: SheetCell): SheetCell {
  if (typeof value === "string") return value === "" ? null : cellText(value);
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

/** `A`, `Z`, `AA`: a column by its place from 0. */
export const columnName = (place: number): string =>
  `${place < 26 ? "" : columnName(Math.floor(place / 26) - 1)}${String.fromCharCode(65 + (place % 26))}`;

/**
 * A workbook (ECMA-376) with typed cells: a date is a date in UTC, a number a number, everything else text, also what
 * begins with `=`. The head of each sheet is bold, stays in sight and has filters.
 */
export async function writeXlsx(sheets: readonly Sheet[]): Promise<Uint8Array> {
  const { default: writeExcelFile } = await import("write-excel-file/node");
  const ranges = sheets.map(({ columns, rows }) => `A1:${columnName(columns.length - 1)}${rows.length + 1}`);
  const bytes = await writeExcelFile(
    sheets.map(({ name, columns, rows }) => ({
      sheet: name,
      columns: columns.map(({ width }) => ({ width })),
      stickyRowsCount: 1,
      dateFormat: "yyyy-mm-dd hh:mm:ss",
      data: [
        columns.map(({ head }) => ({ value: head, fontWeight: "bold" as const })),
        ...rows.map((row) => row.map(cell)),
      ],
    })),
    {
      features: [
        {
          files: {
            transform: {
              // The library has no filters; the element stands right behind the rows (ECMA-376, CT_Worksheet).
              "xl/worksheets/sheet{id}.xml": {
                transform: (xml, _options, { sheetIndex }) =>
                  xml.replace(
                    "</sheetData>",
                    `</sheetData><autoFilter ref="${ranges[sheetIndex] ?? "A1"}"/>`,
                  ),
              },
            },
          },
        },
      ],
    },
  ).toBuffer();
  return isShielded(sheets) ? unshielded(bytes) : bytes;
}

const isShielded = (sheets: readonly Sheet[]): boolean =>
  sheets.some(({ rows }) =>
    rows.some((row) =>
      row.some((value) => typeof value === "string" && value.length < 30 && taken.has(cleanText(value))),
    ),
  );

function unshielded(bytes: Uint8Array): Uint8Array {
  const name = "xl/sharedStrings.xml";
  const files = unzipSync(bytes);
  const texts = files[name];
  if (texts === undefined) throw new Error(`write-excel-file wrote no ${name}`);
  return zipSync({ ...files, [name]: strToU8(strFromU8(texts).replaceAll(shield, "")) });
}
