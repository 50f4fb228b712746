import { plainPaint } from "./theme.ts";

/** What makes one row of the screen another one. */
export interface RowChange {
  /** The first column that is written, from 0. */
  readonly column: number;
  readonly text: string;
}

/** A character that may be wider or narrower than one column. */
const uneven = /\P{ASCII}/u;

/** Whether nothing is painted at this place, and no paint is being written there. */
function isPlainAt(row: string, place: number): boolean {
  const paint = row.lastIndexOf("\x1b", place - 1);
  return paint < 0 || (row.startsWith(plainPaint, paint) && place - paint >= plainPaint.length);
}

/** Characters that both end with. */
function sameEnd(before: string, after: string, most: number): number {
  let same = 0;
  while (
    same < most &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  )
    same += 1;
  return same;
}

/**
 * The part of a painted row that differs from the row that stands there; both are of one width and end plain. It begins
 * and ends where nothing is painted, so that it can be written alone. A row with characters that are not all one column
 * wide is written whole.
 */
export function rowChange(before: string, after: string): RowChange {
  const whole: RowChange = { column: 0, text: after };
  if (uneven.test(after) || uneven.test(before)) return whole;
  let plain = true;
  let column = 0;
  const begin = { at: 0, column: 0 };
  let at = 0;
  while (at < after.length && after.charCodeAt(at) === before.charCodeAt(at)) {
    if (after.charCodeAt(at) === 0x1b) {
      const end = after.indexOf("m", at) + 1;
      if (!before.startsWith(after.slice(at, end), at)) break;
      plain = after.startsWith(plainPaint, at);
      at = end;
    } else {
      column += 1;
      at += 1;
    }
    if (plain) {
      begin.at = at;
      begin.column = column;
    }
  }
  const most = Math.min(after.length, before.length) - begin.at;
  let end = after.length - sameEnd(before, after, most);
  const shift = before.length - after.length;
  while (end < after.length && !(isPlainAt(after, end) && isPlainAt(before, end + shift))) end += 1;
  return { column: begin.column, text: after.slice(begin.at, end) };
}
