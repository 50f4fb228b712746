import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { errorText } from "../../lib/thrown.ts";
import type { FontChoice, ReportDefinition } from "../definition.ts";
import type { Measure } from "./mark.ts";

/** The two fonts of a report, opened. */
export interface Fonts {
  readonly regular: Uint8Array;
  readonly bold: Uint8Array;
  readonly measure: Measure;
  /** The first character of a text that the font cannot show, or `null`. */
  readonly missing: (text: string, bold: boolean) => string | null;
}

/** A font file that cannot be read or is none. */
export class FontError extends Error {
  constructor(key: "regular" | "bold", file: string, cause: unknown) {
    const why = errorText(cause);
    super(`font.${key}: ${file}: ${why}`, { cause });
    this.name = "FontError";
  }
}

const require = createRequire(import.meta.url);
const notoSans = (): FontChoice => ({
  regular: require.resolve("@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf"),
  bold: require.resolve("@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf"),
});

const mmPerPoint = 25.4 / 72;

/** What pdfkit's own typings leave out of an opened font. */
interface OpenedFont {
  readonly hasGlyphForCodePoint: (codePoint: number) => boolean;
}

/** Whether letters of a report stand side by side as they are: Latin, Greek, Cyrillic and Chinese need no shaping. */
export const isPlain = ({ font, language }: Pick<ReportDefinition, "font" | "language">): boolean =>
  font === null || language === "zh";

/**
 * Reads and opens the fonts; `null` is Noto Sans. `plain`: without their rules that join and move letters. Throws a
 * `FontError` that names the key and the file.
 */
export async function loadFonts(choice: FontChoice | null, plain = choice === null): Promise<Fonts> {
  const files = choice ?? notoSans();
  const regular = await open("regular", files.regular, plain);
  const bold = await open("bold", files.bold, plain);
  const of = (heavy: boolean): Opened => (heavy ? bold : regular);
  return {
    regular: regular.bytes,
    bold: bold.bytes,
    measure: (text, size, heavy) => of(heavy).width(text) * size * mmPerPoint,
    missing(text, heavy) {
      for (const char of text) if (!of(heavy).has(char)) return char;
      return null;
    },
  };
}

interface Opened {
  readonly bytes: Uint8Array;
  /** Width of a text in parts of the type size. */
  readonly width: (text: string) => number;
  readonly has: (char: string) => boolean;
}

/** `plain`: letters stand side by side as they are; else the font's own rules join and move them. */
async function open(key: "regular" | "bold", file: string, plain: boolean): Promise<Opened> {
  const { default: PDFDocument } = await import("pdfkit");
  try {
    const read = await readFile(file);
    const bytes = plain ? withoutShaping(firstOfCollection(read)) : firstOfCollection(read);
    const scratch = new PDFDocument({ autoFirstPage: false });
    scratch.registerFont(key, bytes);
    scratch.font(key).fontSize(1);
    // pdfkit measures text but has no public word for "no such glyph"; the fontkit font that knows lies in this field.
    const { font } = (scratch as unknown as { readonly _font: { readonly font: OpenedFont } })._font;
    const charWidth = remembered((char) => scratch.widthOfString(char));
    return {
      bytes,
      width: plain ? (text) => sumOf(text, charWidth) : (text) => scratch.widthOfString(text),
      has: remembered((char) => font.hasGlyphForCodePoint(char.codePointAt(0) ?? 0)),
    };
  } catch (error) {
    throw new FontError(key, file, error);
  }
}

function sumOf(text: string, width: (char: string) => number): number {
  let sum = 0;
  for (const char of text) sum += width(char);
  return sum;
}

/** Tables of an sfnt font that say how letters influence each other. */
const shapingTables = ["GSUB", "GPOS", "kern"];
const recordsAt = 12;
const recordBytes = 16;

/**
 * A copy of a font without its kerning and ligatures, by hiding the names of their tables. Latin, Greek and Cyrillic
 * read as well without, a text is as wide as its letters, and a report of 100 000 units takes half the time: each
 * serial number is a new word to shape.
 */
function withoutShaping(font: Buffer): Buffer {
  const copy = Buffer.from(font);
  const tables = copy.readUInt16BE(4);
  for (let at = recordsAt; at < recordsAt + tables * recordBytes; at += recordBytes)
    if (shapingTables.includes(copy.toString("latin1", at, at + 4))) copy.write("none", at, "latin1");
  return copy;
}

/**
 * The first font of a collection (OpenType, "Font Collections"), as a font of its own; any other file as it is. Collections
 * are how Chinese fonts mostly come.
 */
function firstOfCollection(file: Buffer): Buffer {
  if (file.toString("latin1", 0, 4) !== "ttcf") return file;
  const begin = file.readUInt32BE(12);
  const tables = file.readUInt16BE(begin + 4);
  const head = Buffer.from(file.subarray(begin, begin + recordsAt + tables * recordBytes));
  const pieces = [head];
  let end = head.length;
  for (let at = recordsAt; at < head.length; at += recordBytes) {
    const [from, length] = [head.readUInt32BE(at + 8), head.readUInt32BE(at + 12)];
    const table = Buffer.alloc(Math.ceil(length / 4) * 4);
    file.copy(table, 0, from, from + length);
    head.writeUInt32BE(end, at + 8);
    pieces.push(table);
    end += table.length;
  }
  return Buffer.concat(pieces);
}

function remembered<T>(of: (char: string) => T): (char: string) => T {
  const known = new Map<string, T>();
  return (char) => {
    const before = known.get(char);
    if (before !== undefined) return before;
    const value = of(char);
    known.set(char, value);
    return value;
  };
}
