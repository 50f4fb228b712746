import type { Cell, Column, Row } from "../block.ts";
import { gapMm, roomFor } from "./column-room.ts";
import { baseMm, hairline, lineMm, type Mark, type Setter } from "./mark.ts";
import { line, wrap, type TextPlace } from "./set-text.ts";
import { strip, type Piece, type Strip } from "./strip.ts";
import { tag, tagOfText, type Tag } from "./tag.ts";

/** Lines of a row that stay together; a longer row goes on without its first lines. */
const mostLines = 40;

interface Place extends TextPlace {
  readonly x: number;
  readonly width: number;
}

/**
 * A table: its head is repeated on each page, a row is as high as its longest cell, text breaks inside its cell and
 * is never cut.
 */
export function* tablePieces(
  columns: readonly Column[],
  rows: readonly Row[],
  setter: Setter,
): Generator<Piece> {
  const places = columnPlaces(roomFor(columns, rows, setter.measure), setter);
  const table = tag("Table");
  const head = headStrip(columns, places, table, setter);
  yield { ...head, keep: 2 * lineMm };
  for (const row of rows) yield* rowPieces(row, places, head, table, setter);
}

function columnPlaces(columns: readonly Column[], setter: Setter): Place[] {
  let x = setter.sheet.left;
  return columns.map(({ head, mm, align }, i) => {
    const place = { x, width: mm - gapMm({ head, mm, align }, columns[i + 1]), align };
    x += mm;
    return place;
  });
}

function headStrip(columns: readonly Column[], places: readonly Place[], table: Tag, setter: Setter): Strip {
  const { left } = setter.sheet;
  const last = places.at(-1);
  const end = last === undefined ? left : last.x + last.width;
  const row = tag("TR", table, { cells: columns.length });
  const cells = columns.map((_, at) => tag("TH", row, { at, scope: "Column" }));
  return strip(lineMm + 1.2, (y) => [
    ...columns.flatMap(({ head }, i): Mark[] => {
      const place = places[i];
      return place === undefined || head === ""
        ? []
        : [line(setter, head, y + baseMm, { ...place, ink: "grey", tag: cells[i] ?? null })];
    }),
    {
      type: "line",
      x1: left,
      y1: y + lineMm + 0.3,
      x2: end,
      y2: y + lineMm + 0.3,
      weight: hairline,
      ink: "black",
    },
  ]);
}

interface SetLine {
  /** Number of the line in the row. */
  readonly n: number;
  readonly text: string;
  readonly place: TextPlace;
}

/** Lines cell by cell, as they are read; what stands under the row is a row of one cell. */
function* rowPieces(
  row: Row,
  places: readonly Place[],
  head: Strip,
  table: Tag,
  setter: Setter,
): Generator<Piece> {
  const set: SetLine[] = [];
  let high = 0;
  const add = (lines: readonly string[], from: number, place: TextPlace): void => {
    lines.forEach((text, i) => {
      if (text !== "") set.push({ n: from + i, text, place });
    });
    high = Math.max(high, from + lines.length);
  };
  const tr = tag("TR", table, { cells: places.length });
  row.cells.forEach((cell, i) => {
    const place = places[i];
    if (place === undefined)
      throw new Error(`a row has ${row.cells.length} cells for ${places.length} columns`);
    const { text, bold = false, ink = "black" } = typeof cell === "string" ? plain(cell) : cell;
    const lines = wrap(setter, text, place.width, 8.5, bold);
    add(lines, 0, { ...place, bold, ink, tag: tagOfText("TD", lines, text, tr, { at: i }) });
  });
  if (row.under !== undefined) {
    const { text, from } = row.under;
    const x = places[from]?.x ?? setter.sheet.left;
    const width = setter.sheet.right - x;
    const lines = wrap(setter, text, width, 8.5, false);
    const under = tag("TR", table, { cells: places.length });
    const td = tagOfText("TD", lines, text, under, { span: places.length });
    add(lines, high, { x, width, ink: "grey", tag: td });
  }
  for (let from = 0; from < high; from += mostLines) {
    const part = high <= mostLines ? set : set.filter(({ n }) => n >= from && n < from + mostLines);
    yield strip(
      Math.min(mostLines, high - from) * lineMm,
      (y) => part.map(({ n, text, place }) => line(setter, text, y + (n - from) * lineMm + baseMm, place)),
      { head },
    );
  }
}

const plain = (text: string): Exclude<Cell, string> => ({ text });
