import { describe, expect, test } from "vitest";
import { parseSrec } from "../../../src/image/srec.ts";
import { ascii, complaintOf, imageOf, lines, memory, plainMemory, plainSrec, sRecord } from "./vectors.ts";

const end = "S70508000101F0";
const oneByte = sRecord(3, 4, 0x0800_0000, [0x55]);
const [, fourBytes, twoBytes] = plainSrec;

describe("each record of the table in section 5 means what the sheet says", () => {
  test('S00600004844521B is the header "HDR"', () => {
    expect(imageOf(parseSrec(lines("S00600004844521B", oneByte, end))).warnings).toEqual([
      'The header says "HDR".',
    ]);
  });

  test.each([
    { record: "S10512340102B1", says: "01 02 at 0x1234", gives: { "00001234": "0102" } },
    { record: "S20612345601025A", says: "01 02 at 0x123456", gives: { "00123456": "0102" } },
    {
      record: "S3090800000001020304E4",
      says: "01 02 03 04 at 0x08000000",
      gives: { "08000000": "01020304" },
    },
    { record: "S30708000010AABB7B", says: "AA BB at 0x08000010", gives: { "08000010": "AABB" } },
  ])("$record is $says", ({ record, gives }) => {
    expect(memory(parseSrec(lines(record, end)))).toEqual(gives);
  });

  test.each([
    { record: "S5030002FA", says: "two data records" },
    { record: "S604000002F9", says: "two data records, 24-bit count" },
  ])("$record is $says", ({ record }) => {
    expect(memory(parseSrec(lines(fourBytes, twoBytes, record, end)))).toEqual(plainMemory);
    expect(complaintOf(parseSrec(lines(fourBytes, record, end)))).toEqual({
      line: 2,
      offset: null,
      message: "The file counts 2 data records so far; it has 1.",
    });
  });

  test.each([
    { record: "S70508000101F0", says: "end, start 0x08000101", entry: 0x08000101 },
    { record: "S8041234565F", says: "end, start 0x123456", entry: 0x123456 },
    { record: "S9030000FC", says: "end", entry: null },
  ])("$record is $says", ({ record, entry }) => {
    expect(imageOf(parseSrec(lines(oneByte, record))).entry).toBe(entry);
  });
});

describe("files", () => {
  test("lines 1, 4, 5, 8 of the table give the same image as the plain Intel HEX file", () => {
    const image = imageOf(parseSrec(lines(...plainSrec)));
    expect(memory({ ok: true, value: image })).toEqual(plainMemory);
    expect(image).toMatchObject({ format: "srec", entry: 0x08000101, dfu: null });
  });

  test("S3090800000001020304E5 must fail: a wrong checksum names its line", () => {
    expect(complaintOf(parseSrec(lines("S00600004844521B", "S3090800000001020304E5", end)))).toEqual({
      line: 2,
      offset: null,
      message: "The checksum is 0xE5; the record's bytes give 0xE4.",
    });
  });

  test("widths of address may be mixed, with a warning: no checksum covers the type digit", () => {
    const file = lines(
      sRecord(3, 4, 0x12, [3]),
      sRecord(1, 2, 0x10, [1]),
      sRecord(2, 3, 0x11, [2]),
      "S9030000FC",
    );
    const image = imageOf(parseSrec(file));
    expect(memory({ ok: true, value: image })).toEqual({ "00000010": "010203" });
    expect(image.warnings).toEqual(["The file mixes the records S1 and S2 and S3; look at its addresses."]);
  });

  test("a data record without data is ignored, but counted", () => {
    const file = lines(sRecord(3, 4, 0x0900_0000, []), oneByte, "S5030002FA", end);
    expect(memory(parseSrec(file))).toEqual({ "08000000": "55" });
  });

  test("a count may stand at any place, and counts what came before it", () => {
    const file = lines(fourBytes, sRecord(5, 2, 1, []), twoBytes, sRecord(5, 2, 2, []), end);
    expect(memory(parseSrec(file))).toEqual(plainMemory);
  });

  test("a count of four bytes, as Green Hills writes it, is read", () => {
    expect(memory(parseSrec(lines(fourBytes, twoBytes, sRecord(5, 4, 2, []), end)))).toEqual(plainMemory);
    expect(parseSrec(lines(fourBytes, twoBytes, sRecord(5, 4, 3, []), end)).ok).toBe(false);
  });

  test("a count of more records than fit in its field goes on from zero", () => {
    const records = Array.from({ length: 65_537 }, (_, index) =>
      sRecord(3, 4, 0x0800_0000 + index, [index & 0xff]),
    );
    expect(parseSrec(lines(...records, sRecord(5, 2, 1, []), end)).ok).toBe(true);
    expect(parseSrec(lines(...records, sRecord(6, 3, 65_537, []), end)).ok).toBe(true);
    expect(parseSrec(lines(...records, sRecord(6, 3, 1, []), end)).ok).toBe(false);
  });

  test.each(["\n", "\r\n", "\r"])("%j ends a line", (lineEnd) => {
    expect(memory(parseSrec(ascii(plainSrec.join(lineEnd))))).toEqual(plainMemory);
  });

  test("lower-case digits, blank lines and a closing ^Z are read", () => {
    const file = ascii(`\n${plainSrec.join("\n\n").toLowerCase().replaceAll("s", "S")}\n\x1A`);
    expect(memory(parseSrec(file))).toEqual(plainMemory);
  });
});

describe("headers", () => {
  test.each([
    { name: "only a checksum", record: "S001FE", warnings: [] },
    { name: "one byte of address", record: sRecord(0, 1, 0, []), warnings: [] },
    { name: "no text", record: sRecord(0, 2, 0, []), warnings: [] },
    {
      name: "control characters",
      record: sRecord(0, 2, 0, [0x1b, 0x5b, 0x41, 0x00, 0x0a, 0x42]),
      warnings: ['The header says "[AB".'],
    },
  ])("a header with $name is read", ({ record, warnings }) => {
    expect(imageOf(parseSrec(lines(record, oneByte, end))).warnings).toEqual(warnings);
  });

  test("of a thousand headers the first that has a text is the remark", () => {
    const headers = Array.from({ length: 1000 }, (_, index) => sRecord(0, 2, 0, [0x41 + (index % 26)]));
    const file = lines(sRecord(0, 2, 0, []), ...headers, oneByte, end);
    expect(imageOf(parseSrec(file)).warnings).toEqual(['The header says "A".']);
  });
});

describe("the end", () => {
  test("a missing end record is refused at the last line", () => {
    expect(complaintOf(parseSrec(lines(fourBytes, twoBytes)))).toEqual({
      line: 2,
      offset: null,
      message: "The file stops without an end record: it may have been cut short.",
    });
  });

  test("a missing end record is accepted by the switch, with a warning", () => {
    const image = imageOf(parseSrec(lines(fourBytes, twoBytes), { allowMissingEnd: true }));
    expect(memory({ ok: true, value: image })).toEqual(plainMemory);
    expect(image.warnings).toEqual(["The end record is missing after line 2."]);
  });

  test.each([
    { name: "data", more: twoBytes },
    { name: "a header", more: "S00600004844521B" },
    { name: "a second end record", more: end },
  ])("$name after the end record is refused with its line", ({ more }) => {
    expect(complaintOf(parseSrec(lines(fourBytes, end, more)))).toMatchObject({ line: 3 });
  });
});

describe("records that are not as they must be", () => {
  test.each([
    { name: "the reserved type", record: sRecord(4, 2, 0, []), message: "S4, which is reserved" },
    { name: "a type that is no digit", record: "SX030000FC", message: 'record type is "SX"' },
    {
      name: "a small s",
      record: "s9030000FC",
      message: 'The line begins with "s"; a record begins with "S"',
    },
    { name: "the mark and nothing else", record: "S", message: 'The line has "S" and no record' },
    { name: "a mark and a type", record: "S3", message: "no byte count above zero" },
    { name: "a byte count of zero", record: "S300", message: "no byte count above zero" },
    { name: "fewer bytes than it counts", record: "S30708000010AA7B", message: "counts 7 bytes; it has 6" },
    {
      name: "more bytes than it counts",
      record: "S30708000010AABBCC7B",
      message: "counts 7 bytes; it has 8",
    },
    {
      name: "no room for its address",
      record: sRecord(3, 3, 0x123456, []),
      message: "S3 has 4 bytes of address",
    },
    { name: "an end record with data", record: sRecord(7, 4, 0, [1]), message: "S7 has no data" },
    { name: "a count of one byte", record: sRecord(5, 1, 2, []), message: "S5 has 2 bytes of address" },
    { name: "a count of five bytes", record: sRecord(5, 4, 0, [2]), message: "S5 has no data" },
    { name: "half a byte", record: "S9030000F", message: "half a byte" },
    { name: "a comment", record: "* by hand", message: 'The line begins with "*"' },
    { name: "a leading space", record: " S9030000FC", message: "The line begins with a space" },
  ])("$name is refused with its line", ({ record, message }) => {
    const complaint = complaintOf(parseSrec(lines(oneByte, record, end)));
    expect(complaint).toMatchObject({ line: 2, offset: null });
    expect(complaint.message).toContain(message);
  });

  test("a record that runs past the last address is refused with its line", () => {
    const complaint = complaintOf(parseSrec(lines(oneByte, sRecord(3, 4, 0xffff_ffff, [1, 2]), end)));
    expect(complaint).toMatchObject({ line: 2 });
    expect(complaint.message).toContain("reach beyond the last address");
  });

  test("a file without data is refused, not an empty image", () => {
    expect(complaintOf(parseSrec(lines("S00600004844521B", end)))).toMatchObject({
      line: 2,
      message: "The file has no data record: there is nothing to program.",
    });
  });

  test("an empty file is refused", () => {
    expect(complaintOf(parseSrec(new Uint8Array()))).toMatchObject({
      line: 1,
      message: "The file is empty.",
    });
  });
});
