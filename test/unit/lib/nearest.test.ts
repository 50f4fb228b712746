import { describe, expect, test } from "vitest";
import { didYouMean, nearest } from "../../../src/lib/nearest.ts";

describe("the known word that a mistyped one is closest to", () => {
  const known = ["run", "image", "profile", "batch", "report", "station"];
  test.each([
    ["imgae", "image"],
    ["Batch", "batch"],
    ["profil", "profile"],
    ["reports", "report"],
    ["statoin", "station"],
    ["ru", "run"],
    ["image", "image"],
  ])("%s was meant as %s", (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  test.each([["xyz"], [""], ["flash"], ["programme"]])("%j is near to none", (word) => {
    expect(nearest(word, known)).toBeNull();
  });

  test("of two that are as near, the first is told", () => {
    expect(nearest("A3", ["A1", "A2"])).toBe("A1");
    expect(nearest("STM32F405RE", ["STM32F205RE", "STM32F405RG"])).toBe("STM32F405RG");
  });

  test("a swap of neighbours is one slip, a swap further apart is two", () => {
    expect(nearest("ab", ["ba"])).toBe("ba");
    expect(nearest("abc", ["cba"])).toBeNull();
  });

  test("a long word among thousands is found at once", () => {
    const many = Array.from({ length: 5000 }, (_, i) => `${"x".repeat(40)}${i}`);
    const begin = performance.now();
    expect(nearest(`${"x".repeat(40)}4999`, many)).toBe(`${"x".repeat(40)}4999`);
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

test("a complaint goes on with the word that was meant, or with what helps where none is near", () => {
  expect(didYouMean(nearest("statoin", ["station"]), "one of those was expected")).toBe(
    'did you mean "station"?',
  );
  expect(didYouMean(nearest("xyz", ["station"]), "one of those was expected")).toBe(
    "one of those was expected",
  );
});
