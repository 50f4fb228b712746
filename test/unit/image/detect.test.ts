import { describe, expect, test } from "vitest";
import { detectFormat, parseImage } from "../../../src/image/detect.ts";
import {
  altered,
  ascii,
  bytes,
  complaintOf,
  elfVector,
  fourBytesDfu,
  imageOf,
  lines,
  memory,
  plainHex,
  plainMemory,
  plainSrec,
  vectorA,
} from "./vectors.ts";

const firmware = bytes("00 00 02 20 C1 01 00 08 3A 02 00 08 53 02 00 08");
const flash = 0x0800_0000;

describe("content decides the format", () => {
  test.each([
    { name: "raw firmware", file: firmware, format: "bin" },
    { name: "one byte", file: bytes("00"), format: "bin" },
    { name: "erased flash", file: new Uint8Array(64).fill(0xff), format: "bin" },
    { name: "a page of text", file: ascii("<html>Sign in: your session is over</html>\n"), format: "bin" },
    {
      name: "words that begin with a capital S",
      file: ascii("Section one\nSafe words\nS: yes\n"),
      format: "bin",
    },
    {
      name: "a raw file whose first byte is a colon by chance",
      file: altered(firmware, 0, 0x3a),
      format: "bin",
    },
    { name: "a raw file that begins S3 by chance", file: altered(firmware, 0, 0x53, 0x33), format: "bin" },
    { name: "DfuSe", file: vectorA(), format: "dfuse" },
    { name: "DfuSe that was cut short", file: vectorA().subarray(0, 100), format: "dfuse" },
    { name: "plain DFU", file: fourBytesDfu, format: "dfu" },
    { name: "plain DFU with a damaged payload", file: altered(fourBytesDfu, 0, 0), format: "dfu" },
    { name: "ELF", file: elfVector, format: "elf" },
    { name: "ELF for another machine", file: altered(elfVector, 18, 243), format: "elf" },
    { name: "Intel HEX", file: lines(...plainHex), format: "hex" },
    { name: "a lone colon", file: ascii(":"), format: "hex" },
    { name: "Intel HEX after blank lines", file: lines("", "", ...plainHex), format: "hex" },
    { name: "Intel HEX after a comment", file: lines("# night build", ...plainHex), format: "hex" },
    {
      name: "Intel HEX with a damaged first mark",
      file: altered(lines(...plainHex), 0, 0x3b),
      format: "hex",
    },
    { name: "Intel HEX with a stray byte", file: altered(lines(...plainHex), 3, 0xff), format: "hex" },
    {
      name: "Intel HEX in UTF-16",
      file: Buffer.from(`\uFEFF${plainHex.join("\n")}`, "utf16le"),
      format: "hex",
    },
    {
      name: "Intel HEX in UTF-16 without a mark",
      file: Buffer.from(plainHex.join("\n"), "utf16le"),
      format: "hex",
    },
    {
      name: "Intel HEX in UTF-16, big-endian",
      file: Buffer.from(plainHex.join("\n"), "utf16le").swap16(),
      format: "hex",
    },
    {
      name: "Intel HEX in UTF-8 with a mark",
      file: Buffer.from(`\uFEFF${plainHex.join("\n")}`),
      format: "hex",
    },
    { name: "S-record", file: lines(...plainSrec), format: "srec" },
    { name: "S-record without a header", file: lines(...plainSrec.slice(1)), format: "srec" },
    { name: "S-record in UTF-16", file: Buffer.from(plainSrec.join("\n"), "utf16le"), format: "srec" },
    {
      name: "S-record with a damaged first mark",
      file: altered(lines(...plainSrec), 0, 0x54),
      format: "srec",
    },
  ])("$name is $format", ({ file, format }) => {
    expect(detectFormat(file)).toBe(format);
  });
});

describe("each format is read by its own parser", () => {
  test.each([
    { name: "Intel HEX", file: lines(...plainHex), gives: plainMemory },
    { name: "S-record", file: lines(...plainSrec), gives: plainMemory },
    { name: "ELF", file: elfVector, gives: { "08000000": "01020304AABB" } },
    { name: "DfuSe", file: vectorA(), gives: { "08000000": "01020304" } },
  ])("$name carries its addresses; a base address beside it is refused", ({ file, gives }) => {
    expect(memory(parseImage(file))).toEqual(gives);
    expect(complaintOf(parseImage(file, { at: flash }))).toEqual({
      line: null,
      offset: null,
      message: "A base address belongs to .bin only; this file carries its own addresses.",
    });
  });

  test("a .bin without a base address is refused", () => {
    expect(complaintOf(parseImage(firmware))).toEqual({
      line: null,
      offset: null,
      message: "A .bin carries no address; it needs a base address.",
    });
  });

  test("a .bin goes to its base address", () => {
    expect(memory(parseImage(firmware.subarray(0, 4), { at: flash }))).toEqual({ "08000000": "00000220" });
  });

  test("a .bin that ends in a valid DFU suffix loses it, with a warning", () => {
    const image = imageOf(parseImage(fourBytesDfu, { at: flash }));
    expect(memory({ ok: true, value: image })).toEqual({ "08000000": "01020304" });
    expect(image.warnings).toEqual(["The file ends in a DFU suffix; its 16 bytes are not programmed."]);
  });

  test("a .bin that ends in a damaged DFU suffix is refused, no switch", () => {
    expect(complaintOf(parseImage(altered(fourBytesDfu, 0, 0xff), { at: flash }))).toMatchObject({
      offset: 16,
    });
  });

  test("a .bin that is plain text is read with a warning: it may be the page of a failed download", () => {
    const page = ascii("<html>Sign in: your session is over</html>\n");
    expect(imageOf(parseImage(page, { at: flash })).warnings).toEqual([
      "The file is plain text, not firmware.",
    ]);
    expect(imageOf(parseImage(firmware, { at: flash })).warnings).toEqual([]);
  });

  test("the switch for a missing end reaches the text formats", () => {
    const hex = lines(...plainHex.slice(0, -1));
    const srec = lines(...plainSrec.slice(0, -1));
    expect([parseImage(hex).ok, parseImage(srec).ok]).toEqual([false, false]);
    expect(memory(parseImage(hex, { allowMissingEnd: true }))).toEqual(plainMemory);
    expect(memory(parseImage(srec, { allowMissingEnd: true }))).toEqual(plainMemory);
  });

  test("a comment before the first record is refused with its line", () => {
    expect(complaintOf(parseImage(lines("# night build", ...plainHex)))).toMatchObject({ line: 1 });
  });

  test("an empty file is refused, with and without a base address", () => {
    for (const options of [{}, { at: flash }])
      expect(complaintOf(parseImage(new Uint8Array(), options))).toEqual({
        line: null,
        offset: 0,
        message: "The file is empty.",
      });
  });
});
