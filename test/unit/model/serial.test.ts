import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  dateParts,
  fillFormat,
  largestNumber,
  parseFormat,
  serialPattern,
  usesToken,
  type SerialFormat,
} from "../../../src/model/serial.ts";

function format(text: string): SerialFormat {
  const parsed = parseFormat(text);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

const dates = dateParts(new Date("2026-11-23T12:00:00Z"), "UTC");

describe("a format", () => {
  test("is cut into texts and tokens", () => {
    expect(parseFormat("V60-{yy}{ww}-{n:05}")).toEqual([
      { kind: "text", text: "V60-" },
      { kind: "token", name: "yy", digits: null },
      { kind: "token", name: "ww", digits: null },
      { kind: "text", text: "-" },
      { kind: "token", name: "n", digits: 5 },
    ]);
    expect(parseFormat("")).toEqual([]);
    expect(parseFormat("{n:5}")).toEqual([{ kind: "token", name: "n", digits: 5 }]);
  });

  test.each([
    ["A{n", 'a "}" was expected behind "{"'],
    ["A}n", 'a "{" was expected before "}"'],
    ["{n}}", 'a "{" was expected before "}"'],
    ["{}", "unknown token {}"],
    ["{N}", "unknown token {N}"],
    ["{serial number}", "unknown token {serial number}"],
    ["{__proto__}", "unknown token"],
    ["{yy:02}", "a width such as {n:05} was expected, and beside {n} only"],
    ["{n:0}", "a width such as {n:05} was expected, and beside {n} only"],
    ["{n:123}", "a width such as {n:05} was expected, and beside {n} only"],
    ["{n:-5}", "a width such as {n:05} was expected, and beside {n} only"],
  ])("%j is refused: %s", (text, complaint) => {
    expect(parseFormat(text)).toContain(complaint);
  });

  test("is filled with leading zeros kept, and never cuts a number that is too long", () => {
    const v60 = format("V60-{yy}{ww}-{n:05}");
    expect(fillFormat(v60, dates, 42)).toBe("V60-2648-00042");
    expect(fillFormat(v60, dates, 123_456)).toBe("V60-2648-123456");
    expect(fillFormat(format("{n}"), {}, 7)).toBe("7");
  });

  test("throws for what is not known yet", () => {
    expect(() => fillFormat(format("{uid}"), {}, 1)).toThrow("{uid} is not known here");
    expect(() => fillFormat(format("{n}"), {}, null)).toThrow("no number");
  });

  test("knows which tokens it uses", () => {
    expect(usesToken(format("{yy}-{n}"), "n")).toBe(true);
    expect(usesToken(format("{yy}-n"), "n")).toBe(false);
  });

  test("knows how many numbers it has room for", () => {
    expect(largestNumber(format("{n:03}"))).toBe(999);
    expect(largestNumber(format("{n:05}/{n:02}"))).toBe(99);
    expect(largestNumber(format("{n}"))).toBeNull();
    expect(largestNumber(format("{yy}"))).toBeNull();
  });
});

describe("the parts of a date", () => {
  test("are those of the station's time zone", () => {
    const at = new Date("2026-12-31T23:30:00Z");
    expect(dateParts(at, "UTC")).toMatchObject({ yyyy: "2026", yy: "26", mm: "12", dd: "31" });
    expect(dateParts(at, "Europe/Berlin")).toMatchObject({ yyyy: "2027", yy: "27", mm: "01", dd: "01" });
    expect(dateParts(at, "UTC").unix).toBe(String(at.getTime() / 1000));
  });

  // Weeks as `date -u -d DAY +%V` prints them.
  test.each([
    ["2026-11-23", "48"],
    ["2026-01-01", "01"],
    ["2026-12-31", "53"],
    ["2027-01-03", "53"],
    ["2027-01-04", "01"],
    ["2024-12-30", "01"],
    ["2023-01-01", "52"],
    ["2020-02-29", "09"],
  ])("have the ISO week of %s: %s", (day, week) => {
    expect(dateParts(new Date(`${day}T12:00:00Z`), "UTC").ww).toBe(week);
  });
});

// The week's year as `date -u -d DAY +%G` prints it.
test.each([
  ["V60-{yy}{ww}", "2026-12-31", "V60-2653"],
  ["V60-{yy}{ww}", "2027-01-03", "V60-2653"],
  ["V60-{yyyy}w{ww}", "2027-01-04", "V60-2027w01"],
  ["V60-{yy}{ww}", "2024-12-30", "V60-2501"],
  ["{yy}{mm}{dd} week {ww}", "2027-01-03", "270103 week 53"],
  ["{yy}{mm}", "2024-12-30", "2412"],
])("a date code goes on over New Year: %s on %s is %s", (text, day, code) => {
  expect(fillFormat(format(text), dateParts(new Date(`${day}T12:00:00Z`), "UTC"), null)).toBe(code);
});

describe("the pattern of a format", () => {
  test("finds the number in a text of its own, also of another week", () => {
    const pattern = serialPattern(format("V60-{yy}{ww}-{n:05}"));
    expect(pattern.exec("V60-2647-00042")?.groups?.["n"]).toBe("00042");
    expect(pattern.exec("V60-2548-123456")?.groups?.["n"]).toBe("123456");
  });

  test.each(["V60-2647-0042", "v60-2647-00042", "V60-2647-00042 ", "xV60-2647-00042", "V60-26-00042", ""])(
    "does not take %j",
    (text) => {
      expect(serialPattern(format("V60-{yy}{ww}-{n:05}")).test(text)).toBe(false);
    },
  );

  test("takes signs of a pattern in the text as they are", () => {
    const pattern = serialPattern(format("A.+(x)[1]{n}$^"));
    expect(pattern.exec("A.+(x)[1]7$^")?.groups?.["n"]).toBe("7");
    expect(pattern.test("AbbxL7")).toBe(false);
  });

  test("finds in each filled text the number that was filled in", () => {
    const name = fc.constantFrom(
      "V60-{yy}{ww}-{n:05}",
      "{n}",
      "SN{yyyy}{mm}{dd}/{n:03}",
      "{n:08}-{unix}",
      "A.{n:2}*",
    );
    const property = fc.property(name, fc.nat({ max: 99_999_999 }), (text, n) => {
      const one = format(text);
      expect(Number(serialPattern(one).exec(fillFormat(one, dates, n))?.groups?.["n"])).toBe(n);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test("tells numbers apart: two numbers never give one text", () => {
    const name = fc.constantFrom("V60-{yy}{ww}-{n:05}", "{n}", "{n:03}X");
    const number = fc.nat({ max: 9_999_999 });
    const property = fc.property(name, number, number, (text, a, b) => {
      const one = format(text);
      expect(fillFormat(one, dates, a) === fillFormat(one, dates, b)).toBe(a === b);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
