import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Ajv, type AnySchema, type ValidateFunction } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { chipChoice } from "../../src/family/table.ts";
import { loadProfile } from "../../src/cli/order/load-profile.ts";
import { schemaKinds, schemaText, type SchemaKind } from "../../src/cli/engineer/schema.ts";
import { issueText, type Checked } from "../../src/config/issue.ts";
import { readLabel } from "../../src/config/label-file.ts";
import { readReport } from "../../src/config/report-file.ts";
import { readStation } from "../../src/config/station-file.ts";

const root = resolve(import.meta.dirname, "../..");
const folders: Readonly<Record<SchemaKind, string>> = {
  station: "stations",
  profile: "profiles",
  report: "reports",
  label: "labels",
};

const check: Readonly<Record<SchemaKind, (file: string) => Checked<unknown> | Promise<Checked<unknown>>>> = {
  station: (file) => readStation(file, chipChoice),
  profile: loadProfile,
  report: readReport,
  label: readLabel,
};

async function mistakesOf(kind: SchemaKind, file: string): Promise<string[]> {
  const checked = await check[kind](file);
  return checked.ok ? [] : checked.issues.map(issueText);
}

/** The judge: a schema validator that is not ours, over the file as a YAML reader gives it. */
function judgeOf(kind: SchemaKind): ValidateFunction {
  return new Ajv({ allErrors: true }).compile(JSON.parse(schemaText(kind)) as AnySchema);
}

const files = schemaKinds.flatMap((kind) =>
  readdirSync(join(root, folders[kind]))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => ({ kind, name, file: join(root, folders[kind], name) })),
);

describe("the schema files that editors complete with", () => {
  test.each(schemaKinds)("the one of a %s is what the program prints", (kind) => {
    const name = `${folders[kind]}/${kind}.schema.json`;
    expect(
      readFileSync(join(root, name), "utf8") === `${schemaText(kind)}\n`,
      `${name} is old; renew it: npx gangflash schema ${kind} > ${name}`,
    ).toBe(true);
  });

  test.each(schemaKinds)("each key of a %s is described, with its default", (kind) => {
    const silent: string[] = [];
    walk(JSON.parse(schemaText(kind)) as Shape, kind, (path, shape) => {
      if (shape.description?.endsWith(".") !== true) silent.push(path);
      if ("default" in shape && !/ Default: [^ ].*\.$/.test(shape.description ?? "")) silent.push(path);
    });
    expect(silent).toEqual([]);
  });

  test("addresses are whole numbers, so that an editor takes hex", () => {
    const profile = JSON.parse(schemaText("profile")) as Shape;
    expect(profile.properties?.["images"]?.items).toMatchObject({
      properties: { at: { type: "integer", minimum: 0, maximum: 0xffff_ffff } },
    });
    expect(parse("at: 0x0800BF00")).toEqual({ at: 0x0800_bf00 });
  });
});

interface Shape {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape | readonly Shape[];
}

function walk(shape: Shape, path: string, visit: (path: string, shape: Shape) => void): void {
  visit(path, shape);
  for (const [key, inner] of Object.entries(shape.properties ?? {})) walk(inner, `${path}.${key}`, visit);
  for (const item of Array.isArray(shape.items) ? shape.items : []) walk(item, `${path}[]`, visit);
  if (shape.items !== undefined && !Array.isArray(shape.items))
    for (const [key, inner] of Object.entries((shape.items as Shape).properties ?? {}))
      walk(inner, `${path}[].${key}`, visit);
}

describe("every file to copy", () => {
  test("there is one of each wire that exists", () => {
    const names = files.map(({ kind, name }) => `${folders[kind]}/${name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        "stations/demo.yaml",
        "stations/usb-hub.yaml",
        "stations/uart-adapters.yaml",
        "profiles/demo.yaml",
        "profiles/usb-f405.yaml",
        "profiles/uart-f405.yaml",
        "reports/batch.yaml",
        "reports/unit.yaml",
        "reports/shift.yaml",
        "reports/serials.yaml",
        "reports/slots.yaml",
        "reports/qualification.yaml",
        "labels/unit.yaml",
      ]),
    );
  });

  test.each(files)("$kind $name loads without an issue", async ({ kind, file }) => {
    expect(await mistakesOf(kind, file)).toEqual([]);
  });

  test.each(files)("$kind $name is valid to a validator that is not ours", ({ kind, file }) => {
    const judge = judgeOf(kind);
    judge(parse(readFileSync(file, "utf8")));
    expect(judge.errors ?? []).toEqual([]);
  });

  test.each(files)("$kind $name tells the editor its schema in its first line", ({ kind, file }) => {
    const [first] = readFileSync(file, "utf8").split("\n");
    expect(first).toBe(`# yaml-language-server: $schema=${kind}.schema.json`);
  });

  test.each(files.filter(({ kind }) => kind === "profile"))(
    "$name has remarks of no image",
    async ({ file }) => {
      const loaded = await loadProfile(file);
      expect(loaded.ok && loaded.value.warnings).toEqual([]);
    },
  );
});

describe("what neither we nor the schema take", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gangflash-files-"));
    mkdirSync(join(folder, "firmware"));
    writeFileSync(join(folder, "firmware/demo.hex"), readFileSync(join(root, "profiles/firmware/demo.hex")));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const station = (slot: string, more = ""): string => `station: bench\n${more}slots:\n  - { ${slot} }\n`;
  const slot = 'name: A1, port: "usb:1-4.1"';
  const profile = (over: Readonly<Record<string, string>> = {}): string =>
    Object.entries({
      profile: "p",
      revision: "A",
      product: "{ name: Board }",
      chip: "STM32F405",
      images: "[{ file: firmware/demo.hex }]",
      ...over,
    })
      .filter(([, value]) => value !== "")
      .map(([key, value]) => `${key}: ${value}\n`)
      .join("");
  const field = 'name: a, at: 0x0800BF00, as: ascii, length: 4, value: "x"';

  /** `ours`: a rule that goes from one key to another, or to a chip or a file, which no schema knows. */
  const bad: readonly [what: string, kind: SchemaKind, text: string, knows: "both" | "ours"][] = [
    ["nothing", "station", "", "both"],
    ["a list", "station", "- a\n", "both"],
    ["no slots", "station", "station: bench\n", "both"],
    ["an empty list of slots", "station", "station: bench\nslots: []\n", "both"],
    ["no name of the station", "station", `slots: [{ ${slot} }]\n`, "both"],
    ["a name of the station that is a number", "station", station(slot).replace("bench", "17"), "both"],
    ["an unknown key", "station", station(slot, "colour: red\n"), "both"],
    ["an unknown key of a slot", "station", station(`${slot}, boot: dtr`), "both"],
    ["a slot without a port", "station", station("name: A1"), "both"],
    ["a slot name with a blank", "station", station('name: "A 1", port: "usb:1-4.1"'), "both"],
    ["a rate as text", "station", station(`${slot}, baud: "115200"`), "both"],
    ["a rate that no adapter has", "station", station(`${slot}, baud: 300`), "both"],
    ["a line that is none", "station", station(`${slot}, boot0: cts`), "both"],
    ["a supply that burns the board", "station", station(slot, "supply: 12\n"), "both"],
    ["a tray without columns", "station", station(slot, "tray: { rows: 2 }\n"), "both"],
    [
      "a mishap that is unknown",
      "station",
      station('name: A1, port: "sim:STM32F405:usb", mishap: { explode: 1 }'),
      "both",
    ],
    [
      "a negative place of a mishap",
      "station",
      station('name: A1, port: "sim:STM32F405:usb", mishap: { pullAt: -1 }'),
      "both",
    ],
    ["a port of no kind", "station", station('name: A1, port: "usb1"'), "both"],
    ["a USB port without its bus", "station", station('name: A1, port: "usb:4"'), "both"],
    ["an adapter without its device", "station", station('name: A1, port: "can:slcan"'), "both"],
    ["a simulated board without its wire", "station", station('name: A1, port: "sim:STM32F405"'), "both"],
    ["a slot twice", "station", `station: b\nslots: [{ ${slot} }, { ${slot} }]\n`, "ours"],
    [
      "a tray that is too small",
      "station",
      `station: b\ntray: { rows: 1, columns: 1 }\nslots: [{ ${slot} }, { name: A2, port: "usb:1-4.2" }]\n`,
      "ours",
    ],
    ["no chip", "profile", profile({ chip: "" }), "both"],
    ["no images", "profile", profile({ images: "[]" }), "both"],
    ["a revision that is a number", "profile", profile({ revision: "1" }), "both"],
    ["a product as text", "profile", profile({ product: "Board" }), "both"],
    ["an image without a file", "profile", profile({ images: "[{ at: 0x08000000 }]" }), "both"],
    ["an address as text", "profile", profile({ images: '[{ file: a.bin, at: "0x08000000" }]' }), "both"],
    [
      "an address beyond 32 bits",
      "profile",
      profile({ images: "[{ file: a.bin, at: 0x108000000 }]" }),
      "both",
    ],
    [
      "a hash in capitals",
      "profile",
      profile({ images: `[{ file: a.bin, sha256: ${"A".repeat(64)} }]` }),
      "both",
    ],
    [
      "a policy that is none",
      "profile",
      profile({ serial: "{ series: s, format: '{n:05}', policy: burn }" }),
      "both",
    ],
    ["a series with a blank", "profile", profile({ serial: "{ series: 'a b', format: '{n:05}' }" }), "both"],
    ["a field of no kind", "profile", profile({ data: `[{ ${field.replace("ascii", "text")} }]` }), "both"],
    [
      "a field without an address",
      "profile",
      profile({ data: `[{ ${field.replace("at: 0x0800BF00, ", "")} }]` }),
      "both",
    ],
    [
      "a range with one end",
      "profile",
      profile({ data: "[{ name: c, at: 0x0800BF00, as: crc32, over: [0x08000000] }]" }),
      "both",
    ],
    ["a value that is a list", "profile", profile({ data: `[{ ${field.replace('"x"', "[x]")} }]` }), "both"],
    ["an option byte as text", "profile", profile({ optionBytes: "{ RDP: AA }" }), "both"],
    ["a day as people write it", "profile", profile({ until: '"31.12.2026"' }), "both"],
    ["a day that there is not", "profile", profile({ until: '"2026-02-30"' }), "ours"],
    ["a word for ever that is none", "profile", profile({ irreversible: "[YES]" }), "both"],
    ["an erase that is none", "profile", profile({ erase: "never" }), "both"],
    ["an unknown chip", "profile", profile({ chip: "STM32F999" }), "ours"],
    ["an image that is not there", "profile", profile({ images: "[{ file: firmware/none.hex }]" }), "ours"],
    ["an image outside", "profile", profile({ images: "[{ file: ../demo.hex }]" }), "ours"],
    ["an unknown option byte", "profile", profile({ optionBytes: "{ BOR_LVL: 1 }" }), "ours"],
    [
      "two fields on each other",
      "profile",
      profile({ data: `[{ ${field} }, { ${field.replace("name: a", "name: b")} }]` }),
      "ours",
    ],
    ["a report of no kind", "report", "report: month\n", "both"],
    ["no kind of report", "report", "title: x\n", "both"],
    ["an unknown section", "report", "report: batch\nsections: [made, cost]\n", "both"],
    ["an unknown column", "report", "report: batch\nunits: { columns: [unit, price] }\n", "both"],
    ["seven signatures", "report", "report: batch\nsignatures: [a, b, c, d, e, f, g]\n", "both"],
    ["half a font", "report", "report: batch\nfont: { regular: a.ttf }\n", "both"],
    ["a label without a size", "label", "label: a\nitems: [{ text: x, x: 1, y: 1 }]\n", "both"],
    ["a label with nothing on it", "label", "label: a\nsize: { width: 50, height: 25 }\nitems: []\n", "both"],
    [
      "a token that means nothing",
      "label",
      "label: a\nsize: { width: 50, height: 25 }\nitems: [{ text: '{price}', x: 1, y: 1 }]\n",
      "ours",
    ],
    [
      "an item beside the label",
      "label",
      "label: a\nsize: { width: 50, height: 25 }\nitems: [{ text: x, x: 60, y: 1 }]\n",
      "ours",
    ],
    ["a section of another report", "report", "report: slots\nsections: [units]\n", "ours"],
    ["a logo that is not there", "report", "report: batch\nlogo: none.png\n", "ours"],
    ["a section twice", "report", "report: batch\nsections: [made, made]\n", "ours"],
    [
      "columns wider than the paper",
      "report",
      "report: batch\nunits: { columns: [unit, serial, uid, code, operator, result] }\n",
      "ours",
    ],
  ];

  test.each(bad)("%s, in a %s", async (_what, kind, text, knows) => {
    const file = join(folder, "bad.yaml");
    writeFileSync(file, text);
    const mistakes = await mistakesOf(kind, file);
    expect(mistakes).not.toEqual([]);
    for (const mistake of mistakes) {
      expect(mistake.startsWith(file) || mistake.startsWith(join(folder, "firmware"))).toBe(true);
      expect(mistake).not.toMatch(/invalid|zod|undefined|\[object|NaN/i);
    }
    expect(judgeOf(kind)(parse(text))).toBe(knows === "ours");
  });

  test("what the bad profiles are made of is good itself", async () => {
    const file = join(folder, "good.yaml");
    writeFileSync(file, profile({ data: `[{ ${field} }]` }));
    expect(await mistakesOf("profile", file)).toEqual([]);
    writeFileSync(file, station(slot));
    expect(await mistakesOf("station", file)).toEqual([]);
  });
});
