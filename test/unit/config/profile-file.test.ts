import { profileHash } from "../../../src/model/profile-hash.ts";
import { describe, expect, test } from "vitest";
import { profileChips } from "../../../src/cli/chips.ts";
import type { Checked } from "../../../src/config/issue.ts";
import { checkProfile, type ProfileFile } from "../../../src/config/profile-file.ts";
import { linesOf } from "./lines.ts";

const text = (over: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    profile: "vesc",
    revision: "A",
    product: "{ name: Board }",
    chip: "STM32F405",
    images: "[{ file: a.hex }]",
    ...over,
  })
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
const read = (over: Readonly<Record<string, string>> = {}): Checked<ProfileFile> =>
  checkProfile("p.yaml", text(over), profileChips);
const recipe = (over: Readonly<Record<string, string>> = {}): ProfileFile["recipe"] => {
  const checked = read(over);
  if (!checked.ok) throw new Error(linesOf(checked).join("\n"));
  return checked.value.recipe;
};

describe("a profile file that is good", () => {
  test("needs five keys; the rest is as the contract says", () => {
    expect(recipe()).toEqual({
      name: "vesc",
      revision: "A",
      product: { name: "Board", part: null },
      chip: { name: "STM32F405", kind: "line", productIds: [0x413], flashKiB: { least: 512, most: 1024 } },
      serial: null,
      mac: null,
      data: [],
      entry: { kind: "none" },
      optionBytes: new Map(),
      irreversible: [],
      onProtected: "refuse",
      erase: "needed",
      verify: "readback",
      after: "run",
      barcode: null,
      firstArticle: false,
      limit: null,
      from: null,
      until: null,
    });
  });

  test("a line accepts each product id that it was made with", () => {
    expect(recipe({ chip: "STM32F103" }).chip.productIds.length).toBeGreaterThan(2);
    expect(recipe({ chip: "stm32f405rgt6" }).chip).toMatchObject({ name: "STM32F405RG", kind: "part" });
  });

  test("a serial number begins at 1 and goes as far as its digits, unless the file says less", () => {
    expect(recipe({ serial: '{ series: s, format: "V-{n:03}" }' }).serial).toMatchObject({
      start: 1,
      end: 999,
      policy: "consume-on-success",
    });
    expect(recipe({ serial: '{ series: s, format: "V-{n}" }' }).serial).toMatchObject({
      start: 1,
      end: null,
    });
    expect(recipe({ serial: '{ series: s, format: "V-{n:03}", start: 0, end: 0 }' }).serial).toMatchObject({
      start: 0,
      end: 0,
    });
  });

  test.each([
    ["02:80:E1:00:10:00", 6, 0x0280_e100_1000n],
    ["02-80-e1-00-10-00", 6, 0x0280_e100_1000n],
    ["0280E1001000", 6, 0x0280_e100_1000n],
    ["02:80:E1:FF:FE:00:10:00", 8, 0x0280_e1ff_fe00_1000n],
  ])("%s begins a block of addresses", (first, bytes, value) => {
    expect(recipe({ mac: `{ series: m, first: "${first}", count: 16 }` }).mac).toEqual({
      series: "m",
      bytes,
      first: value,
      count: 16,
    });
  });

  test("the last block that there is room for is taken whole", () => {
    expect(recipe({ mac: '{ series: m, first: "FF:FF:FF:FF:FF:FE", count: 2 }' }).mac?.count).toBe(2);
  });

  test("an option byte is known by its other names too", () => {
    expect([...recipe({ optionBytes: "{ IWDG_SW: 0, RDP: 0xAA }" }).optionBytes]).toEqual([
      ["WDG_SW", 0],
      ["RDP", 0xaa],
    ]);
  });

  test("level 2 passes with its word; the release is asked for later", () => {
    const { optionBytes, irreversible } = recipe({
      optionBytes: "{ RDP: 0xCC }",
      irreversible: "[RDP_LEVEL_2]",
    });
    expect([...optionBytes]).toEqual([["RDP", 0xcc]]);
    expect(irreversible).toEqual(["RDP_LEVEL_2"]);
  });

  test("a barcode pattern is a regular expression of Unicode", () => {
    expect(recipe({ barcode: String.raw`"^\\p{Lu}+$"` }).barcode?.test("ÄÖ")).toBe(true);
  });
});

const serial = (rest: string): Record<string, string> => ({ serial: `{ series: s, ${rest} }` });
const mac = (rest: string): Record<string, string> => ({ mac: `{ series: m, ${rest} }` });
const options = (rest: string): Record<string, string> => ({ optionBytes: `{ ${rest} }` });
const tokens = "{n} {yyyy} {yy} {mm} {dd} {ww} {unix} {serial} {barcode} {uid} {mac}";

test("a profile says how its product is asked for its loader, but no place", () => {
  expect(recipe({ entry: "{ by: touch }" }).entry).toEqual({ kind: "touch", baud: 1200, serial: null });
  expect(linesOf(read({ entry: '{ by: touch, serial: "uart:COM3" }' }))).toEqual([
    expect.stringContaining("entry.serial: unknown key, "),
  ]);
});

describe("what a profile file may not say", () => {
  test.each<[string, Record<string, string>, string]>([
    [
      "a chip with a letter for a digit",
      { chip: "STM32F4O5" },
      'p.yaml:4:1: chip: "STM32F4O5" found, no such chip is known, did you mean "STM32F405"?',
    ],
    [
      "another maker's chip",
      { chip: "ESP32" },
      'p.yaml:4:1: chip: "ESP32" found, no such chip is known, a part such as STM32F405RG or a line such as STM32F405 was expected',
    ],
    [
      "a name that is a path",
      { profile: "../p" },
      'p.yaml:1:1: profile: "../p" found, 1 to 40 letters, digits, dots, dashes or _ were expected, a letter or digit first',
    ],
    [
      "a revision without quotes",
      { revision: "1.0" },
      "p.yaml:2:1: revision: 1.0 found, text was expected: put it in quotes",
    ],
    [
      "a revision that steers a terminal",
      { revision: '"A\\e[31m"' },
      'p.yaml:2:1: revision: "A[31m" found, visible characters in one line were expected',
    ],
    [
      "a part number without quotes",
      { product: "{ name: B, part: 1000060 }" },
      "p.yaml:3:21: product.part: 1000060 found, text was expected: put it in quotes",
    ],
    [
      "a hash in capitals",
      { images: `[{ file: a, sha256: ${"A".repeat(64)} }]` },
      `p.yaml:5:21: images.0.sha256: "${"A".repeat(60)}~" found, 64 lower-case hex digits were expected`,
    ],
    [
      "a format without a number",
      serial('format: "T"'),
      'p.yaml:6:22: serial.format: "T" found, a number such as {n:05} was expected in it',
    ],
    [
      "a brace that stays open",
      serial('format: "{n"'),
      'p.yaml:6:22: serial.format: "{n" found, a "}" was expected behind "{"',
    ],
    [
      "a brace that was never open",
      serial('format: "n}"'),
      'p.yaml:6:22: serial.format: "n}" found, a "{" was expected before "}"',
    ],
    [
      "a token that is none",
      serial('format: "{x}"'),
      `p.yaml:6:22: serial.format: "{x}" found, unknown token {x}; there are ${tokens}`,
    ],
    [
      "a width that is none",
      serial('format: "{n:5x}"'),
      'p.yaml:6:22: serial.format: "{n:5x}" found, {n:5x} in it: a width such as {n:05} was expected, and beside {n} only',
    ],
    [
      "a width of a year",
      serial('format: "{yy:02}{n}"'),
      'p.yaml:6:22: serial.format: "{yy:02}{n}" found, {yy:02} in it: a width such as {n:05} was expected, and beside {n} only',
    ],
    [
      "a number made of itself",
      serial('format: "{serial}{n}"'),
      "p.yaml:6:22: serial.format: {serial} found, it is not known yet when a number is given",
    ],
    [
      "a number made of the chip",
      serial('format: "{uid}{n}"'),
      "p.yaml:6:22: serial.format: {uid} found, it is not known yet when a number is given",
    ],
    [
      "a start beyond the digits",
      serial('format: "{n:03}", start: 1000'),
      "p.yaml:6:40: serial.start: 1000 found, at most 999 was expected: there the range ends",
    ],
    [
      "an end before the start",
      serial('format: "{n:03}", start: 5, end: 4'),
      "p.yaml:6:40: serial.start: 5 found, at most 4 was expected: there the range ends",
    ],
    [
      "an end beyond the digits",
      serial('format: "{n:03}", end: 1000'),
      "p.yaml:6:40: serial.end: 1000 found, at most 999 was expected: the format has no more digits",
    ],
    [
      "a policy that is none",
      serial('format: "{n:03}", policy: burn-on-fail'),
      'p.yaml:6:40: serial.policy: "burn-on-fail" found, one of consume-on-success, burn-on-failure, keep-existing was expected; did you mean "burn-on-failure"?',
    ],
    [
      "keep-existing without a field to look at",
      serial('format: "{n:03}", policy: keep-existing'),
      'p.yaml:6:40: serial.policy: keep-existing found, a data field with as: ascii and value: "{serial}" was expected: a number is looked for there',
    ],
    [
      "half an address",
      mac('first: "02:80", count: 1'),
      'p.yaml:6:19: mac.first: "02:80" found, an EUI-48 or EUI-64 such as 02:80:E1:00:10:00 was expected',
    ],
    [
      "an address that YAML takes for a number",
      mac("first: 0280E1001000, count: 1"),
      "p.yaml:6:19: mac.first: 0280E1001000 found, text was expected: put it in quotes",
    ],
    [
      "a block beyond all addresses",
      mac('first: "FF:FF:FF:FF:FF:FE", count: 3'),
      "p.yaml:6:47: mac.count: 3 found, at most 2 was expected: there all addresses end",
    ],
    [
      "an unknown option byte",
      options("BOR_LVL: 1"),
      'p.yaml:6:16: optionBytes.BOR_LVL: unknown option byte, did you mean "BOR_LEV"?',
    ],
    [
      "an option byte of nothing near",
      options("ZZ: 1"),
      "p.yaml:6:16: optionBytes.ZZ: unknown option byte, known on this chip: BOR_LEV, WDG_SW, nRST_STOP, nRST_STDBY, RDP, nWRP",
    ],
    [
      "a level of two bits",
      options("BOR_LEV: 4"),
      "p.yaml:6:16: optionBytes.BOR_LEV: 4 found, 0 to 3 was expected (2 bits)",
    ],
    [
      "a flag of one bit",
      options("WDG_SW: 2"),
      "p.yaml:6:16: optionBytes.WDG_SW: 2 found, 0 to 1 was expected (1 bit)",
    ],
    [
      "a byte of nine bits",
      options("RDP: 0x100"),
      "p.yaml:6:16: optionBytes.RDP: 0x100 found, 0 to 0xFF was expected (8 bits)",
    ],
    [
      "one option under two names",
      options("WDG_SW: 1, IWDG_SW: 1"),
      "p.yaml:6:27: optionBytes.IWDG_SW: found, and WDG_SW is the same option under another name",
    ],
    [
      "level 2 without its word",
      options("RDP: 0xCC"),
      'p.yaml:6:16: optionBytes.RDP: 0xCC found: level 2 can never be undone, "irreversible: [RDP_LEVEL_2]" was expected in this profile',
    ],
    [
      "a word for ever that is none",
      { irreversible: "[RDP_LEVEL_1]" },
      'p.yaml:6:16: irreversible.0: "RDP_LEVEL_1" found, "RDP_LEVEL_2" was expected; did you mean "RDP_LEVEL_2"?',
    ],
    [
      "a barcode that is no pattern",
      { barcode: '"["' },
      'p.yaml:6:1: barcode: "[" found, a regular expression such as ^UNIT-[0-9]{4}$ was expected',
    ],
    [
      "a barcode pattern that takes a command card, too",
      { barcode: '"^[A-Z0-9:]+$"' },
      'p.yaml:6:1: barcode: "^[A-Z0-9:]+$" found, it also matches GF:ENTER, a command card: a pattern of the product\'s labels alone was expected',
    ],
    [
      "an empty barcode pattern",
      { barcode: '""' },
      'p.yaml:6:1: barcode: "" found, text of 1 to 200 characters was expected',
    ],
    [
      "an end of the job that is none",
      { after: "go" },
      'p.yaml:6:1: after: "go" found, one of run, reset, stay was expected',
    ],
    [
      "a pattern that one scan would keep busy for years",
      { barcode: '"^(A+)+$"' },
      'p.yaml:6:1: barcode: "^(A+)+$" found, a code that does not match may hold it up for ever: no repetition in a repeated group, as in (a+)+, was expected',
    ],
    [
      "a key of another name",
      { optinBytes: "{}" },
      'p.yaml:6:1: optinBytes: unknown key, did you mean "optionBytes"?',
    ],
  ])("%s", (_what, over, line) => {
    expect(linesOf(read(over))).toEqual([line]);
  });

  test("one series for serial numbers and addresses", () => {
    expect(
      linesOf(read({ ...serial('format: "{n}"'), mac: '{ series: s, first: "0280E1001000", count: 1 }' })),
    ).toEqual([
      'p.yaml:7:8: mac.series: "s" found, serial has that series already, another one was expected',
    ]);
  });

  test("a number block with a mistake in it is told once, and not at each field that uses it", () => {
    const data = '[{ name: s, at: 0x08000000, as: ascii, length: 9, value: "{serial}" }]';
    expect(linesOf(read({ ...serial('format: "T"'), data }))).toEqual([
      'p.yaml:6:22: serial.format: "T" found, a number such as {n:05} was expected in it',
    ]);
  });

  test("an unknown chip does not hide the other mistakes", () => {
    expect(linesOf(read({ chip: "ESP32", barcode: '"["' }))).toHaveLength(2);
  });
});

describe("the hash that a release freezes", () => {
  test("is of the text and of each image, in their order", () => {
    const hash = profileHash("text", ["aa", "bb"]);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(profileHash("text", ["aa", "bb"])).toBe(hash);
    for (const [other, images] of [
      ["text ", ["aa", "bb"]],
      ["text", ["bb", "aa"]],
      ["text", ["aa"]],
      ["text", ["aab", "b"]],
    ] as const)
      expect(profileHash(other, images)).not.toBe(hash);
  });
});
