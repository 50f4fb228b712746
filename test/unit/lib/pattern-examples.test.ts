import fc from "fast-check";
import { expect, test } from "vitest";
import { commonText, patternExamples } from "../../../src/lib/pattern-examples.ts";

test.each([
  ["^UNIT-[0-9]{4,8}$", ["UNIT-0000"]],
  ["^(?<order>WO-[0-9]+)(;[a-z]+)?$", ["WO-0", "WO-0;a"]],
  ["^B-\\d{2}|C\\.x$", ["B-00", "B-11", "C.x"]],
])("%s matches such texts", (source, expected) => {
  const found = patternExamples(new RegExp(source, "u"));
  for (const text of expected.slice(0, 1)) expect(found).toContain(text);
  expect(found.every((text) => new RegExp(source, "u").test(text))).toBe(true);
});

test.each([
  ["^[A-Z]+-[0-9]+$", "^WO-[0-9]+$"],
  ["^[0-9]{6}$", "^(?:[0-9]{6}|B-1)$"],
])("%s and %s have a text in common", (one, other) => {
  const found = commonText(new RegExp(one, "u"), new RegExp(other, "u"));
  expect(found).toMatch(new RegExp(one, "u"));
  expect(found).toMatch(new RegExp(other, "u"));
});

test("labels and orders with their own beginnings have none", () => {
  expect(commonText(/^UNIT-[0-9]{4}$/u, /^WO-[0-9]+$/u)).toBeNull();
});

test("an example is always a text that its pattern matches, whatever the pattern", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), (source) => {
      const pattern = patternOf(source);
      const examples = pattern === null ? [] : patternExamples(pattern);
      expect(examples.filter((text) => pattern?.test(text) !== true)).toEqual([]);
    }),
  );
});

function patternOf(source: string): RegExp | null {
  try {
    return new RegExp(source, "u");
  } catch {
    return null;
  }
}
