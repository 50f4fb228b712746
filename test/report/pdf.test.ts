import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { getDocumentProxy, getMeta } from "unpdf";
import { describe, expect, test } from "vitest";
import type { BatchFacts } from "../../src/model/facts.ts";
import { standardReport } from "../../src/report/definition.ts";
import { FontError, loadFonts } from "../../src/report/paper/fonts.ts";
import type { Page } from "../../src/report/paper/mark.ts";
import { GlyphError } from "../../src/report/paper/pdf.ts";
import { draw, pagesOf, textOf } from "./drawn.ts";
import { overlaps } from "./overlaps.ts";
import { attemptOf, factsOf, largeBatch } from "./some-batch.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
describe("the same facts give the same bytes", () => {
  const facts = factsOf(largeBatch(60));
  const golden = "146f1a7e3e767b093353fa9d1ff0bd9dada15571f22c1c00c072083b7cc09104";

  test.runIf(process.platform === "linux")("those that were looked at", async () => {
    expect(sha256(await draw(facts))).toBe(golden);
  });

  test("in another process, time zone and language", async () => {
    const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const script = `
      const { createHash } = await import("node:crypto");
      const { factsOf, largeBatch } = await import(${at("some-batch.ts")});
      const { draw } = await import(${at("drawn.ts")});
      const pdf = await draw(factsOf(largeBatch(60)));
      process.stdout.write(createHash("sha256").update(pdf).digest("hex"));`;
    const other = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      env: { ...process.env, TZ: "Asia/Kolkata", LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" },
    });
    expect(other).toBe(sha256(await draw(facts)));
  });

  test("another closing date gives other bytes", async () => {
    const later = { ...facts, batch: { ...facts.batch, closedAt: new Date("2026-12-01T00:00:00Z") } };
    expect(sha256(await draw(later))).not.toBe(sha256(await draw(facts)));
  });
});

describe("marks that no copy can lose", () => {
  const marksOf = async (facts: BatchFacts): Promise<Page["marks"][]> =>
    (await pagesOf(facts)).map(({ marks }) => marks);
  const says = (marks: Page["marks"], text: string): number =>
    marks.filter((mark) => mark.type === "text" && mark.text === text && mark.size === 15).length;

  test("TRIAL is a black bar with white letters at both ends of each page, and nobody signs", async () => {
    const facts = factsOf(largeBatch(40, { trial: true }));
    for (const marks of await marksOf(facts)) {
      expect(
        marks.filter((mark) => mark.type === "fill" && mark.width > 200 && mark.height === 8).length,
      ).toBe(2);
      expect(says(marks, "TRIAL: not production")).toBe(2);
    }
    const text = (await textOf(await draw(facts))).join(" ");
    expect(text).not.toContain("signature");
    expect(text).toContain("trial PASS");
  });

  test("SIMULATED is a hatched frame on each page, without code, head and serial list", async () => {
    const facts = factsOf(largeBatch(40, { realm: "sim" }));
    for (const marks of await marksOf(facts)) {
      expect(marks.filter((mark) => mark.type === "hatch" && mark.hole !== null).length).toBe(1);
      expect(says(marks, "SIMULATED: no real boards")).toBe(2);
      expect(marks.some((mark) => mark.type === "modules")).toBe(false);
    }
    const text = (await textOf(await draw(facts))).join(" ");
    expect(text).not.toContain(facts.head?.hash ?? "?");
    expect(text).not.toContain("Committed");
  });

  test("both stand on one page together", async () => {
    for (const marks of await marksOf(factsOf(largeBatch(8, { realm: "sim", trial: true })))) {
      expect(says(marks, "TRIAL: not production")).toBe(2);
      expect(says(marks, "SIMULATED: no real boards")).toBe(2);
    }
  });

  test("a released batch of real boards has neither", async () => {
    for (const marks of await marksOf(factsOf(largeBatch(8))))
      expect(marks.some((mark) => mark.type === "hatch" && mark.hole !== null)).toBe(false);
  });
});

describe("the file", () => {
  test("has a title, a date of its own, a language and fonts inside", async () => {
    const facts = factsOf(largeBatch(8, { trial: true }));
    const pdf = await draw(facts);
    const { info } = await getMeta(pdf.slice());
    expect(info).toMatchObject({
      PDFFormatVersion: "1.7",
      Title: "TRIAL: Batch report WO-4711",
      Language: "en",
      CreationDate: "D:20261122050514Z",
      ModDate: "D:20261122050514Z",
    });
    const raw = Buffer.from(pdf).toString("latin1");
    expect(raw.match(/\/FontFile2 /g)?.length).toBe(2);
    expect(raw).toContain("/DisplayDocTitle true");
  });

  test("has a bookmark for each section", async () => {
    const document = await getDocumentProxy(await draw(factsOf(largeBatch(60))));
    const outline = await document.getOutline();
    expect(outline.map(({ title }) => title)).toEqual([
      "How it went",
      "What did not pass",
      "Chip settings",
      "Rework, decisions and notes",
      expect.stringMatching(/^Every unit: 60 units/),
      "Serial numbers",
      "Chain of records",
    ]);
  });

  test("of an open batch has the date of its last attempt, of an empty one that of its opening", async () => {
    const open = factsOf([attemptOf(1)]);
    const dated = async (facts: BatchFacts): Promise<unknown> =>
      (await getMeta(await draw({ ...facts, batch: { ...facts.batch, closedAt: null } }))).info[
        "CreationDate"
      ];
    expect(await dated(open)).toBe("D:20261122050015Z");
    expect(await dated(factsOf([]))).toBe("D:20261122045000Z");
  });

  test("of 240 units is there in two seconds", async () => {
    const facts = factsOf(largeBatch(240));
    const start = performance.now();
    await draw(facts);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe("a character that the font does not have", () => {
  test("is named with its page and text, and nothing is drawn", async () => {
    const facts = factsOf([...largeBatch(8), attemptOf(9, { barcode: "UNIT-中-9" })]);
    const error = await draw(facts).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(GlyphError);
    expect((error as GlyphError).char).toBe("中");
    expect((error as GlyphError).message).toBe(
      `page 3, in "UNIT-中-9": the regular font has no "中" (U+4E2D). ` +
        "Name fonts that have it in the report definition: font: { regular: FILE, bold: FILE }",
    );
  });

  test("is found in the order's name too, which stands on every page", async () => {
    const facts = factsOf([]);
    await expect(draw({ ...facts, batch: { ...facts.batch, id: "工单" } })).rejects.toThrow(
      'page 1, in "Batch report 工单"',
    );
  });
});

describe("fonts of the definition", () => {
  test("take the place of Noto Sans", async () => {
    const { regular, bold } = await loadFonts(null);
    const folder = mkdtempSync(join(tmpdir(), "fonts-"));
    try {
      const font = { regular: join(folder, "r.ttf"), bold: join(folder, "b.ttf") };
      writeFileSync(font.regular, bold);
      writeFileSync(font.bold, regular);
      const pdf = Buffer.from(await draw(factsOf(largeBatch(8)), { ...standardReport, font })).toString(
        "latin1",
      );
      expect(pdf).toContain("+NotoSans-Bold");
      const pages = await pagesOf(factsOf(largeBatch(40)), { ...standardReport, font });
      for (const { marks } of pages)
        expect(overlaps(marks.filter((mark) => mark.type === "text"))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("that are not there or no fonts are refused with key and file", async () => {
    const missing = { ...standardReport, font: { regular: "/nowhere/a.ttf", bold: "/nowhere/b.ttf" } };
    await expect(draw(factsOf([]), missing)).rejects.toThrow(/^font\.regular: \/nowhere\/a\.ttf: ENOENT/);
    const none = { ...standardReport, font: { regular: import.meta.filename, bold: import.meta.filename } };
    await expect(draw(factsOf([]), none)).rejects.toBeInstanceOf(FontError);
  });
});
