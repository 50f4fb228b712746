import { count } from "../lib/count.ts";
import type { Parsed } from "../model/image-complaint.ts";
import type { Image } from "../model/memory.ts";
import type { Pieces } from "./pieces.ts";
import { emptyFile, hexByte, refuseLine, type Refusal } from "./refuse.ts";
import { joinPieces } from "./segments.ts";

/** A switch of the engineer, for files of both text formats. */
export interface TextOptions {
  /** Accept a file that stops before its end record: usually a truncated download. */
  readonly allowMissingEnd?: boolean | undefined;
}

/** How a record of a text format begins: a mark, for S-records a type digit too, then pairs of hex digits. */
export interface RecordSyntax {
  readonly mark: ":" | "S";
  readonly headLength: 1 | 2;
}

/** One record, its pairs of digits decoded to `length` bytes of the store. Reused for the next: do not keep. */
export interface TextRecord {
  line: number;
  /** The character after the mark. */
  type: number;
  from: number;
  length: number;
}

export type AfterRecord = "more" | "end" | Refusal;

export interface RecordText {
  /** Decoded bytes of all records, heads and checksums included. */
  readonly store: Uint8Array;
  /** Where the last record stands. */
  readonly lastLine: number;
  readonly warnings: readonly string[];
}

const lf = 0x0a;
const cr = 0x0d;
const controlZ = 0x1a;
// The longest record is an S-record that counts 255 bytes, or an Intel HEX record of 255 data bytes.
const longestRecord = 260;

const notDigit = 0xff;
const digits = new Uint8Array(256).fill(notDigit);
for (let value = 0; value < 16; value++) {
  digits[value.toString(16).charCodeAt(0)] = value;
  digits[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/**
 * Reads a file of text records line by line (protocols/image-formats.md, sections 1, 4 and 5). Lines end in CR, LF or
 * both; blank lines and spaces at the end of a line are nothing; a ^Z may close the file. Whatever else is not a
 * record is refused: a comment, a space before the mark, UTF-16, anything after the end record.
 */
export function readRecords(
  text: Uint8Array,
  syntax: RecordSyntax,
  options: TextOptions,
  take: (record: TextRecord, store: Uint8Array) => AfterRecord,
): Parsed<RecordText> {
  const encoding = checkEncoding(text);
  if (encoding !== null) return encoding;
  const store = new Uint8Array(text.length >>> 1);
  const record: TextRecord = { line: 0, type: 0, from: 0, length: 0 };
  const end = contentEnd(text);
  let ended = false;
  for (let from = 0; from < end;) {
    const to = lineEnd(text, from, end);
    record.line += 1;
    const last = trimEnd(text, from, to);
    if (last > from) {
      if (ended) return refuseLine(record.line, "Something follows the end record, which closes the file.");
      const refusal = decode(text, from, last, syntax, store, record);
      if (refusal !== null) return refusal;
      const after = take(record, store);
      if (typeof after !== "string") return after;
      ended = after === "end";
    }
    from = text[to] === cr && text[to + 1] === lf ? to + 2 : to + 1;
  }
  const lastLine = Math.max(record.line, 1);
  if (ended) return { ok: true, value: { store, lastLine, warnings: [] } };
  if (options.allowMissingEnd !== true)
    return refuseLine(lastLine, "The file stops without an end record: it may have been cut short.");
  const warnings = [`The end record is missing after line ${lastLine}.`];
  return { ok: true, value: { store, lastLine, warnings } };
}

/** The image that the data of all records are, with what a format remarks of it. */
export function imageOf(
  { store, lastLine, warnings }: RecordText,
  {
    format,
    pieces,
    entry,
    remarks,
  }: {
    readonly format: "hex" | "srec";
    readonly pieces: Pieces;
    readonly entry: number | null;
    readonly remarks: readonly string[];
  },
): Parsed<Image> {
  if (pieces.size === 0)
    return refuseLine(lastLine, "The file has no data record: there is nothing to program.");
  const joined = joinPieces(store, pieces, "line");
  if (!joined.ok) return joined;
  const { segments, warnings: joints } = joined.value;
  return {
    ok: true,
    value: { format, segments, entry, warnings: [...joints, ...remarks, ...warnings], dfu: null },
  };
}

export const checksumComplaint = (line: number, found: number, expected: number): Refusal | null =>
  found === expected
    ? null
    : refuseLine(line, `The checksum is ${hexByte(found)}; the record's bytes give ${hexByte(expected)}.`);

function checkEncoding(text: Uint8Array): Refusal | null {
  const [first, second, third] = text;
  if (first === undefined) return refuseLine(1, emptyFile);
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (marked || first === 0 || second === 0)
    return refuseLine(1, "The text is UTF-16; a file of records is plain ASCII.");
  if (first === 0xef && second === 0xbb && third === 0xbf)
    return refuseLine(1, "The text begins with a UTF-8 byte order mark; a file of records is plain ASCII.");
  return null;
}

function isBlank(char: number | undefined): boolean {
  return char === 0x20 || char === 0x09;
}

function contentEnd(text: Uint8Array): number {
  let end = text.length;
  while (end > 0) {
    const char = text[end - 1];
    if (char !== controlZ && char !== cr && char !== lf && !isBlank(char)) break;
    end -= 1;
  }
  return end;
}

function lineEnd(text: Uint8Array, from: number, end: number): number {
  let to = from;
  while (to < end && text[to] !== lf && text[to] !== cr) to += 1;
  return to;
}

function trimEnd(text: Uint8Array, from: number, to: number): number {
  let last = to;
  while (last > from && isBlank(text[last - 1])) last -= 1;
  return last;
}

function decode(
  text: Uint8Array,
  from: number,
  to: number,
  { mark, headLength }: RecordSyntax,
  store: Uint8Array,
  record: TextRecord,
): Refusal | null {
  const { line } = record;
  if (text[from] !== mark.charCodeAt(0))
    return refuseLine(line, `The line begins with ${sayChar(text[from])}; a record begins with "${mark}".`);
  const start = from + headLength;
  if (start > to) return refuseLine(line, `The line has "${mark}" and no record after it.`);
  const length = (to - start) >> 1;
  if (length > longestRecord)
    return refuseLine(line, `The line has ${count(to - from, "character")}, more than any record.`);
  record.type = text[from + 1] ?? 0;
  record.from += record.length;
  record.length = length;
  let char = start;
  for (let at = record.from; at < record.from + length; at++) {
    const high = digits[text[char] ?? 0] ?? notDigit;
    const low = digits[text[char + 1] ?? 0] ?? notDigit;
    if ((high | low) > 15) {
      const bad = high > 15 ? char : char + 1;
      return refuseLine(
        line,
        `Column ${bad - from + 1} holds ${sayChar(text[bad])}, which is not a hex digit.`,
      );
    }
    store[at] = (high << 4) | low;
    char += 2;
  }
  return char < to ? refuseLine(line, "The record ends in half a byte: one hex digit is missing.") : null;
}

function sayChar(char = 0): string {
  if (char === 0x20) return "a space";
  if (char > 0x20 && char < 0x7f) return `"${String.fromCharCode(char)}"`;
  return `the byte ${hexByte(char)}`;
}
