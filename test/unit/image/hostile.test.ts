import {
  array,
  assert,
  boolean,
  constantFrom,
  double,
  integer,
  oneof,
  property,
  record,
  uint8Array,
} from "fast-check";
import { describe, expect, test } from "vitest";
import { type ImageOptions, parseImage } from "../../../src/image/detect.ts";
import { parseDfu } from "../../../src/image/dfuse.ts";
import { parseElf } from "../../../src/image/elf.ts";
import { parseHex } from "../../../src/image/hex.ts";
import { parseSrec } from "../../../src/image/srec.ts";
import type { Parsed } from "../../../src/model/image-complaint.ts";
import { endOf, type Image } from "../../../src/model/memory.ts";
import { mutations, seed } from "./seed.ts";
import {
  altered,
  ascii,
  base,
  complaintOf,
  elapsed,
  elf,
  elfVector,
  fourBytesDfu,
  helloDfu,
  hexEnd,
  hexRecord,
  join,
  lines,
  memory,
  plainHex,
  plainSrec,
  resealed,
  sRecord,
  u16,
  u32,
  vectorA,
  vectorB,
} from "./vectors.ts";

const at = 0x0800_0000;
const oneSecond = 1000;
const mebibyte = 1024 * 1024;

interface Sample {
  readonly name: string;
  readonly file: Uint8Array;
  readonly parse: (file: Uint8Array) => Parsed<Image>;
}

const segmented = [":020000021000EC", ":04FFFE0001020304F5", ":04000003123400565D", hexEnd];
const samples: readonly Sample[] = [
  { name: "Intel HEX", file: lines(...plainHex), parse: (file) => parseHex(file) },
  { name: "segmented Intel HEX", file: lines(...segmented), parse: (file) => parseHex(file) },
  { name: "S-record", file: lines(...plainSrec), parse: (file) => parseSrec(file) },
  { name: "ELF", file: elfVector, parse: parseElf },
  { name: "DfuSe with one target", file: vectorA(), parse: (file) => parseDfu(file) },
  { name: "DfuSe with two targets", file: vectorB, parse: (file) => parseDfu(file) },
  { name: "plain DFU", file: fourBytesDfu, parse: (file) => parseDfu(file, { at }) },
  { name: "plain DFU with a text", file: helloDfu, parse: (file) => parseDfu(file, { at }) },
];

/** What is wrong with an answer to a file, whatever the file: it must be read in order, or refused with its place. */
function unsound(parsed: Parsed<Image>, placed: boolean): string | null {
  if (!parsed.ok) {
    const { line, offset, message } = parsed.complaint;
    if (!/^.+\.$/.test(message)) return `not a sentence: ${message}`;
    if (placed && (line === null) === (offset === null)) return `not one place: ${message}`;
    return (line ?? 1) < 1 || (offset ?? 0) < 0 ? `no such place: ${message}` : null;
  }
  let last = -1;
  for (const segment of parsed.value.segments) {
    if (segment.address <= last || segment.bytes.length === 0) return `segment at ${segment.address}`;
    last = endOf(segment);
  }
  return last < 1 || last > 2 ** 32 ? `ends at ${last}` : null;
}

describe("truncated at each byte", () => {
  test.each(samples)("$name is refused with its place", ({ file, parse }) => {
    for (let length = 0; length < file.length - 2; length++) {
      const parsed = parse(file.subarray(0, length));
      expect([length, parsed.ok, unsound(parsed, true)]).toEqual([length, false, null]);
    }
  });

  test.each(samples)("$name is never taken for another format that could be programmed", ({ file }) => {
    for (let length = 0; length < file.length - 2; length++) {
      const parsed = parseImage(file.subarray(0, length));
      expect([length, parsed.ok, unsound(parsed, false)]).toEqual([length, false, null]);
    }
  });

  test.each(samples.slice(0, 3))("of $name only the last end of line may be missing", ({ file, parse }) => {
    expect(parse(file.subarray(0, -1))).toEqual(parse(file));
    expect(parse(file.subarray(0, -2))).toEqual(parse(file));
  });
});

describe("wrong at each place", () => {
  test.each(samples.slice(0, 3))(
    "$name with any digit changed that its checksum covers is refused with its line",
    ({ file, parse }) => {
      for (const [index, char] of file.entries()) {
        if (!/[0-9A-F]/.test(String.fromCharCode(char)) || file[index - 1] === "S".charCodeAt(0)) continue;
        const digit = (Number.parseInt(String.fromCharCode(char), 16) ^ 1).toString(16).toUpperCase();
        const line = ascii(Buffer.from(file.subarray(0, index)).toString("latin1")).filter(
          (byte) => byte === 10,
        );
        const { line: named } = complaintOf(parse(altered(file, index, digit.charCodeAt(0))));
        expect(named).toBe(line.length + 1);
      }
    },
  );

  test.each(samples.slice(4))("$name with any bit changed is refused", ({ file, parse }) => {
    for (let index = 0; index < 8 * file.length; index++) {
      const byte = file[index >> 3] ?? 0;
      const parsed = parse(altered(file, index >> 3, byte ^ (1 << (index & 7))));
      expect([index, parsed.ok, unsound(parsed, true)]).toEqual([index, false, null]);
    }
  });
});

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly number[];
}

const interesting = constantFrom(0x00, 0x0a, 0x0d, 0x1a, 0x20, 0x30, 0x3a, 0x53, 0x7f, 0x80, 0xff);
const edit = record({
  at: double({ min: 0, max: 1, noNaN: true }),
  remove: integer({ min: 0, max: 6 }),
  insert: array(oneof(interesting, integer({ min: 0, max: 255 })), { maxLength: 6 }),
});

function mutated(file: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const out = [...file];
  for (const { at, remove, insert } of edits) out.splice(Math.floor(at * out.length), remove, ...insert);
  return Uint8Array.from(out);
}

describe("mutated files", () => {
  const some = array(edit, { minLength: 1, maxLength: 4 });
  const which = constantFrom(...samples);

  test(`${mutations} of them are read or refused with a place, none throws or hangs (seed ${seed})`, () => {
    assert(
      property(which, some, boolean(), ({ file, parse }, edits, seal) => {
        const broken = mutated(file, edits);
        // With the checksum made right again the mutation reaches what lies behind it.
        const input = seal && broken.length > 4 ? resealed(broken) : broken;
        const start = performance.now();
        expect(unsound(parse(input), true)).toBeNull();
        expect(performance.now() - start).toBeLessThan(oneSecond);
      }),
      { seed, numRuns: mutations },
    );
  });

  test(`${mutations} of them of unknown format are read or refused (seed ${seed})`, () => {
    const options = constantFrom<ImageOptions>({}, { at }, { allowMissingEnd: true });
    assert(
      property(which, some, options, ({ file }, edits, options) => {
        const start = performance.now();
        expect(unsound(parseImage(mutated(file, edits), options), false)).toBeNull();
        expect(performance.now() - start).toBeLessThan(oneSecond);
      }),
      { seed, numRuns: mutations },
    );
  });

  test(`${mutations} files of random bytes are read or refused (seed ${seed})`, () => {
    const heads = constantFrom("", ":", "S3", "DfuSe\x01", "\x7FELF\x01\x01\x01");
    assert(
      property(heads, uint8Array({ maxLength: 400 }), (head, tail) => {
        const file = join(ascii(head), tail);
        expect(unsound(parseImage(file, { at }), false)).toBeNull();
        for (const { parse } of samples) expect(unsound(parse(file), true)).toBeNull();
      }),
      { seed, numRuns: mutations },
    );
  });
});

/** A program of `count` segments that all claim the same bytes of the file. */
function crowdedElf(count: number, bytesEach: number, address: (index: number) => number): Uint8Array {
  const start = 52 + 32 * count;
  const headers = Array.from({ length: count }, (_, index) => {
    const where = address(index);
    return [1, start, where, where, bytesEach, bytesEach, 7, 1].flatMap(u32);
  });
  const file = new Uint8Array(start + bytesEach).fill(0x5a);
  file.set(elf([]).subarray(0, 44));
  file.set(u16(count), 44);
  file.set(headers.flat(), 52);
  return file;
}

describe("files made to hang a programmer", () => {
  test.each([
    { name: "an ELF that claims 65535 segments and has none", file: altered(elfVector, 44, 0xff, 0xff) },
    { name: "an ELF with 65535 segments", file: crowdedElf(65_535, 4, (index) => at + 16 * index) },
    { name: "an ELF with 65534 segments at one address", file: crowdedElf(65_534, 900, () => at) },
    {
      name: "an ELF with 65534 segments, each one byte on",
      file: crowdedElf(65_534, 900, (index) => at + index),
    },
    { name: "an ELF that claims 256 GiB", file: crowdedElf(65_534, 4 * mebibyte, () => at) },
    { name: "an ELF with a segment of 4 GiB", file: altered(elfVector, 68, 0xff, 0xff, 0xff, 0xff) },
    {
      name: "a DfuSe with an element of 4 GiB",
      file: resealed(altered(vectorA(), 289, 0xff, 0xff, 0xff, 0xff)),
    },
    { name: "a DfuSe with 4 G elements", file: resealed(altered(vectorA(), 281, 0xff, 0xff, 0xff, 0xff)) },
    { name: "a DfuSe with 255 targets", file: resealed(altered(vectorA(), 10, 255)) },
    { name: "48 MiB of digits in one line", file: ascii(`:${"0".repeat(48 * mebibyte)}`) },
    { name: "48 MiB of empty lines", file: new Uint8Array(48 * mebibyte).fill(0x0a) },
    { name: "48 MiB of spaces after a record", file: ascii(`${plainHex[0]}${" ".repeat(48 * mebibyte)}x`) },
    { name: "48 MiB of zeros", file: new Uint8Array(48 * mebibyte) },
    { name: "48 MiB of colons", file: new Uint8Array(48 * mebibyte).fill(0x3a) },
  ])("$name is decided within a second", ({ file }) => {
    let parsed: Parsed<Image> | null = null;
    expect(
      elapsed(() => {
        parsed = parseImage(file);
      }),
    ).toBeLessThan(oneSecond);
    expect(parsed).not.toBeNull();
  });

  test("a file gives few remarks, however much there is to remark", () => {
    const starts = Array.from({ length: 1000 }, (_, index) =>
      hexRecord(5, 0, [8, 0, index >> 8, index & 0xff]),
    );
    const wraps = Array.from({ length: 1000 }, () => ":04FFFE0001020304F5");
    const parsed = parseHex(lines(...starts, ":020000021000EC", ...wraps, hexEnd));
    expect(parsed).toMatchObject({
      value: {
        warnings: [
          "3996 bytes in 1998 places, the first at 0x00010000, are set twice, to the same value.",
          "Line 1002 runs over the end of its segment and wraps to its start; some tools go on.",
          "The file names more than one start address; 0x080003E7 is its last.",
        ],
      },
    });
  });

  test("65534 segments one beside the other are read", () => {
    const parsed = parseElf(crowdedElf(65_534, 4, (index) => at + 4 * index));
    expect(parsed).toMatchObject({ ok: true, value: { segments: [{ address: at }] } });
  });
});

/** Too many records to be arguments of `lines`. */
function text(records: readonly string[]): Uint8Array {
  return ascii(`${records.join("\r\n")}\r\n`);
}

/** Intel HEX of 16-byte records from `address` on. */
function hexOf(content: Uint8Array, address: number): string[] {
  const out: string[] = [];
  for (let from = 0; from < content.length; from += 16) {
    const place = address + from;
    if (from === 0 || place % 0x1_0000 === 0) out.push(base(place >>> 16));
    out.push(hexRecord(0, place & 0xffff, [...content.subarray(from, from + 16)]));
  }
  return out;
}

describe("large files", () => {
  const content = Uint8Array.from({ length: 2 * mebibyte }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
  const records = hexOf(content, at);

  test("2 MiB of Intel HEX are read in less than half a second", () => {
    const file = text([...records, hexEnd]);
    let parsed: Parsed<Image> = parseHex(lines(...plainHex));
    const act = (): void => {
      parsed = parseHex(file);
    };
    expect(Math.min(elapsed(act), elapsed(act), elapsed(act))).toBeLessThan(oneSecond / 2);
    expect(parsed).toEqual({
      ok: true,
      value: expect.objectContaining({ segments: [{ address: at, bytes: content }] }),
    });
  });

  test("2 MiB of S-record are read in less than half a second", () => {
    const srec: string[] = [];
    for (let from = 0; from < content.length; from += 16)
      srec.push(sRecord(3, 4, at + from, [...content.subarray(from, from + 16)]));
    const file = text([...srec, "S70508000101F0"]);
    const act = (): Parsed<Image> => parseSrec(file);
    expect(Math.min(elapsed(act), elapsed(act), elapsed(act))).toBeLessThan(oneSecond / 2);
    expect(parseSrec(file)).toMatchObject({ ok: true, value: { segments: [{ address: at }] } });
  });

  test("records in backward order are sorted within a second", () => {
    const pages = Array.from({ length: 8192 }, (_, index) =>
      hexRecord(0, 0xfff8 - 8 * index, [1, 2, 3, 4, 5, 6, 7, 8]),
    );
    const backward = Array.from({ length: 16 }, (_, index) => [base(0x080f - index), ...pages]).flat();
    const file = text([...backward, hexEnd]);
    expect(elapsed(() => parseHex(file))).toBeLessThan(oneSecond);
    expect(parseHex(file)).toMatchObject({ ok: true, value: { segments: [{ address: at }] } });
  });

  test("100 000 records at one address with the same byte are one byte", () => {
    const file = lines(...Array.from({ length: 100_000 }, () => hexRecord(0, 0, [7])), hexEnd);
    expect(elapsed(() => parseHex(file))).toBeLessThan(oneSecond);
    expect(memory(parseHex(file))).toEqual({ "00000000": "07" });
  });

  test("the last of 100 000 records that differs is found within a second", () => {
    const same = Array.from({ length: 100_000 }, () => hexRecord(0, 0, [7]));
    const file = lines(...same, hexRecord(0, 0, [8]), hexEnd);
    expect(elapsed(() => parseHex(file))).toBeLessThan(oneSecond);
    expect(complaintOf(parseHex(file))).toMatchObject({ line: 100_001 });
  });

  test("100 000 single bytes with gaps are refused within a second: no image is so torn", () => {
    const torn = Array.from({ length: 100_000 }, (_, index) =>
      sRecord(3, 4, at + 2 * ((index * 7919) % 100_000), [1]),
    );
    const file = lines(...torn, "S70508000101F0");
    expect(elapsed(() => parseSrec(file))).toBeLessThan(oneSecond);
    expect(complaintOf(parseSrec(file)).message).toContain("separate pieces of memory");
  });
});
