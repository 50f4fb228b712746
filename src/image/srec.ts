import { count } from "../lib/count.ts";
import { cleanText } from "../lib/clean-text.ts";
import type { Parsed } from "../model/image-complaint.ts";
import type { Image } from "../model/memory.ts";
import { createPieces } from "./pieces.ts";
import { refuseLine, type Refusal } from "./refuse.ts";
import {
  type AfterRecord,
  checksumComplaint,
  imageOf,
  readRecords,
  type TextOptions,
  type TextRecord,
} from "./text-records.ts";

/** Bytes of address by type digit (protocols/image-formats.md, section 5). */
const addressLength: Readonly<Record<string, number>> = {
  S1: 2,
  S2: 3,
  S3: 4,
  S5: 2,
  S6: 3,
  S7: 4,
  S8: 3,
  S9: 2,
};

/**
 * Motorola S-record (protocols/image-formats.md, section 5). The text of the header becomes a remark, so that the
 * engineer sees it. An end record with address 0 names no start: writers put it there when they know none.
 */
export function parseSrec(text: Uint8Array, options: TextOptions = {}): Parsed<Image> {
  const pieces = createPieces();
  const widths = new Set<string>();
  let records = 0;
  let entry: number | null = null;
  let title = "";

  function take(record: TextRecord, store: Uint8Array): AfterRecord {
    const { line, from, length } = record;
    const type = `S${String.fromCharCode(record.type)}`;
    const frame = checkFrame(store.subarray(from, from + length), line);
    if (frame !== null) return frame;
    const body = length - 2; // without the count and the checksum
    if (type === "S0") {
      title ||= headerText(store.subarray(from + 3, from + 1 + body));
      return "more";
    }
    // Green Hills writes the count of S5 in four bytes; srecord accepts any width up to that, and so do we.
    const wide = (type === "S5" || type === "S6") && body > 2 && body <= 4;
    const width = wide ? body : addressLength[type];
    if (width === undefined)
      return refuseLine(line, `The record type is ${sayType(type)}; it may be S0 to S3 or S5 to S9.`);
    if (body < width)
      return refuseLine(line, `A record ${type} has ${count(width, "byte")} of address; this has ${body}.`);
    const value = addressAt(store, from + 1, width);
    if (type <= "S3") {
      widths.add(type);
      records += 1;
      pieces.add(value, from + 1 + width, body - width, line);
      return "more";
    }
    if (body > width)
      return refuseLine(line, `A record ${type} has no data; this has ${count(body - width, "byte")}.`);
    if (type === "S5" || type === "S6") {
      // A count too large for its field goes on from zero, as srecord reads it.
      if (value === records % 256 ** width) return "more";
      return refuseLine(line, `The file counts ${value} data records so far; it has ${records}.`);
    }
    entry = value === 0 ? null : value;
    return "end";
  }

  const read = readRecords(text, { mark: "S", headLength: 2 }, options, take);
  if (!read.ok) return read;
  const remarks: string[] = [];
  if (title !== "") remarks.push(`The header says "${title}".`);
  // The type digit is outside the checksum: damaged, it moves a record to another address.
  if (widths.size > 1)
    remarks.push(`The file mixes the records ${[...widths].sort().join(" and ")}; look at its addresses.`);
  return imageOf(read.value, { format: "srec", pieces, entry, remarks });
}

/** The byte count covers everything after it; the checksum is the one's complement of the sum of count and all. */
function checkFrame(record: Uint8Array, line: number): Refusal | null {
  const said = record[0];
  if (said === undefined || said === 0) return refuseLine(line, "The record has no byte count above zero.");
  const has = record.length - 1;
  if (said !== has) return refuseLine(line, `The record counts ${count(said, "byte")}; it has ${has}.`);
  let sum = 0;
  for (let at = 0; at < has; at++) sum += record[at] ?? 0;
  return checksumComplaint(line, record[has] ?? 0, ~sum & 0xff);
}

function addressAt(store: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index++) value = value * 256 + (store[at + index] ?? 0);
  return value;
}

function headerText(bytes: Uint8Array): string {
  return cleanText(Buffer.from(bytes).toString("latin1"), 80).trim();
}

function sayType(type: string): string {
  return type === "S4" ? "S4, which is reserved" : `"${cleanText(type)}"`;
}
