import { count } from "../lib/count.ts";
import { hex32, hexShort } from "../lib/bytes.ts";
import type { Parsed } from "../model/image-complaint.ts";
import type { Image } from "../model/memory.ts";
import { createPieces } from "./pieces.ts";
import { hexByte, refuseLine, type Refusal } from "./refuse.ts";
import {
  type AfterRecord,
  checksumComplaint,
  imageOf,
  readRecords,
  type TextOptions,
  type TextRecord,
} from "./text-records.ts";

const segmentBytes = 0x1_0000;
const overhead = 5; // length, two of address, type, checksum

const fixedLength: Readonly<Record<number, number>> = { 1: 0, 2: 2, 3: 4, 4: 2, 5: 4 };

/**
 * Intel HEX (protocols/image-formats.md, section 4). A base of type 02 or 04 replaces the one before, whichever it was.
 * Under 02 a record wraps inside its 64 KiB segment, as the specification says; under 04, or before any base, it goes
 * on. An address past 2^32 is refused, not wrapped: no linker means that.
 */
export function parseHex(text: Uint8Array, options: TextOptions = {}): Parsed<Image> {
  const pieces = createPieces();
  let base = 0;
  let segmented = false;
  let entry: number | null = null;
  let otherEntry = false;
  let wrapLine = 0; // no line yet: they count from 1

  function start(address: number): void {
    otherEntry ||= entry !== null && entry !== address;
    entry = address;
  }

  function data(from: number, length: number, offset: number, line: number): void {
    const before = segmented ? Math.min(length, segmentBytes - offset) : length;
    pieces.add(base + offset, from, before, line);
    if (before === length) return;
    wrapLine ||= line;
    pieces.add(base, from + before, length - before, line);
  }

  function take({ line, from, length }: TextRecord, store: Uint8Array): AfterRecord {
    if (length < overhead) return refuseLine(line, `The record has ${count(length, "byte")} of at least 5.`);
    const view = new DataView(store.buffer, from, length);
    const said = view.getUint8(0);
    if (said !== length - overhead)
      return refuseLine(line, `The record says ${count(said, "data byte")}; it has ${length - overhead}.`);
    const wrong = wrongChecksum(view, line);
    if (wrong !== null) return wrong;
    const offset = view.getUint16(1);
    const type = view.getUint8(3);
    const expected = fixedLength[type];
    if (expected !== undefined && said !== expected)
      return refuseLine(
        line,
        `A record of type 0${type} has ${count(expected, "data byte")}; this has ${said}.`,
      );
    if (type > 1 && type < 6 && offset !== 0)
      return refuseLine(line, `A record of type 0${type} has address 0000; this has ${hexShort(offset)}.`);
    switch (type) {
      case 0:
        data(from + 4, said, offset, line);
        return "more";
      case 1:
        // Very old 8-bit files put their start address here.
        if (offset !== 0) start(offset);
        return "end";
      case 2:
        base = view.getUint16(4) * 16;
        segmented = true;
        return "more";
      case 3:
        start(view.getUint16(4) * 16 + view.getUint16(6));
        return "more";
      case 4:
        base = view.getUint16(4) * segmentBytes;
        segmented = false;
        return "more";
      case 5:
        start(view.getUint32(4));
        return "more";
      default:
        return refuseLine(line, `The record type is ${hexByte(type)}; Intel HEX has 00 to 05.`);
    }
  }

  const read = readRecords(text, { mark: ":", headLength: 1 }, options, take);
  if (!read.ok) return read;
  const remarks: string[] = [];
  if (wrapLine > 0)
    remarks.push(
      `Line ${wrapLine} runs over the end of its segment and wraps to its start; some tools go on.`,
    );
  if (otherEntry)
    remarks.push(`The file names more than one start address; ${hex32(entry ?? 0)} is its last.`);
  return imageOf(read.value, { format: "hex", pieces, entry, remarks });
}

/** Two's complement of the sum of all bytes before it (4.1). */
function wrongChecksum(record: DataView, line: number): Refusal | null {
  let sum = 0;
  const last = record.byteLength - 1;
  for (let at = 0; at < last; at++) sum += record.getUint8(at);
  return checksumComplaint(line, record.getUint8(last), -sum & 0xff);
}
