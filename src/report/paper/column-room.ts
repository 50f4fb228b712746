import type { Cell, Column, Row } from "../block.ts";
import { columnGapMm, type Measure } from "./mark.ts";
import { paperText } from "../words.ts";

/** Texts of a column that are measured, of its longest: a column of a hundred thousand serial numbers is all alike. */
const mostMeasured = 20;

/**
 * Columns as wide as this table needs them: one whose longest text is short gives its room to those that would break
 * theirs, the one that lacks least first. The whole stays as wide as it was, and no column takes what it does not need.
 */
export function roomFor(columns: readonly Column[], rows: readonly Row[], measure: Measure): Column[] {
  const needs = columns.map((_, i) => neededMm(columns, i, rows, measure));
  const widths = columns.map(({ mm }) => mm);
  const spare = columns.map(({ mm }, i) => Math.max(0, mm - (needs[i] ?? mm)));
  let left = spare.reduce((sum, mm) => sum + mm, 0);
  const all = left;
  const lacking = columns
    .map(({ mm }, i) => ({ i, mm: (needs[i] ?? mm) - mm }))
    .filter(({ mm }) => mm > 0)
    .toSorted((a, b) => a.mm - b.mm);
  for (const { i, mm } of lacking) {
    const given = Math.min(mm, left);
    widths[i] = (widths[i] ?? 0) + given;
    left -= given;
  }
  const taken = all === 0 ? 0 : (all - left) / all;
  return columns.map((column, i) => ({ ...column, mm: (widths[i] ?? column.mm) - (spare[i] ?? 0) * taken }));
}

/** A right-aligned figure keeps more room from a word behind it. */
export const gapMm = (column: Column, next: Column | undefined): number => {
  if (next === undefined) return 0;
  return column.align === "right" && next.align === "left" ? 2.6 : columnGapMm;
};

const textOf = (cell: Cell | undefined): string => (typeof cell === "string" ? cell : (cell?.text ?? ""));
const isBold = (cell: Cell | undefined): boolean => typeof cell === "object" && cell.bold === true;

function neededMm(columns: readonly Column[], i: number, rows: readonly Row[], measure: Measure): number {
  const column = columns[i];
  if (column === undefined) return 0;
  const longest = rows.reduce((most, { cells }) => Math.max(most, textOf(cells[i]).length), 0);
  let widest = measure(column.head, 8.5, false);
  let measured = 0;
  for (const { cells } of rows) {
    if (measured === mostMeasured) break;
    const cell = cells[i];
    const text = textOf(cell);
    if (text.length < longest) continue;
    measured += 1;
    widest = Math.max(widest, measure(paperText(text), 8.5, isBold(cell)));
  }
  return widest + gapMm(column, columns[i + 1]) + 0.2;
}
