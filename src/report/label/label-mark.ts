import type { AttemptRecord } from "../../model/attempt.ts";
import type { LabelDefinition, LabelItem } from "../../model/label.ts";
import { codeModules } from "../paper/code-modules.ts";

/** A black bar from edge to edge with white letters: this label is no production's. mm. */
export interface LabelMark {
  readonly text: string;
  readonly y: number;
  readonly height: number;
  /** Of its letters. */
  readonly high: number;
}

/** The word that a label of this record must bear, as its reports do; `null`: released work on a real board. */
export function markWord({ trial, realm }: Pick<AttemptRecord, "trial" | "realm">): string | null {
  const words = [...(trial ? ["TRIAL"] : []), ...(realm === "sim" ? ["SIMULATED"] : [])];
  return words.length === 0 ? null : words.join(" ");
}

/** A capital letter takes at most this much of its height, its gap included, in either font. */
const letterWide = 0.95;
const smallest = 1.2;

/**
 * Where the bar goes: over nothing if there is such a place, else over letters, never over a code, which must be scanned
 * back. The highest bar that fits, from the lower edge up. `null`: there is no place for it.
 */
export function placeMark(
  text: string,
  { width, height }: Pick<LabelDefinition, "width" | "height">,
  items: readonly LabelItem[],
): LabelMark | null {
  const taken = items.map((item) => ({
    code: item.kind === "code",
    from: item.y,
    to: item.y + heightOf(item),
  }));
  const codes = taken.filter(({ code }) => code);
  const widest = (width * 0.9) / (text.length * letterWide);
  for (const others of [taken, codes])
    for (const bar of [5, 4, 3, 2]) {
      const high = Math.min(bar * 0.7, widest);
      const y = high < smallest ? null : freeRow(bar, height, others);
      if (y !== null) return { text, y, height: bar, high };
    }
  return null;
}

/** Upper edge of the lowest strip that touches none of them. */
function freeRow(
  bar: number,
  height: number,
  taken: readonly { readonly from: number; readonly to: number }[],
): number | null {
  // Codes want a quiet zone; half a millimetre steps are finer than any printer is adjusted.
  for (let y = height - bar; y >= 0; y -= 0.5)
    if (taken.every(({ from, to }) => y >= to + 0.5 || y + bar <= from - 0.5)) return y;
  return null;
}

function heightOf(item: LabelItem): number {
  if (item.kind === "text") return item.high;
  return item.code === "code128" ? item.high : codeModules(item.code, item.text).length * item.module;
}
