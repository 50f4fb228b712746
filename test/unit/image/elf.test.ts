import { describe, expect, test } from "vitest";
import { parseElf } from "../../../src/image/elf.ts";
import { altered, complaintOf, elf, elfVector, imageOf, memory, u16, u32 } from "./vectors.ts";

const flash = 0x0800_0000;
const ram = 0x2000_0000;
const firstHeader = 52;

describe("the vector of section 6", () => {
  test("gives six bytes at 08000000 and entry 0x08000101; .bss contributes nothing", () => {
    expect(elfVector).toHaveLength(154);
    const image = imageOf(parseElf(elfVector));
    expect(memory({ ok: true, value: image })).toEqual({ "08000000": "01020304AABB" });
    expect(image).toMatchObject({ format: "elf", entry: 0x08000101, warnings: [], dfu: null });
  });

  test("needs no sections: a segment with bytes is enough", () => {
    expect(memory(parseElf(elf([{ physical: flash, data: [1] }])))).toEqual({ "08000000": "01" });
  });
});

describe("the rules of section 6", () => {
  test(".data goes to its load address in flash, not to its run address in RAM", () => {
    const file = elf([{ physical: flash, virtual: ram, data: [7, 8] }]);
    expect(memory(parseElf(file))).toEqual({ "08000000": "0708" });
  });

  test("only what the file holds of a segment is taken: the rest is zeroed RAM", () => {
    expect(memory(parseElf(elf([{ physical: flash, data: [1], memoryBytes: 100 }])))).toEqual({
      "08000000": "01",
    });
  });

  test("where .bss lies in the file does not matter: it has no bytes there", () => {
    const file = elf([
      { physical: flash, data: [1] },
      { physical: ram, data: [], memoryBytes: 64 },
    ]);
    expect(memory(parseElf(altered(file, firstHeader + 32 + 4, ...u32(0x1_0000))))).toEqual({
      "08000000": "01",
    });
  });

  test("a segment that is not loadable is not taken", () => {
    const file = elf([
      { physical: flash, data: [1] },
      { type: 0x7000_0001, physical: ram, data: [2] },
      { type: 4, physical: 0x1000, data: [3] },
    ]);
    expect(memory(parseElf(file))).toEqual({ "08000000": "01" });
  });

  test("code that is to lie in RAM is told as it is: the caller refuses it as outside flash", () => {
    const file = elf([{ physical: ram, data: [2] }]);
    expect(memory(parseElf(file))).toEqual({ "20000000": "02" });
  });

  test("without any load address, and with several segments, the run addresses are used", () => {
    const image = imageOf(
      parseElf(
        elf([
          { physical: 0, virtual: flash, data: [1] },
          { physical: 0, virtual: flash + 8, data: [2] },
        ]),
      ),
    );
    expect(memory({ ok: true, value: image })).toEqual({ "08000000": "01", "08000008": "02" });
    expect(image.warnings).toEqual(["No segment has a load address; their run addresses are used."]);
  });

  test("a single segment at load address zero stays there", () => {
    expect(memory(parseElf(elf([{ physical: 0, virtual: flash, data: [1] }])))).toEqual({ "00000000": "01" });
  });

  test("one load address that is not zero makes the zeros true", () => {
    const file = elf([
      { physical: 0, virtual: ram, data: [1] },
      { physical: flash, data: [2] },
    ]);
    expect(memory(parseElf(file))).toEqual({ "00000000": "01", "08000000": "02" });
  });

  test("an entry of zero is no entry", () => {
    expect(imageOf(parseElf(elf([{ physical: flash, data: [1] }]))).entry).toBeNull();
  });

  test("a segment that holds the ELF header itself is remarked", () => {
    const file = altered(elf([{ physical: flash, data: [1, 2, 3, 4] }]), firstHeader + 4, ...u32(0));
    expect(imageOf(parseElf(file)).warnings).toEqual([
      "The segment at 0x08000000 holds the header of the ELF file itself.",
    ]);
  });

  test("segments with no byte in the file are a complaint, not an empty image", () => {
    expect(complaintOf(parseElf(elf([{ physical: ram, data: [], memoryBytes: 64 }])))).toEqual({
      line: null,
      offset: 52,
      message: "No segment has bytes in the file: there is nothing to program.",
    });
  });

  test("two segments that differ at one address are refused at the header of the second", () => {
    const file = elf([
      { physical: flash, data: [1, 2] },
      { physical: flash + 1, data: [3] },
    ]);
    expect(complaintOf(parseElf(file))).toEqual({
      line: null,
      offset: firstHeader + 32,
      message: "0x08000001 is set to 0x03 here, and to 0x02 at offset 52.",
    });
  });
});

describe("a file that is not for an STM32 is refused by name", () => {
  test.each([
    { name: "64-bit", at: 4, values: [2], message: "This is a 64-bit ELF file; an STM32 needs 32-bit." },
    { name: "no class", at: 4, values: [0], message: "unknown class 0" },
    { name: "big-endian", at: 5, values: [2], message: "The ELF file is big-endian" },
    { name: "no byte order", at: 5, values: [7], message: "unknown byte order 7" },
    { name: "another version", at: 6, values: [2], message: "The ELF version is 2" },
    { name: "type 0", at: 16, values: u16(0), message: "of no type" },
    { name: "type 1, REL", at: 16, values: u16(1), message: "an object file that is not linked yet" },
    { name: "type 3, DYN", at: 16, values: u16(3), message: "a shared or position-independent file" },
    { name: "type 4, CORE", at: 16, values: u16(4), message: "a core dump" },
    { name: "type 0xFE00", at: 16, values: u16(0xfe00), message: "of the unknown type 65024" },
    { name: "RISC-V", at: 18, values: u16(243), message: "for RISC-V, not for ARM" },
    { name: "AArch64", at: 18, values: u16(183), message: "for AArch64, not for ARM" },
    { name: "x86", at: 18, values: u16(3), message: "for x86, not for ARM" },
    {
      name: "a machine without a name here",
      at: 18,
      values: u16(999),
      message: "for machine 999, not for ARM",
    },
    { name: "no segments", at: 44, values: u16(0), message: "has no segments" },
    { name: "uncounted segments", at: 44, values: u16(0xffff), message: "65535 segments or more" },
    { name: "segment headers of another size", at: 42, values: u16(56), message: "has 56 bytes" },
  ])("$name", ({ at, values, message }) => {
    const complaint = complaintOf(parseElf(altered(elfVector, at, ...values)));
    expect(complaint).toMatchObject({ line: null, offset: at });
    expect(complaint.message).toContain(message);
  });
});

describe("a damaged file is refused with its offset", () => {
  test.each([
    { name: "not an ELF file", file: altered(elfVector, 0, 0x7e), offset: 0, message: "does not begin as" },
    { name: "an empty file", file: new Uint8Array(), offset: 0, message: "The file is empty." },
    { name: "three bytes", file: elfVector.subarray(0, 3), offset: 0, message: "does not begin as" },
    {
      name: "cut in the header",
      file: elfVector.subarray(0, 40),
      offset: 40,
      message: "ends inside the ELF header",
    },
    {
      name: "cut in the segment headers",
      file: elfVector.subarray(0, 147),
      offset: 28,
      message: "end at byte 148",
    },
    {
      name: "cut in the bytes",
      file: elfVector.subarray(0, 153),
      offset: 84,
      message: "end at 154, the file at 153",
    },
    {
      name: "segment headers at 4 GiB",
      file: altered(elfVector, 28, ...u32(0xffff_ffff)),
      offset: 28,
      message: "cut short",
    },
    {
      name: "4 GiB of bytes",
      file: altered(elfVector, firstHeader + 16, ...u32(0xffff_ffff)),
      offset: firstHeader,
      message: "cut short",
    },
    {
      name: "more bytes in the file than in memory",
      file: altered(elfVector, firstHeader + 20, ...u32(1)),
      offset: firstHeader,
      message: "more bytes in the file than in memory",
    },
    {
      name: "bytes past the last address",
      file: elf([{ physical: 0xffff_fffe, data: [1, 2, 3] }]),
      offset: firstHeader,
      message: "reach beyond the last address",
    },
  ])("$name", ({ file, offset, message }) => {
    const complaint = complaintOf(parseElf(file));
    expect(complaint).toMatchObject({ line: null, offset });
    expect(complaint.message).toContain(message);
  });
});
