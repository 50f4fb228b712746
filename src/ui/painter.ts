import { rowChange } from "./row-change.ts";
import { plainPaint } from "./theme.ts";
import { isCaughtUp } from "./terminal.ts";
import type { ScreenOutput } from "./terminal.ts";

/** Puts rows on a terminal's screen, each at its place. */
export interface Painter {
  /**
   * Writes what differs from what stands there. A terminal that has not taken the last frame yet gets the newest one when
   * it has, and none of those between.
   */
  paint(rows: readonly string[]): void;
  /** Writes all of it over what stands there. */
  again(): void;
  /** What stands there is not known any more, nor how much: the window has another size. */
  forget(): void;
}

// A terminal that knows these shows a frame whole; the others pass over them.
const begin = "\x1b[?2026h";
const end = "\x1b[?2026l";
const empty = `${plainPaint}\x1b[H\x1b[J`;

const at = (row: number, column: number): string =>
  column === 0 ? `\x1b[${row + 1}H` : `\x1b[${row + 1};${column + 1}H`;

/**
 * Nothing here hangs on where the cursor is or on how wide the window was: each piece says its own place. So a frame that
 * was on its way while the window changed spoils nothing that the next whole one does not mend.
 */
export function rowPainter(stdout: ScreenOutput): Painter {
  let shown: readonly string[] | null = null;
  let newest: readonly string[] | null = null;
  const write = (out: string): void => void stdout.write(begin + out + end);
  const whole = (rows: readonly string[]): string => rows.map((row, i) => at(i, 0) + row).join("");

  function caughtUp(): void {
    const rows = newest;
    newest = null;
    if (rows !== null) paint(rows);
  }

  function paint(rows: readonly string[]): void {
    if (!isCaughtUp(stdout)) {
      if (newest === null) stdout.write("", caughtUp);
      newest = rows;
      return;
    }
    const before = shown;
    shown = rows;
    if (before?.length !== rows.length) return write(empty + whole(rows));
    let out = "";
    rows.forEach((row, i) => {
      const old = before[i] ?? "";
      if (row === old) return;
      const { column, text } = rowChange(old, row);
      out += at(i, column) + text;
    });
    if (out !== "") write(out);
  }

  return {
    paint,
    again() {
      if (shown !== null && isCaughtUp(stdout)) write(plainPaint + whole(shown));
    },
    forget: () => void (shown = null),
  };
}
