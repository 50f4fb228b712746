import { rowChange } from "./row-change.ts";
import { plainPaint } from "./theme.ts";
import type { ScreenOutput } from "./terminal.ts";

/** Puts rows on a terminal's screen, each at its place. */
export interface Painter {
  /** Writes what differs from what stands there. */
  paint(rows: readonly string[]): void;
  /** What stands there is not known any more: the window has another size. */
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
  return {
    paint(rows) {
      const before = shown?.length === rows.length ? shown : null;
      let out = before === null ? empty : "";
      rows.forEach((row, i) => {
        const old = before?.[i];
        if (row === old) return;
        const { column, text } = old === undefined ? { column: 0, text: row } : rowChange(old, row);
        out += at(i, column) + text;
      });
      shown = rows;
      if (out !== "") stdout.write(begin + out + end);
    },
    forget: () => void (shown = null),
  };
}
