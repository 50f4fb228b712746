import { expect, test } from "vitest";
import type { AttemptRecord } from "../../../src/model/attempt.ts";
import { csvHeader, csvRow, writeCsv } from "../../../src/report/csv.ts";
import { readCsv } from "../../report/read-csv.ts";
import { attemptOf, failed, largeBatch } from "../../report/some-batch.ts";

const file = (attempts: Iterable<AttemptRecord>): string => [...writeCsv(attempts)].join("");

test("a row an attempt, after the header, each ended by CR LF", () => {
  const attempts = largeBatch(1203);
  const text = file(attempts);
  const rows = readCsv(text);
  expect(rows[0]).toEqual(csvHeader);
  expect(rows.length).toBe(attempts.length + 1);
  expect(rows.every((row) => row.length === csvHeader.length)).toBe(true);
  expect(text.endsWith("\r\n")).toBe(true);
  expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  const barcode = csvHeader.indexOf("barcode");
  expect(rows.slice(1).map((row) => row[barcode])).toEqual(attempts.map((attempt) => attempt.barcode));
});

test("no attempt gives the header alone", () => {
  expect(readCsv(file([]))).toEqual([[...csvHeader]]);
});

test("a failed attempt says code and detail, simulated and trial are words", () => {
  const attempt = attemptOf(7, {
    outcome: failed("VERIFY_MISMATCH", 'at 0x08000000: "5A", found\n"5B"'),
    trial: true,
    realm: "sim",
    uid: null,
    chip: null,
  });
  const [header = [], row = []] = readCsv(file([attempt]));
  expect(Object.fromEntries(header.map((name, i) => [name, row[i]]))).toMatchObject({
    seq: "7",
    outcome: "FAIL",
    code: "VERIFY_MISMATCH",
    detail: 'at 0x08000000: "5A", found "5B"',
    trial: "true",
    simulated: "true",
    marginal: "false",
    uid: "",
    chip: "",
    started: "2026-11-22T05:00:06.300Z",
    hash: attempt.hash,
  });
});

test.each(["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "＝1", "＋1", "－1", "＠A"])(
  "the barcode %s is text to a spreadsheet",
  (barcode) => {
    const [, row = []] = readCsv(file([attemptOf(1, { barcode, operator: barcode })]));
    expect(row[csvHeader.indexOf("barcode")]).toBe(`'${barcode}`);
    expect(row[csvHeader.indexOf("operator")]).toBe(`'${barcode}`);
  },
);

test("a sheet that splits at semicolons finds no formula either: every text is quoted", () => {
  expect(file([attemptOf(1, { barcode: "a;=1+1" })])).toContain('"a;=1+1"');
});

test("figures stay figures, also below zero", () => {
  const row = csvRow(attemptOf(1, { ms: -5 }));
  expect(row[csvHeader.indexOf("ms")]).toBe(-5);
  expect(file([attemptOf(1, { ms: -5 })])).toContain(",-5,");
});

test("no escape, no bidi mark and no line break of a scanner comes into the file", () => {
  const text = file([attemptOf(1, { operator: "\u001b]0;x\u0007A\u202E\u200BB\u0000\rC" })]);
  // oxlint-disable-next-line no-control-regex -- controls are what must not be there
  expect(text.replaceAll("\r\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
  expect(text).toContain('"]0;xAB C"');
});

test("two images give both hashes in one cell", () => {
  const [image] = attemptOf(1).images;
  if (image === undefined) throw new Error("no image");
  const row = csvRow(attemptOf(1, { images: [image, { ...image, sha256: "ab".repeat(32) }] }));
  expect(row[csvHeader.indexOf("image_sha256")]).toBe(`${image.sha256} ${"ab".repeat(32)}`);
});
