import { crc32Dfu } from "../../../src/lib/crc.ts";
import { toHex } from "../../../src/lib/bytes.ts";
import type { ImageComplaint, Parsed } from "../../../src/model/image-complaint.ts";
import type { Image } from "../../../src/model/memory.ts";

/** Bytes as the sheet prints them: `01 02 0A`. */
export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(/\s+/).filter(Boolean), (pair) => Number.parseInt(pair, 16));
}

export function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

export function lines(...records: readonly string[]): Uint8Array {
  return ascii(records.map((record) => `${record}\r\n`).join(""));
}

/** What an image has in memory, address and bytes both in hex; a refusal fails the test with its own words. */
export function memory(parsed: Parsed<Image>): Record<string, string> {
  return Object.fromEntries(
    imageOf(parsed).segments.map(({ address, bytes }) => [
      address.toString(16).toUpperCase().padStart(8, "0"),
      toHex(bytes).toUpperCase(),
    ]),
  );
}

export function imageOf(parsed: Parsed<Image>): Image {
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.complaint));
  return parsed.value;
}

export function complaintOf(parsed: Parsed<unknown>): ImageComplaint {
  if (parsed.ok) throw new Error("This was to be refused, and was read.");
  return parsed.complaint;
}

export function u16(value: number): readonly number[] {
  return [value & 0xff, value >>> 8];
}

export function u32(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

export function hexRecord(type: number, offset: number, data: readonly number[]): string {
  const body = [data.length, offset >>> 8, offset & 0xff, type, ...data];
  return `:${upper([...body, -sum(body) & 0xff])}`;
}

export function base(upperHalf: number): string {
  return hexRecord(4, 0, [upperHalf >>> 8, upperHalf & 0xff]);
}

export function sRecord(type: number, width: number, address: number, data: readonly number[]): string {
  const at = [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff].slice(
    4 - width,
  );
  const body = [width + data.length + 1, ...at, ...data];
  return `S${type}${upper([...body, ~sum(body) & 0xff])}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function upper(values: readonly number[]): string {
  return toHex(Uint8Array.from(values)).toUpperCase();
}

export const hexEnd = ":00000001FF";
export const plainHex = [":020000040800F2", ":0400000001020304F2", ":02001000AABB89", hexEnd] as const;
export const plainSrec = [
  "S00600004844521B",
  "S3090800000001020304E4",
  "S30708000010AABB7B",
  "S70508000101F0",
] as const;
export const plainMemory = { "08000000": "01020304", "08000010": "AABB" };

export interface ElfSegment {
  readonly type?: number;
  readonly virtual?: number;
  readonly physical: number;
  readonly data: readonly number[];
  readonly memoryBytes?: number;
}

/** A linked ARM program with nothing but program headers and their bytes. */
export function elf(segments: readonly ElfSegment[], entry = 0): Uint8Array {
  const headers: number[] = [];
  const content: number[] = [];
  const start = 52 + 32 * segments.length;
  for (const { type = 1, physical, virtual = physical, data, memoryBytes = data.length } of segments) {
    const words = [type, start + content.length, virtual, physical, data.length, memoryBytes, 7, 1];
    headers.push(...words.flatMap(u32));
    content.push(...data);
  }
  const ident = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, ...new Uint8Array(9)];
  const words = [1, entry, 52, 0, 0].flatMap(u32);
  const halves = [52, 32, segments.length, 0, 0, 0].flatMap(u16);
  return join(ident, u16(2), u16(40), words, halves, headers, content);
}

/** The vector of section 6: 154 bytes, three segments, no sections. */
export const elfVector = bytes(`
  7F 45 4C 46 01 01 01 00 00 00 00 00 00 00 00 00
  02 00 28 00 01 00 00 00 01 01 00 08 34 00 00 00
  00 00 00 00 00 02 00 05 34 00 20 00 03 00 00 00
  00 00 00 00 01 00 00 00 94 00 00 00 00 00 00 08
  00 00 00 08 04 00 00 00 04 00 00 00 05 00 00 00
  04 00 00 00 01 00 00 00 98 00 00 00 00 00 00 20
  04 00 00 08 02 00 00 00 02 00 00 00 06 00 00 00
  02 00 00 00 01 00 00 00 9A 00 00 00 02 00 00 20
  02 00 00 20 00 00 00 00 40 00 00 00 06 00 00 00
  02 00 00 00 01 02 03 04 AA BB`);

/** The vectors of section 2.3. */
export const suffixOnly = bytes("FF FF FF FF FF FF 00 01 55 46 44 10 E1 F1 7B 88");
export const fourBytesDfu = bytes("01 02 03 04 FF FF 11 DF 83 04 00 01 55 46 44 10 0B 46 7F 93");
export const helloDfu = bytes(
  "68 65 6C 6C 6F 20 77 6F 72 6C 64 FF FF 21 43 34 12 00 01 55 46 44 10 E1 92 83 CD",
);

/** Section 3.3: 313 bytes; `size` is DFUImageSize as written, `crc` the checksum that goes with it. */
export function vectorA(size = "29 01 00 00", crc = "AE 76 FB FE"): Uint8Array {
  return join(
    bytes(`44 66 75 53 65 01 ${size} 01`),
    bytes("54 61 72 67 65 74 00 01 00 00 00"),
    bytes("53 54 2E 2E 2E"),
    new Uint8Array(250),
    bytes("0C 00 00 00 01 00 00 00"),
    bytes("00 00 00 08 04 00 00 00 01 02 03 04"),
    bytes(`FF FF 11 DF 83 04 1A 01 55 46 44 10 ${crc}`),
  );
}

/** Section 3.4: 620 bytes. */
export const vectorB = join(
  bytes("44 66 75 53 65 01 5C 02 00 00 02"),
  bytes("54 61 72 67 65 74 00 01 00 00 00"),
  ascii("Internal Flash".padEnd(255, "\0")),
  bytes("15 00 00 00 02 00 00 00"),
  bytes("00 00 00 08 02 00 00 00 AA BB"),
  bytes("00 08 00 08 03 00 00 00 10 20 30"),
  bytes("54 61 72 67 65 74 01 00 00 00 00"),
  new Uint8Array(255),
  bytes("18 00 00 00 01 00 00 00"),
  bytes("00 C0 FF 1F 10 00 00 00"),
  bytes("FF AA 00 55 FF AA 00 55 FF AA 00 55 FF AA 00 55"),
  bytes("00 22 11 DF 83 04 1A 01 55 46 44 10 B0 E0 C4 51"),
);

/** The same file with its checksum made right again, so that only what was changed is wrong. */
export function resealed(file: Uint8Array): Uint8Array {
  const body = file.subarray(0, -4);
  return join(body, u32(crc32Dfu(body)));
}

/** A copy of the file with other bytes at a place. */
export function altered(file: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(file);
  copy.set(values, at);
  return copy;
}

/** Milliseconds that something takes. */
export function elapsed(act: () => unknown): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}
