import { describe, expect, test } from "vitest";
import { ofUsb } from "../../src/cli/bench/ports.ts";
import { runVoice } from "../../src/cli/line/run-voice.ts";
import { cleanText, fileNamePart, isClean, visibleJson } from "../../src/lib/clean-text.ts";
import type { Outcome } from "../../src/model/event.ts";
import { Fault } from "../../src/model/fault.ts";
import { csvHeader, writeCsv } from "../../src/report/csv.ts";
import { batchCover } from "../../src/report/paper/cover.ts";
import { standardReport } from "../../src/report/definition.ts";
import { reportFileName } from "../../src/report/file-name.ts";
import { loadFonts } from "../../src/report/paper/fonts.ts";
import { layout } from "../../src/report/layout.ts";
import { composePages } from "../../src/report/paper/pdf.ts";
import type { UnitStart } from "../../src/station/order.ts";
import { readCsv } from "../report/read-csv.ts";
import { attemptOf, factsOf, failed } from "../report/some-batch.ts";
import { someIo } from "../unit/cli/some-io.ts";
import { lineOf, slotOf } from "./line.ts";
import { must, random, replay, seed, type Random } from "./random.ts";
import { recipe } from "./recipe.ts";

/** What does something to a terminal, a spreadsheet, a path, or an eye. */
const pieces = [
  "\u001b[31;1m",
  "\u001b[2J\u001b[H",
  "\u001b[?1049h",
  "\u001b[6n",
  "\u001b]0;owned\u0007",
  "\u001b]8;;http://evil.example\u0007here\u001b]8;;\u0007",
  "\u001b]52;c;cm0gLXJm\u0007",
  "\u001bP+q544e\u001b\\",
  "\u001b_Gi=1\u001b\\",
  "\u001bc",
  "\u009b31m",
  "\u009d0;owned\u009c",
  "\u0090q\u009c",
  "\u0085",
  "\u0007",
  "\b\b\b\b",
  "\r",
  "\n",
  "\r\n",
  "\t",
  "\u000b",
  "\u000c",
  "\u007f",
  "\0",
  "\u202egnp.exe",
  "\u202d",
  "\u2066",
  "\u2069",
  "\u200e",
  "\u200f",
  "\u061c",
  "\u200b",
  "\u200c",
  "\u200d",
  "\u2060",
  "\ufeff",
  "\u00ad",
  "\u034f",
  "\u180e",
  "\u3164",
  "\u115f",
  "\ufe0f",
  "\u{e0041}",
  "\u2028",
  "\u2029",
  "\u00a0",
  "\ud800",
  "\udc00",
  "\ue000",
  "\ufffe",
  "=cmd|' /C calc'!A0",
  "+1+1",
  "-2+3",
  "@SUM(A1)",
  '=HYPERLINK("http://evil")',
  "＝1",
  "＋1",
  "－1",
  "＠A",
  "\t=1",
  " =1",
  '"=1',
  ";=1+1",
  "../../../../etc/passwd",
  "..\\..\\boot.ini",
  "/etc/shadow",
  "C:\\Windows",
  "file:///etc/passwd",
  "~root",
  "NUL",
  "con.pdf",
  ".hidden",
  "-rf",
  "<script>",
  "'; DROP TABLE records; --",
  "%s%n",
  "${HOME}",
  "`id`",
  "$(id)",
  "{serial}",
  "\\u001b[31m",
] as const;
const harmless = ["UNIT-0001", "A", "Müller", "零件", "🔥"] as const;

function hostile(dice: Random): string {
  const parts = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(pieces));
  if (dice.chance(0.4)) parts.splice(dice.below(parts.length + 1), 0, dice.pick(harmless) as never);
  if (dice.chance(0.03)) parts.push("A".repeat(10_000) as never);
  return parts.join("");
}

const strings = (name: string, count: number): { readonly text: string; readonly what: string }[] =>
  Array.from({ length: count }, (_, i) => {
    const text = hostile(random(`${name} ${i}`));
    return { text, what: replay(`${name} ${i}, ${JSON.stringify(text.slice(0, 80))}`) };
  });

/** Controls, separators, what cannot be seen, what turns the line round, half characters. */
const unseen = /[\p{Cc}\u00a0\u2028\u2029\ue000-\uf8ff\p{Cf}\p{DI}\p{Cs}\p{Cn}]/u;
/** The same, but for the blank. */
const harmful = (text: string): boolean => unseen.test(text);
const noGlyph = /[＝＋－＠零件]|[\u{10000}-\u{10ffff}]/gu;
/** What a spreadsheet calculates. */
const formula = /^[=+\-@\t\r＝＋－＠]/u;

describe(`1000 hostile strings (SEED=${seed})`, () => {
  const all = strings("text", 1000);

  test("a text is shown without anything that acts, and stays within its length", () => {
    for (const { text, what } of all) {
      const clean = cleanText(text);
      must(!harmful(clean), what);
      must(clean.length <= 402, what);
      must(cleanText(clean, 10_000) === clean, `${what}: cleaning twice is not cleaning once`);
    }
    expect(all).toHaveLength(1000);
  });

  test("a barcode that holds anything unseen is none", () => {
    const clean = all.filter(({ text }) => isClean(text));
    for (const { text, what } of clean) must(!harmful(text), what);
    expect(clean.length).toBeGreaterThan(50);
    expect(clean.length).toBeLessThan(700);
  });

  test("a file name made of one is never a path, a hidden file, or a device", () => {
    for (const { text, what } of all) {
      const name = reportFileName(text, { trial: false, simulated: "no" }, "pdf");
      for (const made of [fileNamePart(text), name]) {
        must(!/[/\\:~\s]/.test(made) && !harmful(made), `${what}: ${made}`);
        must(!/^[.-]/.test(made) && made.length <= 90, `${what}: ${made}`);
        must(!/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(made), `${what}: ${made}`);
      }
    }
    expect(fileNamePart("..\u001b/NUL")).toBe("_NUL");
  });

  test("a product string of USB is shown cleaned", () => {
    for (const { text, what } of all) {
      const seen = ofUsb({ path: "1-4.2", vendorId: 0x0483, productId: 0xdf11, product: text } as Parameters<
        typeof ofUsb
      >[0]);
      must(!harmful(seen.title) && !harmful(JSON.stringify(seen.facts)), `${what}: ${seen.title}`);
    }
    expect(all).toHaveLength(1000);
  });

  test("a line of `run --json` has no control in it, and says the very text", () => {
    const { io, out } = someIo(true);
    const { order } = lineOf(recipe("STM32F103C6"));
    for (const { text, what } of all) {
      const unit: UnitStart = {
        slot: slotOf("A1", "STM32F103", "uart"),
        barcode: text,
        panel: null,
        reworkReason: null,
      };
      const outcome: Outcome = failed("WRONG_CHIP", text);
      const voice = runVoice(io, order, [unit]);
      out.length = 0;
      voice.happened(unit, { type: "note", text, ms: 1 });
      const record = attemptOf(1, { barcode: text, operator: text, uid: null, serial: text, outcome });
      voice.ended(
        { unit, serial: text, attempt: 1, result: Promise.resolve({ record, outcome, ms: 1 }) },
        { record, outcome, ms: 1 },
      );
      for (const line of out) must(!harmful(line), `${what}: ${JSON.stringify(line)}`);
      const [, last = ""] = out;
      must((JSON.parse(last) as { barcode: string }).barcode === text, `${what}: another text`);
    }
    expect(JSON.parse(visibleJson({ a: '\u009b\u202e🔥\ud800"\\' }))).toEqual({
      a: '\u009b\u202e🔥\ud800"\\',
    });
  });

  test("a cell of a sheet is neither a formula nor a line break", () => {
    const attempts = all.map(({ text }, i) =>
      attemptOf(i + 1, { barcode: text, operator: text, serial: text, outcome: failed("WRONG_CHIP", text) }),
    );
    const rows = readCsv([...writeCsv(attempts)].join(""));
    expect(rows).toHaveLength(attempts.length + 1);
    const texts = ["barcode", "operator", "serial", "detail"].map((name) => csvHeader.indexOf(name));
    for (const [i, row] of rows.slice(1).entries())
      for (const column of texts) {
        const cell = row[column] ?? "";
        must(!formula.test(cell) && !harmful(cell), `${all[i]?.what}: ${JSON.stringify(cell)}`);
      }
  });

  test("a mark on paper has nothing unseen in it", async () => {
    const fonts = await loadFonts(null);
    let pages = 0;
    for (let i = 0; i < all.length; i += 20) {
      // What the report's fonts cannot show is told by name before a byte is written, and has its own tests.
      const group = all
        .slice(i, i + 20)
        .map(({ text, what }) => ({ text: text.replaceAll(noGlyph, ""), what }));
      const facts = factsOf(
        group.map(({ text }, n) =>
          attemptOf(n + 1, {
            barcode: text,
            operator: text,
            station: text,
            notes: [text],
            outcome: failed("WRONG_CHIP", text),
          }),
        ),
      );
      const what = `${group[0]?.what} and the 19 after it`;
      const cover = batchCover(facts, standardReport);
      for (const page of composePages(layout(facts, standardReport), standardReport, cover, fonts)) {
        pages += 1;
        for (const mark of page.marks)
          if (mark.type === "text") must(!harmful(mark.text), `${what}: ${JSON.stringify(mark.text)}`);
      }
    }
    expect(pages).toBeGreaterThan(0);
  });
});

test(`a detail that quotes a device comes clean out of an attempt, into record and line, 200 times (SEED=${seed})`, async () => {
  let text = "";
  const line = lineOf(recipe("STM32F103C6"), {
    tamperOf: () => ({
      opening() {
        throw new Fault("WRONG_CHIP", text);
      },
    }),
  });
  const all = strings("detail", 200);
  for (const [i, one] of all.entries()) {
    ({ text } = one);
    const [end] = await line.run([`UNIT-${i}`]);
    const { record } = end ?? {};
    if (record === null || record === undefined || record.outcome.kind === "PASS") throw new Error(one.what);
    must(record.outcome.failure.code === "WRONG_CHIP", one.what);
    must(
      !harmful(record.outcome.failure.detail),
      `${one.what}: ${JSON.stringify(record.outcome.failure.detail)}`,
    );
  }
  expect(line.store.audit()).toMatchObject({ kind: "whole", rows: 200 });
});
