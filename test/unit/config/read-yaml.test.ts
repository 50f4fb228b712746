import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { checkYaml, readYaml } from "../../../src/config/read-yaml.ts";
import { address, plainName, shownText } from "../../../src/config/schema-pieces.ts";
import { linesOf } from "./lines.ts";

/** Every kind of key that our definitions are made of. */
const schema = z.strictObject({
  name: shownText(10),
  series: plainName.optional(),
  kind: z.literal("batch").optional(),
  mode: z.enum(["needed", "all"]).default("needed"),
  rate: z.int().min(1200).max(4000).default(1200),
  number: z.int().min(0).optional(),
  at: address.optional(),
  volts: z.number().min(1.6).max(5.5).optional(),
  least: z.number().min(1).optional(),
  flag: z.boolean().optional(),
  list: z
    .array(z.enum(["a", "b"]))
    .max(2)
    .optional(),
  some: z
    .array(z.strictObject({ slot: z.string(), baud: z.int().optional() }))
    .min(1)
    .max(3)
    .optional(),
  pair: z.tuple([address, address]).optional(),
  value: z.union([z.string(), z.int().min(0)]).optional(),
  bits: z.record(z.string(), z.int().min(0).max(255)).optional(),
  block: z.strictObject({ inner: z.string() }).optional(),
});

const check = (text: string): string[] => linesOf(checkYaml("f.yaml", text, schema));

describe("a mistake has its line, its column and its key", () => {
  test.each([
    [
      "of a key at the top",
      "name: a\nmode: al\n",
      'f.yaml:2:1: mode: "al" found, one of needed, all was expected; did you mean "all"?',
    ],
    [
      "of a key in a block",
      "name: a\nblock:\n  inner: 5\n",
      "f.yaml:3:3: block.inner: 5 found, text was expected: put it in quotes",
    ],
    [
      "of a key in braces",
      "name: a\nblock: { inner: 5 }\n",
      "f.yaml:2:10: block.inner: 5 found, text was expected: put it in quotes",
    ],
    [
      "of an entry of a list",
      "name: a\nlist: [a, c]\n",
      'f.yaml:2:11: list.1: "c" found, one of a, b was expected; did you mean "a"?',
    ],
    [
      "of a key of an entry",
      "name: a\nsome:\n  - slot: x\n    baud: y\n",
      'f.yaml:4:5: some.0.baud: "y" found, a whole number was expected',
    ],
    [
      "in a file with Windows line ends",
      "name: a\r\nflag: 1\r\n",
      "f.yaml:2:1: flag: 1 found, true or false was expected",
    ],
    [
      "in a file with a byte order mark",
      "\uFEFFname: a\nflag: 1\n",
      "f.yaml:2:1: flag: 1 found, true or false was expected",
    ],
    [
      "behind an anchor",
      "name: a\nsome: [&x { slot: s }, *x]\nflag: 1\n",
      "f.yaml:3:1: flag: 1 found, true or false was expected",
    ],
  ])("%s", (_what, text, line) => {
    expect(check(text)).toEqual([line]);
  });

  test.each([
    ["its block's", "name: a\nblock: {}\n", "f.yaml:2:1: block.inner: missing, text was expected"],
    ["its entry's", "name: a\nsome:\n  - baud: 1\n", "f.yaml:3:5: some.0.slot: missing, text was expected"],
    ["the file's first line", "# a comment\nflag: true\n", "f.yaml:2:1: name: missing, text was expected"],
  ])("a missing key takes the place of its parent: %s", (_whose, text, line) => {
    expect(check(text)).toEqual([line]);
  });

  test("several come in the order of the file", () => {
    expect(check("flag: 1\nrate: 0\nname: ''\n").map((line) => line.split(": ")[0])).toEqual([
      "f.yaml:1:1",
      "f.yaml:2:1",
      "f.yaml:3:1",
    ]);
  });

  test("no more than somebody reads", () => {
    const lines = check(`name: a\n${Array.from({ length: 100 }, (_, i) => `k${i}: 1\n`).join("")}`);
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe("f.yaml: and 80 more mistakes");
  });
});

describe("what was found and what was expected, in our words", () => {
  test.each([
    ["", "f.yaml:1:1: nothing found, a block of keys was expected"],
    ["hello", 'f.yaml:1:1: "hello" found, a block of keys was expected'],
    ["- a", "f.yaml:1:1: a list found, a block of keys was expected"],
    ["name:", "f.yaml:1:1: name: nothing found, text was expected"],
    ["name: 0x10", "f.yaml:1:1: name: 0x10 found, text was expected: put it in quotes"],
    ["name: .nan", "f.yaml:1:1: name: .nan found, text was expected: put it in quotes"],
    ["name: true", "f.yaml:1:1: name: true found, text was expected: put it in quotes"],
    ["name: []", "f.yaml:1:1: name: a list found, text was expected"],
    ["name: {}", "f.yaml:1:1: name: a block of keys found, text was expected"],
    ['name: ""', 'f.yaml:1:1: name: "" found, text of 1 to 10 characters was expected'],
    ["name: abcdefghijkl", "f.yaml:1:1: name: 12 characters found, text of 1 to 10 characters was expected"],
    ['name: "a\\tb"', 'f.yaml:1:1: name: "ab" found, visible characters in one line were expected'],
    ["name: a\nkind: shift", 'f.yaml:2:1: kind: "shift" found, "batch" was expected'],
    [
      "name: a\nseries: a b",
      'f.yaml:2:1: series: "a b" found, 1 to 40 letters, digits, dots, dashes or _ were expected, a letter or digit first',
    ],
    ["name: a\nmode: 3", "f.yaml:2:1: mode: 3 found, one of needed, all was expected"],
    ["name: a\nrate: 300", "f.yaml:2:1: rate: 300 found, a whole number from 1200 to 4000 was expected"],
    [
      "name: a\nrate: 1300.5",
      "f.yaml:2:1: rate: 1300.5 found, a whole number from 1200 to 4000 was expected",
    ],
    [
      "name: a\nrate: 99999999999999999999",
      "f.yaml:2:1: rate: 99999999999999999999 found, a whole number from 1200 to 4000 was expected",
    ],
    [
      'name: a\nrate: "1300"',
      'f.yaml:2:1: rate: "1300" found, a whole number from 1200 to 4000 was expected: write 1300 without quotes',
    ],
    ["name: a\nnumber: -1", "f.yaml:2:1: number: -1 found, a whole number from 0 on was expected"],
    ["name: a\nnumber: .inf", "f.yaml:2:1: number: .inf found, a whole number from 0 on was expected"],
    ["name: a\nat: -1", "f.yaml:2:1: at: -1 found, a whole number from 0 to 0xFFFFFFFF was expected"],
    [
      "name: a\nat: 0x108000000",
      "f.yaml:2:1: at: 0x108000000 found, a whole number from 0 to 0xFFFFFFFF was expected",
    ],
    [
      'name: a\nat: "0x08000000"',
      'f.yaml:2:1: at: "0x08000000" found, a whole number from 0 to 0xFFFFFFFF was expected: write 0x08000000 without quotes',
    ],
    ["name: a\nvolts: 12", "f.yaml:2:1: volts: 12 found, a number from 1.6 to 5.5 was expected"],
    ["name: a\nvolts: 3,3", 'f.yaml:2:1: volts: "3,3" found, a number from 1.6 to 5.5 was expected'],
    ["name: a\nleast: 0.5", "f.yaml:2:1: least: 0.5 found, a number from 1 on was expected"],
    ["name: a\nflag: yes", 'f.yaml:2:1: flag: "yes" found, true or false was expected'],
    ["name: a\nlist: a", 'f.yaml:2:1: list: "a" found, a list was expected'],
    [
      "name: a\nlist: [a, b, a]",
      "f.yaml:2:1: list: 3 entries found, a list of at most 2 entries was expected",
    ],
    ["name: a\nsome: []", "f.yaml:2:1: some: 0 entries found, a list of 1 to 3 entries was expected"],
    ["name: a\nsome: [x]", 'f.yaml:2:8: some.0: "x" found, a block of keys was expected'],
    ["name: a\nsome: [~]", "f.yaml:2:8: some.0: nothing found, a block of keys was expected"],
    ["name: a\npair: [1]", "f.yaml:2:1: pair: 1 entry found, a list of 2 entries was expected"],
    ["name: a\npair: [1, 2, 3]", "f.yaml:2:1: pair: 3 entries found, a list of 2 entries was expected"],
    [
      "name: a\npair: [1, -2]",
      "f.yaml:2:11: pair.1: -2 found, a whole number from 0 to 0xFFFFFFFF was expected",
    ],
    ["name: a\nvalue: [1]", "f.yaml:2:1: value: a list found, text or a whole number from 0 on was expected"],
    ["name: a\nvalue: 1.5", "f.yaml:2:1: value: 1.5 found, text or a whole number from 0 on was expected"],
    ["name: a\nbits: [1]", "f.yaml:2:1: bits: a list found, a block of keys was expected"],
    [
      "name: a\nbits: { RDP: AA }",
      'f.yaml:2:9: bits.RDP: "AA" found, a whole number from 0 to 255 was expected: write 0xAA',
    ],
    [
      "name: a\nbits: { RDP: 256 }",
      "f.yaml:2:9: bits.RDP: 256 found, a whole number from 0 to 255 was expected",
    ],
  ])("%j", (text, line) => {
    expect(check(text)).toEqual([line]);
  });

  test("an unknown key is told with the nearest known one, or with all of its block", () => {
    expect(check("name: a\nmoed: all\n")).toEqual(['f.yaml:2:1: moed: unknown key, did you mean "mode"?']);
    expect(check("name: a\nblock: { inner: x, outer: 1, x: 2 }\n")).toEqual(
      [
        'f.yaml:2:20: block.outer: unknown key, did you mean "inner"?',
        "f.yaml:2:30: block.x: unknown key, known here: inner",
      ].map((line) => line.replace('did you mean "inner"?', "known here: inner")),
    );
    expect(check("name: a\nsome: [{ slot: x, buad: 1 }]\n")).toEqual([
      'f.yaml:2:19: some.0.buad: unknown key, did you mean "baud"?',
    ]);
  });
});

describe("what is not YAML, or more of it than our files have", () => {
  test.each([
    ["a key twice", "name: a\nname: b\n", "f.yaml:2:1: name: found a second time, it was expected once"],
    [
      "a key twice in braces",
      "name: a\nbits: { A: 1, A: 2 }\n",
      "f.yaml:2:15: bits.A: found a second time, it was expected once",
    ],
    [
      "one key as number and as text",
      "name: a\nbits: { 1: 1, '1': 2 }\n",
      "f.yaml:2:15: bits.1: found a second time, it was expected once",
    ],
    ["a tab", "name: a\nblock:\n\tinner: x\n", "f.yaml:3:1: a tab found, spaces were expected"],
    [
      "a quote that does not end",
      'name: "a\nrate: 3\n',
      "f.yaml:3:1: a text in quotes that does not end found",
    ],
    [
      "a list that does not end",
      "name: a\nlist: [a, b\nflag: true\n",
      'f.yaml:3:1: "]" was expected at the end of a list',
    ],
    [
      "a missing comma",
      "name: a\nsome: [{ slot: x baud: 3 }]\n",
      'f.yaml:2:16: a comma was expected between two entries, or quotes around text with ": "',
    ],
    [
      "a second colon",
      "name: a: b\n",
      'f.yaml:1:7: a second ": " in one line found: begin a new line, or put text with ": " in quotes',
    ],
    [
      "a key too far right",
      "name: a\n rate: 3000\n",
      "f.yaml:1:7: a line below that begins further to the right found, keys of one block were expected below each other",
    ],
    [
      "a key too far left",
      "name: a\nsome:\n  - slot: x\n baud: 3\n",
      "f.yaml:4:1: the spaces before this line do not fit the lines above it",
    ],
    [
      "a line without a colon",
      "name: a\nflag\nrate: 3000\n",
      "f.yaml:2:1: text without a colon found, a key and its value were expected, as in name: value",
    ],
    ["an @", "name: @a\n", "f.yaml:1:7: text that begins with @ found: put it in quotes"],
    [
      "an unquoted !",
      "name: !dtr\n",
      "f.yaml:1:7: !dtr found, and ! has a meaning of its own in YAML: put the text in quotes",
    ],
    [
      "a tag of YAML's own",
      "name: !!binary aGk=\n",
      "f.yaml:1:16: name: !!binary found, and ! has a meaning of its own in YAML: put the text in quotes",
    ],
    ["an unquoted *", "name: *.hex\n", "f.yaml:1:7: name: *.hex found, and no &.hex stands before it"],
    [
      "an unknown escape",
      'name: "C:\\q"\n',
      String.raw`f.yaml:1:10: an unknown escape in a text in double quotes found, \\ stands for \ itself`,
    ],
    ["a hash that touches", 'name: "a"#b\n', "f.yaml:1:10: a space was expected before #"],
    [
      "two documents",
      "name: a\n---\nname: b\n",
      "f.yaml:2:1: a second document (---) found, one was expected in a file",
    ],
    [
      "an older YAML, whose yes is true",
      "%YAML 1.1\n---\nname: yes\n",
      "f.yaml:1:1: %YAML 1.1 found, YAML 1.2 was expected",
    ],
    [
      "a key that is a list",
      "? [a, b]\n: c\n",
      "f.yaml:1:3: a key was expected before the colon, as in name: value",
    ],
    ["no key", ": c\n", "f.yaml:1:1: a key was expected before the colon, as in name: value"],
    [
      "a stray brace",
      "name: a }\nrate: }\n",
      'f.yaml:2:7: this is not YAML here: put text that holds ": ", " #" or begins with one of these in quotes',
    ],
  ])("%s", (_what, text, line) => {
    expect(check(text)).toEqual([line]);
  });

  test.each([
    ["__proto__ at the top", "name: a\n__proto__: { mode: all }\n", "f.yaml:2:1: __proto__: unknown key"],
    [
      "__proto__ in a block of any keys",
      "name: a\nbits: { __proto__: 1 }\n",
      "f.yaml:2:9: bits.__proto__: unknown key",
    ],
  ])("%s is a key like any other that is not known", (_what, text, line) => {
    expect(check(text)).toEqual([line]);
  });

  test("constructor and toString are keys too, unknown where nobody knows them", () => {
    expect(check("name: a\nconstructor: 1\nsome: [{ slot: x, toString: 1 }]\n")).toEqual([
      expect.stringMatching(/^f\.yaml:2:1: constructor: unknown key, known here: name, /),
      "f.yaml:3:19: some.0.toString: unknown key, known here: slot, baud",
    ]);
    const read = checkYaml("f.yaml", "name: a\nbits: { constructor: 1 }\n", schema);
    expect(read.ok && Object.entries(read.value.value.bits ?? {})).toEqual([["constructor", 1]]);
  });

  test("what a terminal would obey is not in the message", () => {
    const [line] = check('name: a\n"\\e[31mred\\u202e": 1\n');
    expect(line).toMatch(/^f\.yaml:2:1: \[31mred: unknown key, /);
  });
});

describe("a file made to hold the program up is refused at once", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    .concat(
      "bcdefghi"
        .split("")
        .map((key, i) => `${key}: &${key} [${Array(10).fill(`*${"abcdefgh"[i]}`).join(", ")}]`),
    )
    .join("\n");
  const many = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}: 1\n`).join("");
  const deep = "blocks and lists inside each other found, at most 50 levels were expected";

  test.each([
    ["an alias bomb", bomb, /^f\.yaml:1:1: aliases \(\*\) that repeat more than any file needs found$/],
    ["20 000 brackets", "[".repeat(20_000), deep],
    ["20 000 brackets that close", `name: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, deep],
    ["20 000 braces", "{a: ".repeat(20_000), deep],
    ["20 000 dashes", "- ".repeat(20_000), deep],
    ["60 brackets", `name: ${"[".repeat(60)}${"]".repeat(60)}`, deep],
    ["50 000 keys", `name: a\n${many(50_000)}`, /unknown key/],
    ["a list of itself", "name: a\nsome: &s [*s]\n", /some\.0: a list found, a block of keys was expected$/],
  ])("%s", (_what, text, line) => {
    const begin = performance.now();
    const lines = check(text);
    expect(performance.now() - begin).toBeLessThan(10_000);
    expect(lines[0]).toMatch(line);
    expect(lines.length).toBeLessThan(22);
  });

  test("an anchor that is used a few times is fine", () => {
    const read = checkYaml("f.yaml", "name: a\nsome: [&x { slot: s, baud: 5 }, *x, *x]\n", schema);
    expect(read.ok && read.value.value.some).toEqual([1, 2, 3].map(() => ({ slot: "s", baud: 5 })));
  });
});

describe("what stands on the disk", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gangflash-yaml-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const read = (name: string): string[] =>
    linesOf(readYaml(join(folder, name), schema)).map((line) => line.slice(folder.length + 1));

  test("a good file gives its values, its text and its defaults", () => {
    writeFileSync(join(folder, "good.yaml"), "name: Prüfplatz\n");
    const good = readYaml(join(folder, "good.yaml"), schema);
    expect(good.ok && good.value).toMatchObject({
      text: "name: Prüfplatz\n",
      value: { name: "Prüfplatz", mode: "needed", rate: 1200 },
    });
  });

  test("a missing file, a folder, bytes that are no text, and too much of it", () => {
    mkdirSync(join(folder, "folder.yaml"));
    writeFileSync(join(folder, "latin1.yaml"), Buffer.from("name: Pr\xfcfplatz\n", "latin1"));
    writeFileSync(join(folder, "utf16.yaml"), Buffer.from("\uFEFFname: a\n", "utf16le"));
    writeFileSync(join(folder, "large.yaml"), `name: a\n# ${"x".repeat(1024 * 1024)}\n`);
    expect(read("none.yaml")).toEqual(["none.yaml: no such file"]);
    expect(read("large.yaml/x.yaml")).toEqual(["large.yaml/x.yaml: no such file"]);
    expect(read("folder.yaml")).toEqual(["folder.yaml: a folder found, a file was expected"]);
    expect(read("latin1.yaml")).toEqual(["latin1.yaml: bytes that are no UTF-8 text found"]);
    expect(read("utf16.yaml")).toEqual(["utf16.yaml: bytes that are no UTF-8 text found"]);
    expect(read("large.yaml")).toEqual(["large.yaml: 1048587 bytes found, at most 1048576 were expected"]);
  });
});
