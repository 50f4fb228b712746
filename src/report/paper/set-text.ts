import type { Tag } from "./tag.ts";
import type { Mark, Setter, TypeSize } from "./mark.ts";
import { paperText } from "../words.ts";

/** How a text looks and where it belongs: `x` and `width` of its column, mm. */
export interface TextPlace {
  readonly x: number;
  readonly width: number;
  readonly size?: TypeSize;
  readonly bold?: boolean;
  readonly ink?: "black" | "grey" | "white";
  readonly align?: "left" | "right" | "middle";
  readonly tag?: Tag | null;
}

/**
 * Breaks text into lines that fit a width: at blanks, and inside a word only where the word alone is too long. Cleans
 * the text first; an empty text is one empty line, so that a row has a height.
 */
export function wrap(setter: Setter, text: string, width: number, size: TypeSize, bold: boolean): string[] {
  const fits = (line: string): boolean => setter.measure(line, size, bold) <= width;
  const clean = paperText(text);
  if (fits(clean)) return [clean];
  const lines: string[] = [];
  let line = "";
  for (const word of clean.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (!fits(line)) {
      const cut = longestStart(line, fits);
      lines.push(line.slice(0, cut));
      line = line.slice(cut);
    }
  }
  lines.push(line);
  return lines;
}

const letters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** UTF-16 length of the longest start of a word that fits, at least one letter with its marks. */
function longestStart(word: string, fits: (line: string) => boolean): number {
  let end = 0;
  for (const { segment } of letters.segment(word)) {
    if (end > 0 && !fits(word.slice(0, end + segment.length))) break;
    end += segment.length;
  }
  return end;
}

/** One line as a mark. The text is what `wrap` gave. */
export function line(setter: Setter, text: string, y: number, place: TextPlace): Mark {
  const { x, width, size = 8.5, bold = false, ink = "black", align = "left", tag = null } = place;
  const measured = setter.measure(text, size, bold);
  const shift = { left: 0, right: width - measured, middle: (width - measured) / 2 }[align];
  return { type: "text", x: x + shift, y, text, width: measured, limit: x + width, size, bold, ink, tag };
}

/** Text that has one line and no more: what is too long loses its middle, the ends differ most. */
export function fitted(setter: Setter, text: string, y: number, place: TextPlace): Mark {
  const clean = paperText(text);
  const fits = (line: string): boolean =>
    setter.measure(line, place.size ?? 8.5, place.bold ?? false) <= place.width;
  const all = Array.from(letters.segment(clean), ({ segment }) => segment);
  let shown = clean;
  for (let keep = all.length - 1; keep > 1 && !fits(shown); keep -= 1)
    shown = `${all.slice(0, Math.ceil(keep / 2)).join("")}~${all.slice(all.length - Math.floor(keep / 2)).join("")}`;
  return line(setter, shown, y, place);
}
