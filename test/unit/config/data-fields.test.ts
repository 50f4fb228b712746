import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadProfile } from "../../../src/cli/order/load-profile.ts";
import { profileChips } from "../../../src/cli/chips.ts";
import { checkProfile } from "../../../src/config/profile-file.ts";
import type { DataField } from "../../../src/model/profile.ts";
import { linesOf } from "./lines.ts";

const head = `profile: p
revision: A
product: { name: Board }
chip: STM32F405
images: [{ file: a.bin, at: 0x08000000 }]
`;
const numbers = `serial: { series: s, format: "S-{n:05}" }
mac: { series: m, first: "02:80:E1:00:10:00", count: 16 }
`;
const text = (fields: readonly string[], more = ""): string =>
  `${head}${more}data:\n${fields.map((field) => `  - { ${field} }\n`).join("")}`;
const check = (field: string, more = ""): string[] =>
  linesOf(checkProfile("p.yaml", text([`name: a, at: 0x0800BF00, ${field}`], more), profileChips));

function fieldOf(rest: string): DataField | undefined {
  const read = checkProfile("p.yaml", text([`name: a, at: 0x0800BF00, ${rest}`], numbers), profileChips);
  if (!read.ok) throw new Error(linesOf(read).join("\n"));
  return read.value.recipe.data[0];
}

describe("a data field that is good", () => {
  test.each([
    ["as: ascii, length: 16, value: x", { kind: "text", as: "ascii", length: 16, value: "x" }],
    ["as: utf16le, length: 16, value: x", { kind: "text", as: "utf16le", length: 16, value: "x" }],
    ['as: bcd, length: 4, value: "0017"', { kind: "text", as: "bcd", length: 4, value: "0017" }],
    ['as: hex, length: 12, value: "{uid}"', { kind: "text", as: "hex", length: 12, value: "{uid}" }],
    ['as: eui48, value: "{mac}"', { kind: "text", as: "eui48", length: 6, value: "{mac}" }],
    ['as: eui48, length: 6, value: "{mac}"', { kind: "text", as: "eui48", length: 6 }],
    ['as: eui64, value: "02:80:E1:FF:FE:00:10:00"', { kind: "text", as: "eui64", length: 8 }],
    ["as: u8, value: 255", { kind: "integer", as: "u8", length: 1, value: "255" }],
    ["as: u16be, value: 0x0203", { kind: "integer", as: "u16be", length: 2, value: "515" }],
    ['as: u32le, value: "{unix}"', { kind: "integer", as: "u32le", length: 4, value: "{unix}" }],
    ['as: u64le, value: "0xFFFFFFFFFFFFFFFF"', { kind: "integer", as: "u64le", length: 8 }],
    [
      "as: crc32, over: [0x08000000, 0x0800BEFF]",
      { kind: "crc", as: "crc32", length: 4, over: [0x0800_0000, 0x0800_beff] },
    ],
    ["as: crc32-stm32, over: [0x08000000, 0x08000000]", { kind: "crc", as: "crc32-stm32", length: 4 }],
  ])("%s", (rest, field) => {
    expect(fieldOf(rest)).toMatchObject({ name: "a", at: 0x0800_bf00, ...field });
  });

  test.each(["n", "n:05", "yyyy", "yy", "mm", "dd", "ww", "unix", "serial", "barcode", "uid", "mac"])(
    "{%s} is a token",
    (token) => {
      expect(fieldOf(`as: ascii, length: 64, value: "<{${token}}>"`)).toMatchObject({
        value: `<{${token}}>`,
      });
    },
  );
});

describe("what a data field may not say", () => {
  const tokens = "{n} {yyyy} {yy} {mm} {dd} {ww} {unix} {serial} {barcode} {uid} {mac}";
  test.each([
    [
      "as: text, length: 4, value: x",
      'p.yaml:7:32: data.0.as: "text" found, one of ascii, utf16le, bcd, hex, eui48, eui64, u8, u16le, u16be, u32le, u32be, u64le, u64be, crc32, crc32-stm32 was expected',
    ],
    [
      "as: asci, length: 4, value: x",
      'p.yaml:7:32: data.0.as: "asci" found, one of ascii, utf16le, bcd, hex, eui48, eui64, u8, u16le, u16be, u32le, u32be, u64le, u64be, crc32, crc32-stm32 was expected; did you mean "ascii"?',
    ],
    ["as: ascii, length: 4", "p.yaml:7:5: data.0: value is missing, it was expected beside as: ascii"],
    ["as: u32le", "p.yaml:7:5: data.0: value is missing, it was expected beside as: u32le"],
    ["as: ascii, value: x", "p.yaml:7:5: data.0: length is missing, it was expected beside as: ascii"],
    ["as: hex, value: x", "p.yaml:7:5: data.0: length is missing, it was expected beside as: hex"],
    [
      "as: ascii, length: 0, value: x",
      "p.yaml:7:43: data.0.length: 0 found, a whole number from 1 to 4096 was expected",
    ],
    [
      "as: ascii, length: 4, value: 0007",
      "p.yaml:7:54: data.0.value: 7 found, text was expected: put it in quotes, which keep the zeros in front",
    ],
    [
      "as: bcd, length: 4, value: 17",
      "p.yaml:7:52: data.0.value: 17 found, text was expected: put it in quotes, which keep the zeros in front",
    ],
    [
      "as: ascii, length: 4, value: -1",
      "p.yaml:7:54: data.0.value: -1 found, text or a whole number from 0 on was expected",
    ],
    ["as: u8, length: 1, value: 1", "p.yaml:7:40: data.0.length: 1 found, u8 has its own length"],
    ['as: eui48, length: 8, value: "{uid}"', "p.yaml:7:43: data.0.length: 8 found, eui48 has 6 bytes"],
    [
      "as: u32le, value: 1, over: [1, 2]",
      "p.yaml:7:53: data.0.over: found beside as: u32le, only a CRC covers a range",
    ],
    [
      "as: ascii, length: 4, value: x, over: [1, 2]",
      "p.yaml:7:64: data.0.over: found beside as: ascii, only a CRC covers a range",
    ],
    [
      'as: ascii, length: 4, value: "{zz}"',
      `p.yaml:7:54: data.0.value: "{zz}" found, unknown token {zz}; there are ${tokens}`,
    ],
    [
      'as: ascii, length: 4, value: "{yy"',
      'p.yaml:7:54: data.0.value: "{yy" found, a "}" was expected behind "{"',
    ],
    [
      'as: ascii, length: 4, value: "{yy:2}"',
      'p.yaml:7:54: data.0.value: "{yy:2}" found, {yy:2} in it: a width such as {n:05} was expected, and beside {n} only',
    ],
    [
      'as: ascii, length: 9, value: "{serial}"',
      'p.yaml:7:54: data.0.value: "{serial}" found, and this profile has no serial block',
    ],
    [
      'as: ascii, length: 9, value: "{n:05}"',
      'p.yaml:7:54: data.0.value: "{n:05}" found, and this profile has no serial block',
    ],
    [
      'as: eui48, value: "{mac}"',
      'p.yaml:7:43: data.0.value: "{mac}" found, and this profile has no mac block',
    ],
    ["as: crc32", 'p.yaml:7:5: data.0: over is missing, "over: [FIRST, LAST]" was expected beside as: crc32'],
    [
      "as: crc32, over: [0x0800BF10, 0x0800BF00]",
      "p.yaml:7:43: data.0.over: 0x0800BF10 to 0x0800BF00 found, the first address was expected to come first",
    ],
    [
      "as: crc32, over: [0x0800BE00]",
      "p.yaml:7:43: data.0.over: 1 entry found, a list of 2 entries was expected",
    ],
    [
      "as: crc32, over: [0x08000000, 0x0800BEFF], value: x",
      "p.yaml:7:75: data.0.value: found beside as: crc32, a CRC is computed and has no value",
    ],
    [
      "as: crc32, over: [0x08000000, 0x0800BEFF], length: 4",
      "p.yaml:7:75: data.0.length: 4 found, crc32 has its own length",
    ],
  ])("%s", (field, line) => {
    expect(check(field)).toEqual([line]);
  });

  test("a name twice", () => {
    const fields = ["name: a, at: 1, as: u8, value: 1", "name: a, at: 2, as: u8, value: 1"];
    expect(linesOf(checkProfile("p.yaml", text(fields), profileChips))).toEqual([
      'p.yaml:8:7: data.1.name: "a" found a second time, each field needs its own name',
    ]);
  });
});

describe("values and places, checked beside the image", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gangflash-fields-"));
    writeFileSync(join(folder, "a.bin"), new Uint8Array(1024).fill(7));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function load(fields: readonly string[], more = numbers): Promise<string[]> {
    const file = join(folder, "p.yaml");
    writeFileSync(file, text(fields, more));
    return linesOf(await loadProfile(file)).map((line) => line.slice(folder.length + 1));
  }
  const one = (rest: string): Promise<string[]> => load([`name: a, at: 0x0800BF00, ${rest}`]);

  test.each([
    ['as: ascii, length: 7, value: "{serial}"', null],
    ['as: ascii, length: 6, value: "{serial}"', '"S-00001" has 7 characters, the field has 6 bytes'],
    ["as: ascii, length: 9, value: Prüfung", '"Prüfung" is not ASCII'],
    ["as: utf16le, length: 14, value: Prüfung", null],
    ["as: utf16le, length: 12, value: Prüfung", '"Prüfung" has 14 bytes in UTF-16, the field has 12 bytes'],
    ['as: bcd, length: 3, value: "{n:04}"', null],
    ['as: bcd, length: 2, value: "{n:04}"', '"99999" has 5 digits, the field has 2 bytes'],
    ['as: bcd, length: 1, value: "{n:03}"', '"001" has 3 digits, the field has 1 bytes'],
    ['as: bcd, length: 4, value: "{serial}"', '"S-00001" is not decimal digits'],
    ['as: hex, length: 2, value: "12:AB"', null],
    ['as: hex, length: 2, value: "12:A"', '"12:A" is not pairs of hex digits'],
    ['as: hex, length: 2, value: "12:AB:CD"', '"12:AB:CD" has 3 bytes, the field has 2 bytes'],
    ['as: hex, length: 12, value: "{uid}"', null],
    ['as: eui48, value: "{mac}"', null],
    ['as: eui64, value: "{mac}"', '"0280e1001000" is not an EUI of 8 bytes'],
    ['as: eui48, value: "02:80:E1"', '"02:80:E1" is not an EUI of 6 bytes'],
    ["as: u8, value: 256", "256 does not fit u8"],
    ['as: u16le, value: "{unix}"', "UNIX does not fit u16le"],
    ['as: u32le, value: "{serial}"', '"S-00001" is not a whole number'],
    ['as: u64be, value: "0x10000000000000000"', "0x10000000000000000 does not fit u64be"],
    ['as: ascii, length: 4, value: "{barcode}"', null],
  ])("%s", async (field, why) => {
    // The moment's date is in it.
    const lines = (await one(field)).map((line) => line.replace(/: [0-9]{10} does/, ": UNIX does"));
    expect(lines).toEqual(why === null ? [] : [`p.yaml:9:5: data.0: ${why}`]);
  });

  test("the last number of a range must fit as well as the first", async () => {
    const more = 'serial: { series: s, format: "S{n}", start: 8, end: 10 }\n';
    const field = 'name: a, at: 0x0800BF00, as: ascii, length: 2, value: "{serial}"';
    expect(await load([field], more)).toEqual([
      'p.yaml:8:5: data.0: "S10" has 3 characters, the field has 2 bytes',
    ]);
    expect(await load([field], more.replace("end: 10", "end: 9"))).toEqual([]);
  });

  const u32 = (name: string, at: string): string => `name: ${name}, at: ${at}, as: u32le, value: 1`;
  test.each<[string, readonly string[], string | null]>([
    ["neighbours", [u32("a", "0x0800BF00"), u32("b", "0x0800BF04")], null],
    [
      "one byte on the other",
      [u32("a", "0x0800BF00"), u32("b", "0x0800BF03")],
      'p.yaml:10:5: data.1: "b" at 0x0800BF03 found, and "a" lies there, 0x0800BF00 to 0x0800BF03',
    ],
    [
      "told at the later one, whatever their order",
      [u32("b", "0x0800BF02"), u32("a", "0x0800BF00")],
      'p.yaml:9:5: data.0: "b" at 0x0800BF02 found, and "a" lies there, 0x0800BF00 to 0x0800BF03',
    ],
    ["over the image, as fields do", [u32("a", "0x08000100")], null],
    ["the last four bytes of the flash", [u32("a", "0x080FFFFC")], null],
    [
      "beyond the flash",
      [u32("a", "0x080FFFFD")],
      "p.yaml:9:5: data.0: needs 0x080FFFFD to 0x08100000, STM32F405 has flash from 0x08000000 to 0x080FFFFF",
    ],
    [
      "in RAM",
      [u32("a", "0x20000000")],
      "p.yaml:9:5: data.0: needs 0x20000000 to 0x20000003, STM32F405 has flash from 0x08000000 to 0x080FFFFF",
    ],
    [
      "a CRC over more than the flash",
      ["name: c, at: 0x0800BF00, as: crc32, over: [0x0800BF04, 0x08100000]"],
      "p.yaml:9:5: data.0: covers 0x0800BF04 to 0x08100000, STM32F405 has flash from 0x08000000 to 0x080FFFFF",
    ],
    [
      "a CRC over itself",
      ["name: c, at: 0x0800BF00, as: crc32, over: [0x08000000, 0x0800BF00]"],
      'p.yaml:9:5: data.0: "c" covers itself',
    ],
    [
      "a CRC over one above it",
      [
        "name: c, at: 0x0800BF00, as: crc32, over: [0x08000000, 0x080003FF]",
        "name: d, at: 0x0800BF04, as: crc32, over: [0x0800BF00, 0x0800BF03]",
      ],
      null,
    ],
    [
      "a CRC over one below it",
      [
        "name: d, at: 0x0800BF04, as: crc32, over: [0x0800BF00, 0x0800BF03]",
        "name: c, at: 0x0800BF00, as: crc32, over: [0x08000000, 0x080003FF]",
      ],
      'p.yaml:9:5: data.0: "d" covers "c", which was expected above it: it is computed first',
    ],
  ])("%s", async (_what, fields, line) => {
    expect(await load(fields)).toEqual(line === null ? [] : [line]);
  });
});
