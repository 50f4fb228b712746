import { sayIn } from "../../../src/report/say.ts";
import { describe, expect, test } from "vitest";
import {
  decimal,
  documentTitle,
  grouped,
  markedVerdict,
  markingOf,
  optionValue,
  paperText,
  percent,
  percentPoints,
  seconds,
} from "../../../src/report/words.ts";
import { bothTimes, localTime, shortTime, zoneOffset } from "../../../src/report/times.ts";
import type { BatchFacts } from "../../../src/model/facts.ts";
import { reportFileName, type ReportFormat } from "../../../src/report/file-name.ts";
import { attemptOf, factsOf } from "../../report/some-batch.ts";

const fileName = (facts: BatchFacts, format: ReportFormat): string =>
  reportFileName(facts.batch.id, markingOf(facts), format);

test("a share that is not whole never rounds to all or nothing", () => {
  expect(percent(1)).toBe("100.0%");
  expect(percent(99_999 / 100_000)).toBe("99.9%");
  expect(percent(1 / 100_000)).toBe("0.1%");
  expect(percent(0)).toBe("0.0%");
  expect(percent(236 / 246)).toBe("95.9%");
});

test("an option value is written as data sheets write it", () => {
  expect([0, 3, 9, 10, 0xaa, 0xffffffff].map(optionValue)).toEqual([
    "0",
    "3",
    "9",
    "0x0A",
    "0xAA",
    "0xFFFFFFFF",
  ]);
});

test("digits are grouped from the left, the rest stays", () => {
  expect(grouped("7c1e90b4a", 4)).toBe("7c1e 90b4 a");
  expect(grouped("", 4)).toBe("");
});

test("what comes to paper has one line and no control, escape or bidi mark", () => {
  expect(paperText("  a\r\n\tb\u001b[31m\u202Ec\u0000 ")).toBe("a b[31mc");
});

describe("marking", () => {
  const line = attemptOf(1);
  const sim = attemptOf(2, { realm: "sim" });

  test("a released batch of real boards carries no mark", () => {
    expect(markingOf(factsOf([line]))).toEqual({ trial: false, simulated: "no" });
  });

  test("simulated boards among real ones are told apart from simulated boards alone", () => {
    expect(markingOf(factsOf([line, sim])).simulated).toBe("part");
    expect(markingOf(factsOf([sim])).simulated).toBe("all");
    expect(markingOf(factsOf([], { simulated: true })).simulated).toBe("all");
  });

  test("one trial attempt makes the report a trial's", () => {
    expect(markingOf(factsOf([line, attemptOf(2, { trial: true })])).trial).toBe(true);
    const { batch } = factsOf([]);
    expect(markingOf(factsOf([line], { batch: { ...batch, trial: true } })).trial).toBe(true);
  });

  test("each result, the title and the file name say it", () => {
    const both = attemptOf(1, { trial: true, realm: "sim" });
    expect(markedVerdict(sayIn("en"), both)).toBe("trial sim PASS");
    const facts = factsOf([both]);
    expect(documentTitle("Batch report", "WO-4711", markingOf(facts))).toBe(
      "TRIAL: SIMULATED: Batch report WO-4711",
    );
    expect(fileName(facts, "pdf")).toBe("TRIAL-SIMULATED-WO-4711.pdf");
    expect(fileName(factsOf([attemptOf(1, { trial: true })]), "csv")).toBe("TRIAL-WO-4711.csv");
    expect(fileName(factsOf([line]), "pdf")).toBe("WO-4711.pdf");
  });
});

test("no name of a batch becomes a path or a hidden file", () => {
  const facts = factsOf([]);
  const named = (id: string): string => fileName({ ...facts, batch: { ...facts.batch, id } }, "pdf");
  expect(named("../../etc/passwd")).toBe("etc-passwd.pdf");
  expect(named("..")).toBe("unnamed.pdf");
  expect(named("a\\b:c\u0000d\u202E")).toBe("a-b-cd.pdf");
});

describe("times", () => {
  const at = new Date("2026-11-22T23:30:05.900Z");

  test("both clocks are printed, whole seconds", () => {
    expect(bothTimes(at, "Europe/Berlin")).toBe("2026-11-23 00:30:05, UTC 2026-11-22T23:30:05Z");
  });

  test("midnight is 00, not 24", () => {
    expect(shortTime(new Date("2026-11-22T23:00:00Z"), "Europe/Berlin", "en")).toBe("23 Nov 00:00");
  });

  test("days are written as the language does", () => {
    expect(shortTime(at, "UTC", "de")).toBe("22.11. 23:30");
    expect(shortTime(at, "UTC", "zh")).toBe("11-22 23:30");
  });

  test("a clock that is changed inside a quarter of an hour is right on both sides of the change", () => {
    // Newfoundland in 2010: one minute after midnight, an hour back.
    const zone = "America/St_Johns";
    expect(localTime(new Date("2010-11-07T02:30:59Z"), zone)).toBe("2010-11-07 00:00:59");
    expect(localTime(new Date("2010-11-07T02:31:00Z"), zone)).toBe("2010-11-06 23:01:00");
    expect(localTime(new Date("2026-03-29T00:59:59.999Z"), "Europe/Berlin")).toBe("2026-03-29 01:59:59");
    expect(localTime(new Date("2026-03-29T01:00:00Z"), "Europe/Berlin")).toBe("2026-03-29 03:00:00");
    expect(localTime(new Date("1969-12-31T23:59:59.500Z"), "UTC")).toBe("1969-12-31 23:59:59");
  });

  test("the offset follows the zone's summer and half hours", () => {
    expect(zoneOffset(at, "Europe/Berlin")).toBe(3_600_000);
    expect(zoneOffset(new Date("2026-07-01T12:00:00Z"), "Europe/Berlin")).toBe(7_200_000);
    expect(zoneOffset(at, "Asia/Kolkata")).toBe(19_800_000);
    expect(zoneOffset(at, "UTC")).toBe(0);
  });
});

test("a German report has its decimal comma, the others their point", () => {
  expect([
    percent(0.9444, "de"),
    percentPoints(0.9444, "de"),
    seconds(13_100, "de"),
    decimal(0.04, 2, "de"),
  ]).toEqual(["94,4%", "94,4", "13,1", "0,04"]);
  expect([percent(0.9444), percent(0.9999, "zh"), seconds(40, "zh")]).toEqual(["94.4%", "99.9%", "0.04"]);
});
