import type { Cell, Column, Row } from "./block.ts";
import { gapMm, roomFor } from "./column-room.ts";
import { baseMm, hairline, lineMm, type Mark, type Setter } from "./mark.ts";
import { line, wrap, type TextPlace } from "./set-text.ts";
import { strip, type Piece, type Strip } from "./strip.ts";

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
  const head = headStrip(columns, places, setter);
  yield { ...head, keep: 2 * lineMm };
  for (const row of rows) yield* rowPieces(row, places, head, setter);
}

function columnPlaces(columns: readonly Column[], setter: Setter): Place[] {
  let x = setter.sheet.left;
  return columns.map(({ head, mm, align }, i) => {
    const place = { x, width: mm - gapMm({ head, mm, align }, columns[i + 1]), align };
    x += mm;
    return place;
  });
}

function headStrip(columns: readonly Column[], places: readonly Place[], setter: Setter): Strip {
  const { left } = setter.sheet;
  const last = places.at(-1);
  const end = last === undefined ? left : last.x + last.width;
  return strip(lineMm + 1.2, (y) => [
    ...columns.flatMap(({ head }, i): Mark[] => {
      const place = places[i];
      return place === undefined || head === ""
        ? []
        : [line(setter, head, y + baseMm, { ...place, ink: "grey" })];
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
  readonly text: string;
  readonly place: TextPlace;
}

function* rowPieces(row: Row, places: readonly Place[], head: Strip, setter: Setter): Generator<Piece> {
  const lines: SetLine[][] = [];
  const add = (at: number, text: string, place: TextPlace): void => {
    while (lines.length <= at) lines.push([]);
    if (text !== "") lines[at]?.push({ text, place });
  };
  row.cells.forEach((cell, i) => {
    const place = places[i];
    if (place === undefined)
      throw new Error(`a row has ${row.cells.length} cells for ${places.length} columns`);
    const { text, bold = false, ink = "black" } = typeof cell === "string" ? plain(cell) : cell;
    wrap(setter, text, place.width, 8.5, bold).forEach((words, n) => add(n, words, { ...place, bold, ink }));
  });
  if (row.under !== undefined) {
    const x = places[row.under.from]?.x ?? setter.sheet.left;
    const place: TextPlace = { x, width: setter.sheet.right - x, ink: "grey" };
    const from = lines.length;
    wrap(setter, row.under.text, place.width, 8.5, false).forEach((words, n) => add(from + n, words, place));
  }
  for (let from = 0; from < lines.length; from += mostLines) {
    const part = lines.slice(from, from + mostLines);
    yield strip(
      part.length * lineMm,
      (y) =>
        part.flatMap((set, n) =>
          set.map(({ text, place }) => line(setter, text, y + n * lineMm + baseMm, place)),
        ),
      { head },
    );
  }
}

const plain = (text: string): Exclude<Cell, string> => ({ text });
