import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readReport } from "../../../src/config/report-file.ts";
import { reportKinds, standardOf, standardReport } from "../../../src/report/definition.ts";
import { somePng } from "../../report/some-png.ts";
import { linesOf } from "./lines.ts";

describe("a report file", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gangflash-report-"));
    writeFileSync(join(folder, "a.ttf"), "not looked into here");
    // SOI, then a frame of 8 bits, 10 by 20 pixels, 4 channels.
    writeFileSync(join(folder, "cmyk.jpg"), Buffer.from("ffd8ffc0001408000a001404", "hex"));
    writeFileSync(join(folder, "logo.png"), somePng(120, 40));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const file = (): string => join(folder, "r.yaml");
  const check = (text: string): string[] => {
    writeFileSync(file(), text);
    return linesOf(readReport(file())).map((line) => line.slice(folder.length + 1));
  };

  test("that says nothing but its kind is the standard report", () => {
    expect(check("report: batch\n")).toEqual([]);
    expect(readReport(file())).toEqual({ ok: true, value: standardReport });
  });

  test("names its fonts relative to itself", () => {
    expect(check("report: batch\nfont: { regular: a.ttf, bold: ./a.ttf }\n")).toEqual([]);
    const read = readReport(file());
    expect(read.ok && read.value.font?.regular.endsWith("a.ttf")).toBe(true);
  });

  test("names its logo relative to itself, and knows its size", () => {
    expect(check("report: unit\nlogo: logo.png\n")).toEqual([]);
    const read = readReport(file());
    expect(read.ok && read.value.logo).toMatchObject({ width: 120, height: 40 });
  });

  test.each(reportKinds)("of a %s, left to itself, is the standard one", (kind) => {
    expect(check(`report: ${kind}\n`)).toEqual([]);
    expect(readReport(file())).toEqual({ ok: true, value: standardOf(kind) });
  });

  test("may have no signatures at all, and its sections in any order", () => {
    expect(check("report: batch\nsignatures: []\nsections: [units, made]\n")).toEqual([]);
    const read = readReport(file());
    expect(read.ok && read.value).toMatchObject({ signatures: [], sections: ["units", "made"] });
  });

  const sections =
    "made, charts, not-passed, settings, notes, units, serials, chain, life, attempts, decisions, worked, orders, series, numbers, slots, failures, station, checks";
  const columns = "unit, serial, uid, slot, try, result, code, seconds, time, operator, record";
  test.each([
    [
      "title: x",
      "r.yaml:1:1: report: missing, one of batch, unit, shift, serials, slots, qualification was expected",
    ],
    [
      "report: month",
      'r.yaml:1:1: report: "month" found, one of batch, unit, shift, serials, slots, qualification was expected',
    ],
    [
      "report: slots\nsections: [slots, units]",
      'r.yaml:2:19: sections.1: "units" found, of slots one of slots, failures was expected',
    ],
    [
      "report: batch\nlogo: none.png",
      'r.yaml:2:1: logo: "none.png" found, there is no file of that name that can be read',
    ],
    [
      "report: batch\nlogo: a.ttf",
      'r.yaml:2:1: logo: "a.ttf" found, a PNG or JPEG file, grey or RGB was expected',
    ],
    [
      "report: batch\nlogo: ../logo.png",
      'r.yaml:2:1: logo: "../logo.png" found, it leads out of this file\'s folder',
    ],
    [
      "report: batch\nlogo: cmyk.jpg",
      'r.yaml:2:1: logo: "cmyk.jpg" found, a JPEG of 4 channels, grey or RGB was expected',
    ],
    [
      "report: batch\npaper: A5",
      'r.yaml:2:1: paper: "A5" found, one of A4, Letter was expected; did you mean "A4"?',
    ],
    ["report: batch\nlanguage: fr", 'r.yaml:2:1: language: "fr" found, one of en, de, zh was expected'],
    [
      "report: batch\nlanguage: zh",
      'r.yaml:2:1: language: "zh" found without font, a font with Chinese characters was expected beside it',
    ],
    ["report: batch\ntitle: 4711", "r.yaml:2:1: title: 4711 found, text was expected: put it in quotes"],
    [
      "report: batch\nsections: []",
      "r.yaml:2:1: sections: 0 entries found, a list of at least 1 entry was expected",
    ],
    [
      "report: batch\nsections: [made, cost]",
      `r.yaml:2:18: sections.1: "cost" found, one of ${sections} was expected`,
    ],
    [
      "report: batch\nsections: [made, made]",
      'r.yaml:2:1: sections: "made" found a second time, each section was expected once',
    ],
    [
      "report: batch\nunits: { columns: [unit, sn] }",
      `r.yaml:2:26: units.columns.1: "sn" found, one of ${columns} was expected`,
    ],
    [
      "report: batch\nunits: { columns: [unit, unit] }",
      'r.yaml:2:10: units.columns: "unit" found a second time, each column was expected once',
    ],
    [
      "report: batch\nunits: { columns: [unit, serial, uid, code, operator, result] }",
      "r.yaml:2:10: units.columns: the columns need 185 mm, at most 178 mm were expected",
    ],
    [
      "report: batch\nsignatures: [a, b, c, d, e, f, g]",
      "r.yaml:2:1: signatures: 7 entries found, a list of at most 6 entries was expected",
    ],
    [
      'report: batch\nsignatures: ["a\\nb"]',
      'r.yaml:2:14: signatures.0: "ab" found, visible characters in one line were expected',
    ],
    ["report: batch\nfont: { regular: a.ttf }", "r.yaml:2:1: font.bold: missing, text was expected"],
    [
      "report: batch\nfont: { regular: a.ttf, bold: b.ttf }",
      'r.yaml:2:25: font.bold: "b.ttf" found, there is no file of that name that can be read',
    ],
    [
      "report: batch\nfont: { regular: a.ttf, bold: /usr/b.ttf }",
      'r.yaml:2:25: font.bold: "/usr/b.ttf" found, a name relative to this file was expected',
    ],
    [
      "report: batch\nfont: { regular: a.ttf, bold: ../b.ttf }",
      'r.yaml:2:25: font.bold: "../b.ttf" found, it leads out of this file\'s folder',
    ],
    ["report: batch\nsection: [made]", 'r.yaml:2:1: section: unknown key, did you mean "sections"?'],
  ])("%j", (text, line) => {
    expect(check(`${text}\n`)).toEqual([line]);
  });
});
