import { expect, test } from "vitest";
import { lettering, letteringWidth } from "../../src/ui/lettering.ts";
import { verdictLetters } from "../../src/ui/parts/tile-size.ts";

test("PASS in one column a pixel", () => {
  expect(lettering("PASS", verdictLetters.M, "#")).toEqual([
    "###  #  ### ###",
    "# # # # #   #  ",
    "### ### ### ###",
    "#   # #   #   #",
    "#   # # ### ###",
  ]);
});

test("four rows are enough for PASS", () => {
  expect(lettering("PASS", verdictLetters.S, "#")).toEqual([
    "###  #  ### ###",
    "# # # # #   #  ",
    "### ###   #   #",
    "#   # # ### ###",
  ]);
});

test("each size of a verdict has the columns and rows that its tile has", () => {
  const sizes = Object.entries(verdictLetters).map(([size, letters]) => {
    const rows = lettering("FAIL", letters, "#");
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([letteringWidth("FAIL", letters)]));
    return [size, letteringWidth("FAIL", letters), rows.length];
  });
  expect(sizes).toEqual([
    ["XL", 60, 10],
    ["L", 27, 5],
    ["M", 15, 5],
    ["S", 15, 4],
  ]);
});

test("small letters are written as capitals, unknown ones leave their place empty", () => {
  expect(lettering("a1", verdictLetters.M, "#")).toEqual(lettering("A1", verdictLetters.M, "#"));
  expect(lettering("ß{", verdictLetters.M, "#").join("")).not.toContain("undefined");
  expect(lettering("{A", verdictLetters.M, "#")[0]).toBe("     # ");
});

test("every verdict and SCAN can be written in four rows", () => {
  for (const word of ["PASS", "FAIL", "TIME", "ERR", "STOP", "SKIP", "SCAN"])
    for (const letter of word) expect(lettering(letter, verdictLetters.S, "#").join("").trim()).not.toBe("");
});
