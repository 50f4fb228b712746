import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batchSheets } from "../../src/report/sheets/batch.ts";
import { cellText, columnName, writeXlsx } from "../../src/report/workbook/xlsx.ts";
import { decidedBatch } from "./decided-batch.ts";
import { attemptOf, factsOf } from "./some-batch.ts";

const hostile = [
  "=cmd|' /C calc'!A0",
  "+1",
  "-2+3",
  "@SUM(A1)",
  "00123",
  "1E5",
  "constructor",
  "__proto__",
  "_x0041_",
  `<&>"'`,
  "2026-11-22",
];
const decided = decidedBatch();
const sheets = batchSheets(decided);
const hostileSheets = batchSheets(factsOf(hostile.map((barcode, i) => attemptOf(i + 1, { barcode }))));

/** A sheet by its place, as the file has it; texts by the list that it points into. */
function opened(bytes: Uint8Array): { readonly sheet: (n: number) => string; readonly texts: string[] } {
  const files = unzipSync(bytes);
  const text = (name: string): string => {
    const file = files[name];
    if (file === undefined) throw new Error(`no ${name} in ${Object.keys(files).join(", ")}`);
    return strFromU8(file);
  };
  const texts = [...text("xl/sharedStrings.xml").matchAll(/<si><t[^>]*>([^<]*)<\/t><\/si>/g)];
  return { sheet: (n) => text(`xl/worksheets/sheet${n}.xml`), texts: texts.map(([, said = ""]) => said) };
}

const at = (name: string): number => sheets.findIndex((sheet) => sheet.name === name) + 1;

describe("the workbook of a batch", () => {
  let file: ReturnType<typeof opened>;
  beforeAll(async () => {
    file = opened(writeXlsx(sheets));
  });

  test("has its sheets, each with a head that stays and filters over all of its rows", () => {
    expect(sheets.map(({ name }) => name)).toEqual([
      "Summary",
      "Units",
      "Attempts",
      "Failures",
      "Slots",
      "Settings",
      "Serials",
      "Decisions",
    ]);
    sheets.forEach(({ columns, rows }, i) => {
      const xml = file.sheet(i + 1);
      expect(xml).toMatch(/<pane [^>]*ySplit="1"[^>]*state="frozen"/);
      const end = `${columnName(columns.length - 1)}${rows.length + 1}`;
      expect(xml).toContain(`</sheetData><autoFilter ref="A1:${end}"/>`);
      expect(xml.match(/<row /g)?.length).toBe(rows.length + 1);
    });
  });

  test("a row an attempt; a date is a date, a number a number, a barcode text, nothing a formula", () => {
    const xml = file.sheet(at("Attempts"));
    const { attempts } = decided;
    expect(xml).not.toContain("<f>");
    const row = /<row r="2".*?<\/row>/.exec(xml)?.[0] ?? "";
    const cell = (column: string): string =>
      new RegExp(`<c r="${column}2"[^>]*>.*?</c>`).exec(row)?.[0] ?? "";
    expect(cell("A")).toMatch(/^<c r="A2"( s="\d+")?><v>1<\/v><\/c>$/);
    expect(cell("C")).toMatch(/t="s"/);
    expect(file.texts[Number(/<v>(\d+)/.exec(cell("C"))?.[1])]).toBe("UNIT-04001");
    // Days since 30 December 1899, in UTC.
    const day = (attempts[0]?.startedAt.getTime() ?? 0) / 86_400_000 + 25_569;
    expect(Number(/<v>([\d.]+)/.exec(cell("I"))?.[1])).toBeCloseTo(day, 6);
    expect(cell("I")).toMatch(/ s="\d+"/);
    expect(cell("Q")).toMatch(/t="b"><v>0</);
  });

  test("what is void says why", () => {
    expect(file.texts).toContain("operator held the wrong tray");
    expect(file.texts).toContain("pad torn off");
  });
});

describe("hostile barcodes", () => {
  test("stay the text that they are", async () => {
    const { texts } = opened(writeXlsx(hostileSheets));
    const unescaped = texts.map((text) =>
      text
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&apos;", "'")
        .replaceAll("&amp;", "&")
        .replaceAll(/_x([0-9A-F]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    );
    for (const barcode of hostile) expect(unescaped).toContain(barcode);
  });

  test("what a sheet would take for an escape is escaped", () => {
    expect(cellText("_x0041_")).toBe("_x005F_x0041_");
    expect(cellText("a_x_b")).toBe("a_x_b");
    expect(cellText("toString")).toBe("toString");
    expect(cellText("\u001b[31mred\u202e\nnext")).toBe("[31mred next");
  });
});

test("columns are named as sheets name them", () => {
  expect([0, 25, 26, 51, 52, 701, 702].map(columnName)).toEqual(["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
});

// Its first start makes a profile, which takes a slow machine a minute; nothing here is about its speed.
const officeMs = 300_000;
const office = spawnSync("soffice", ["--version"]).status === 0;

describe.skipIf(!office)("LibreOffice", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gangflash-xlsx-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A sheet as LibreOffice reads it, by its place from 1; CSV as shown, texts in quotes. */
  function converted(name: string, n: number): string[] {
    execFileSync(
      "soffice",
      [
        `-env:UserInstallation=file://${folder}/profile`,
        "--headless",
        "--convert-to",
        `csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,${n}`,
        "--outdir",
        folder,
        join(folder, `${name}.xlsx`),
      ],
      { stdio: "ignore" },
    );
    const sheet = (name === "batch" ? sheets : hostileSheets)[n - 1]?.name ?? "";
    return readFileSync(join(folder, `${name}-${sheet}.csv`), "utf8")
      .trimEnd()
      .split("\n");
  }

  test(
    "reads the same rows: dates are dates, barcodes text",
    async () => {
      writeFileSync(join(folder, "batch.xlsx"), writeXlsx(sheets));
      const rows = converted("batch", at("Attempts"));
      expect(rows.length).toBe(decided.attempts.length + 1);
      expect(rows[1]).toMatch(/^1,"WO-4711","UNIT-04001","V60-2647-00001"/);
      expect(rows[1]).toContain(",2026-11-22 05:00:00,2026-11-22 05:00:15,");
      expect(rows.slice(1).map((row) => row.split(",")[2])).toEqual(
        decided.attempts.map(({ barcode }) => `"${barcode}"`),
      );
    },
    officeMs,
  );

  test(
    "calculates nothing of a barcode",
    async () => {
      writeFileSync(join(folder, "hostile.xlsx"), writeXlsx(hostileSheets));
      const rows = converted("hostile", 3).slice(1);
      const shown = rows.map((row) =>
        /^\d+,"WO-4711","((?:[^"]|"")*)"/.exec(row)?.[1]?.replaceAll('""', '"'),
      );
      expect(shown).toEqual(hostile);
    },
    officeMs,
  );
});
