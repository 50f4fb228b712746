import stringWidth from "string-width";
import { cleanText } from "../lib/clean-text.ts";

const ascii = /^[\x20-\x7e]*$/;

/** Columns that a text takes on the screen. */
export const widthOf = (text: string): number => (ascii.test(text) ? text.length : stringWidth(text));

/**
 * Foreign text made fit for the screen: cleaned, and of characters whose columns add up. Marks that join with their
 * neighbours (accents that NFC does not compose, flags, emoji modifiers) would move a row by a column or more in one
 * terminal or another, so they are left out.
 */
export function shown(text: string, longest = 200): string {
  const clean = cleanText(text, longest);
  if (ascii.test(clean)) return clean;
  const columns = Array.from(clean).filter((char) => stringWidth(char) > 0 && !/\p{M}/u.test(char));
  const sum = columns.reduce((total, char) => total + stringWidth(char), 0);
  const joined = columns.join("");
  if (stringWidth(` ${joined} `) === sum + 2) return joined;
  return columns.map((char) => (ascii.test(char) ? char : "?")).join("");
}

/** The front of a text, at most `columns` wide. */
export function cut(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (ascii.test(text)) return text.slice(0, columns);
  let out = "";
  let width = 0;
  for (const char of text) {
    width += stringWidth(char);
    if (width > columns) break;
    out += char;
  }
  return out;
}

/** The end of a text, at most `columns` wide, with `~` where its front was cut: the tail of a barcode is what differs. */
export function cutLeft(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  const chars = Array.from(text);
  let out = "";
  let width = 1;
  for (let i = chars.length - 1; i >= 0; i -= 1) {
    const char = chars[i] ?? "";
    width += widthOf(char);
    if (width > columns) break;
    out = char + out;
  }
  return `~${out}`;
}

export const padStart = (text: string, columns: number): string =>
  " ".repeat(Math.max(0, columns - widthOf(text))) + text;

/** A sentence in lines of at most `columns`; a word that is longer is cut. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= columns) line = longer;
    else {
      if (line !== "") lines.push(line);
      line = cut(word, columns);
    }
  }
  return line === "" ? lines : [...lines, line];
}
