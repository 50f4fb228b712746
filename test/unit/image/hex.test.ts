import { describe, expect, test } from "vitest";
import { parseHex } from "../../../src/image/hex.ts";
import {
  ascii,
  base,
  complaintOf,
  hexEnd,
  hexRecord,
  imageOf,
  lines,
  memory,
  plainHex,
  plainMemory,
} from "./vectors.ts";

const oneByte = hexRecord(0, 0, [0x55]);
const [linear, fourBytes, twoBytes] = plainHex;

describe("each record of section 4.2 means what the sheet says", () => {
  test.each([
    { record: ":020000040800F2", says: "base 0x08000000", at: "08000000" },
    { record: ":020000040801F1", says: "base 0x08010000", at: "08010000" },
    { record: ":020000041FFFDC", says: "base 0x1FFF0000", at: "1FFF0000" },
    { record: ":020000042000DA", says: "base 0x20000000", at: "20000000" },
    { record: ":020000021000EC", says: "segment base 0x10000", at: "00010000" },
  ])("$record is $says", ({ record, at }) => {
    expect(memory(parseHex(lines(record, oneByte, hexEnd)))).toEqual({ [at]: "55" });
  });

  test.each([
    { record: ":0400000001020304F2", says: "4 bytes at +0", gives: { "00000000": "01020304" } },
    { record: ":020004000506EF", says: "2 bytes at +4", gives: { "00000004": "0506" } },
    { record: ":02001000AABB89", says: "2 bytes at +0x10", gives: { "00000010": "AABB" } },
    { record: ":02C00000FFAA95", says: "option-byte style, at +0xC000", gives: { "0000C000": "FFAA" } },
    {
      record: ":100000000102030405060708090A0B0C0D0E0F1068",
      says: "16 bytes",
      gives: { "00000000": "0102030405060708090A0B0C0D0E0F10" },
    },
    {
      record: ":04FFFE0001020304F5",
      says: "crosses a 64 KiB boundary",
      gives: { "0000FFFE": "01020304" },
    },
  ])("$record is $says", ({ record, gives }) => {
    expect(memory(parseHex(lines(record, hexEnd)))).toEqual(gives);
  });

  test(":020004000506EF is contiguous with the four bytes before it", () => {
    const file = lines(":0400000001020304F2", ":020004000506EF", hexEnd);
    expect(memory(parseHex(file))).toEqual({ "00000000": "010203040506" });
  });

  test.each([
    { record: ":0400000508000101ED", says: "start linear 0x08000101", entry: 0x08000101 },
    { record: ":04000003123400565D", says: "start segment 1234:0056", entry: 0x12396 },
    { record: ":00001000F0", says: "a zero-length data record, legal and ignored", entry: null },
  ])("$record is $says", ({ record, entry }) => {
    const image = imageOf(parseHex(lines(record, oneByte, hexEnd)));
    expect(image.entry).toBe(entry);
    expect(memory({ ok: true, value: image })).toEqual({ "00000000": "55" });
  });

  test(":00000001FF is the end", () => {
    expect(parseHex(lines(oneByte, hexEnd)).ok).toBe(true);
    expect(parseHex(lines(oneByte)).ok).toBe(false);
  });
});

describe("the derived cases of section 4.2", () => {
  test("Plain file", () => {
    const image = imageOf(parseHex(lines(...plainHex)));
    expect(memory({ ok: true, value: image })).toEqual(plainMemory);
    expect(image).toMatchObject({ format: "hex", entry: null, warnings: [], dfu: null });
  });

  test("Overlap, different: 08000002 is set to 03 04 and then AA BB", () => {
    expect(complaintOf(parseHex(lines(linear, fourBytes, ":02000200AABB97", hexEnd)))).toEqual({
      line: 3,
      offset: null,
      message: "0x08000002 is set to 0xAA here, and to 0x03 at line 2.",
    });
  });

  test("Overlap, same", () => {
    const image = imageOf(parseHex(lines(linear, fourBytes, ":020002000304F5", hexEnd)));
    expect(memory({ ok: true, value: image })).toEqual({ "08000000": "01020304" });
    expect(image.warnings).toEqual(["2 bytes at 0x08000002 are set twice, to the same value."]);
  });

  test("64 KiB crossing, linear: 8 bytes at 0800FFF8 and 8 at 08010000", () => {
    const file = lines(linear, ":10FFF800000102030405060708090A0B0C0D0E0F81", hexEnd);
    expect(memory(parseHex(file))).toEqual({ "0800FFF8": "000102030405060708090A0B0C0D0E0F" });
  });

  test("64 KiB crossing, segmented: 01 02 at 0x1FFFE and 03 04 at 0x10000", () => {
    const image = imageOf(parseHex(lines(":020000021000EC", ":04FFFE0001020304F5", hexEnd)));
    expect(memory({ ok: true, value: image })).toEqual({ "00010000": "0304", "0001FFFE": "0102" });
    expect(image.warnings).toEqual([
      "Line 2 runs over the end of its segment and wraps to its start; some tools go on.",
    ]);
  });

  test("Bad checksum: it names its line", () => {
    expect(complaintOf(parseHex(lines(linear, ":0400000001020304F3", hexEnd)))).toEqual({
      line: 2,
      offset: null,
      message: "The checksum is 0xF3; the record's bytes give 0xF2.",
    });
  });

  test("Length mismatch", () => {
    expect(complaintOf(parseHex(lines(":0300000001020A", hexEnd)))).toEqual({
      line: 1,
      offset: null,
      message: "The record says 3 data bytes; it has 2.",
    });
  });

  test.each([
    {
      name: "Split record",
      file: [linear, ":040000000102", "0304F2", hexEnd],
      message: "The record says 4 data bytes; it has 1.",
    },
    {
      name: "Comment line",
      file: [linear, "# built by the night job", ...plainHex],
      message: 'The line begins with "#"; a record begins with ":".',
    },
    {
      name: "Leading space",
      file: [linear, ` ${fourBytes}`, hexEnd],
      message: 'The line begins with a space; a record begins with ":".',
    },
  ])("$name is refused with its line", ({ file, message }) => {
    expect(complaintOf(parseHex(lines(...file)))).toEqual({ line: 2, offset: null, message });
  });
});

describe("bases", () => {
  test("a linear base replaces a segment base and the other way round: they never add", () => {
    const segment = hexRecord(2, 0, [0x10, 0x00]);
    const file = lines(base(0x0800), segment, oneByte, base(0x0800), hexRecord(0, 0, [0x66]), hexEnd);
    expect(memory(parseHex(file))).toEqual({ "00010000": "55", "08000000": "66" });
  });

  test("after a linear base a record no longer wraps at 64 KiB", () => {
    const file = lines(":020000021000EC", base(0x0800), ":04FFFE0001020304F5", hexEnd);
    expect(memory(parseHex(file))).toEqual({ "0800FFFE": "01020304" });
  });

  test("the last byte of the address space can be set", () => {
    const file = lines(base(0xffff), hexRecord(0, 0xffff, [1]), hexEnd);
    expect(memory(parseHex(file))).toEqual({ FFFFFFFF: "01" });
  });

  test("a record that runs past the last address is refused with its line", () => {
    const file = lines(base(0xffff), hexRecord(0, 0xffff, [1, 2]), hexEnd);
    expect(complaintOf(parseHex(file))).toEqual({
      line: 2,
      offset: null,
      message: "2 bytes at 0xFFFFFFFF reach beyond the last address, 0xFFFFFFFF.",
    });
  });

  test("records in descending order are sorted and joined", () => {
    const file = lines(hexRecord(0, 4, [3]), hexRecord(0, 3, [2]), hexRecord(0, 2, [1]), hexEnd);
    expect(memory(parseHex(file))).toEqual({ "00000002": "010203" });
  });
});

describe("records that are not as they must be", () => {
  test.each([
    { name: "an unknown type", record: hexRecord(6, 0, []), message: "record type is 0x06" },
    { name: "an end record with data", record: hexRecord(1, 0, [1]), message: "type 01 has 0 data bytes" },
    { name: "a segment base of one byte", record: hexRecord(2, 0, [1]), message: "type 02 has 2 data bytes" },
    {
      name: "a segment start of 2 bytes",
      record: hexRecord(3, 0, [1, 2]),
      message: "type 03 has 4 data bytes",
    },
    {
      name: "a linear base of 4 bytes",
      record: hexRecord(4, 0, [1, 2, 3, 4]),
      message: "type 04 has 2 data bytes",
    },
    {
      name: "a linear start of 5 bytes",
      record: hexRecord(5, 0, [1, 2, 3, 4, 5]),
      message: "type 05 has 4 data bytes",
    },
    {
      name: "a base with an address",
      record: hexRecord(4, 0x10, [8, 0]),
      message: "type 04 has address 0000",
    },
    { name: "a mark and nothing else", record: ":", message: "has 0 bytes of at least 5" },
    { name: "a record too short for its frame", record: ":00000000", message: "has 4 bytes of at least 5" },
    { name: "half a byte", record: ":0100000055A", message: "half a byte" },
    { name: "a letter that is no digit", record: ":01000000G5AA", message: 'Column 10 holds "G"' },
    { name: "a letter that is no second digit", record: ":010000005GAA", message: 'Column 11 holds "G"' },
    {
      name: "a segment base with an address",
      record: hexRecord(2, 1, [8, 0]),
      message: "type 02 has address 0000",
    },
    {
      name: "a start with an address",
      record: hexRecord(5, 1, [8, 0, 0, 0]),
      message: "type 05 has address 0000",
    },
    { name: "a space inside", record: ":01 000055AA", message: "Column 4 holds a space" },
    { name: "a control character", record: ":0100\x07055AA", message: "Column 6 holds the byte 0x07" },
    { name: "a byte above ASCII", record: ":0100\xE4055AA", message: "Column 6 holds the byte 0xE4" },
    { name: "two records in one line", record: `${oneByte}${oneByte}`, message: 'Column 14 holds ":"' },
    { name: "more than it says", record: ":010000005566AA", message: "says 1 data byte; it has 2" },
    { name: "an endless line", record: `:${"00".repeat(300)}`, message: "more than any record" },
    { name: "text before the mark", record: `x${oneByte}`, message: 'The line begins with "x"' },
  ])("$name is refused with its line", ({ record, message }) => {
    const complaint = complaintOf(parseHex(lines(oneByte, "", record, hexEnd)));
    expect(complaint).toMatchObject({ line: 3, offset: null });
    expect(complaint.message).toContain(message);
  });

  test("a file without data is refused, not an empty image", () => {
    expect(complaintOf(parseHex(lines(base(0x0800), ":00001000F0", hexEnd)))).toEqual({
      line: 3,
      offset: null,
      message: "The file has no data record: there is nothing to program.",
    });
  });

  test("an empty file is refused", () => {
    expect(complaintOf(parseHex(new Uint8Array()))).toMatchObject({ line: 1, message: "The file is empty." });
  });
});

describe("lines", () => {
  test.each([
    { name: "LF", end: "\n" },
    { name: "CR and LF", end: "\r\n" },
    { name: "CR only", end: "\r" },
  ])("$name ends a line, and lines are counted by it", ({ end }) => {
    expect(memory(parseHex(ascii(plainHex.join(end) + end)))).toEqual(plainMemory);
    const broken = ascii([linear, fourBytes, ":02001000AABB88", hexEnd].join(end));
    expect(complaintOf(parseHex(broken)).line).toBe(3);
  });

  test("the last line needs no end of line", () => {
    expect(memory(parseHex(ascii(plainHex.join("\n"))))).toEqual(plainMemory);
  });

  test("lower case is read", () => {
    expect(memory(parseHex(ascii(plainHex.join("\n").toLowerCase())))).toEqual(plainMemory);
  });

  test("blank lines are nothing, but they count", () => {
    expect(memory(parseHex(lines("", linear, "", "  \t", fourBytes, "", twoBytes, hexEnd, "", "")))).toEqual(
      plainMemory,
    );
    expect(complaintOf(parseHex(lines("", "", linear, "", "!", hexEnd))).line).toBe(5);
  });

  test("spaces at the end of a line are nothing", () => {
    expect(memory(parseHex(ascii(plainHex.join("  \t\n"))))).toEqual(plainMemory);
  });

  test.each(["\x1A", "\r\n\x1A", "\x1A\x1A\x1A\r\n"])("a ^Z may close the file (%j)", (tail) => {
    expect(memory(parseHex(ascii(plainHex.join("\r\n") + tail)))).toEqual(plainMemory);
  });

  test("a ^Z in the middle is refused", () => {
    const file = ascii(`${linear}\n\x1A\n${fourBytes}\n${hexEnd}\n`);
    expect(complaintOf(parseHex(file))).toMatchObject({ line: 2 });
  });

  test.each([
    { name: "little-endian with its mark", file: Buffer.from(`\uFEFF${plainHex.join("\n")}`, "utf16le") },
    { name: "little-endian", file: Buffer.from(plainHex.join("\n"), "utf16le") },
    {
      name: "big-endian with its mark",
      file: Buffer.from(`\uFEFF${plainHex.join("\n")}`, "utf16le").swap16(),
    },
    { name: "big-endian", file: Buffer.from(plainHex.join("\n"), "utf16le").swap16() },
  ])("UTF-16, $name, is named as such", ({ file }) => {
    expect(complaintOf(parseHex(file))).toEqual({
      line: 1,
      offset: null,
      message: "The text is UTF-16; a file of records is plain ASCII.",
    });
  });

  test("a UTF-8 byte order mark is named as such", () => {
    const complaint = complaintOf(parseHex(Buffer.from(`\uFEFF${plainHex.join("\n")}`, "utf8")));
    expect(complaint.message).toContain("UTF-8 byte order mark");
  });
});

describe("the end and the start", () => {
  test("a missing end record is refused at the last line", () => {
    expect(complaintOf(parseHex(lines(linear, fourBytes)))).toEqual({
      line: 2,
      offset: null,
      message: "The file stops without an end record: it may have been cut short.",
    });
  });

  test("a missing end record is accepted by the switch, with a warning", () => {
    const image = imageOf(parseHex(lines(linear, fourBytes, twoBytes), { allowMissingEnd: true }));
    expect(memory({ ok: true, value: image })).toEqual(plainMemory);
    expect(image.warnings).toEqual(["The end record is missing after line 3."]);
  });

  test("the switch does not accept half a record", () => {
    const file = ascii(`${linear}\n${fourBytes.slice(0, -4)}`);
    expect(complaintOf(parseHex(file, { allowMissingEnd: true })).line).toBe(2);
  });

  test.each([
    { name: "data", more: twoBytes },
    { name: "a second end record", more: hexEnd },
    { name: "a text", more: "; end" },
  ])("$name after the end record is refused with its line", ({ more }) => {
    expect(complaintOf(parseHex(lines(linear, fourBytes, hexEnd, "", more)))).toEqual({
      line: 5,
      offset: null,
      message: "Something follows the end record, which closes the file.",
    });
  });

  test("a very old end record gives the start address", () => {
    expect(imageOf(parseHex(lines(oneByte, hexRecord(1, 0x0100, [])))).entry).toBe(0x0100);
  });

  test("of two start addresses the last is kept, with a warning", () => {
    const image = imageOf(
      parseHex(lines(":0400000508000101ED", hexRecord(5, 0, [8, 0, 2, 1]), oneByte, hexEnd)),
    );
    expect(image.entry).toBe(0x08000201);
    expect(image.warnings).toEqual(["The file names more than one start address; 0x08000201 is its last."]);
  });
});
