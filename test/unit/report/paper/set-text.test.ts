import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sheets, type Page, type Setter } from "../../../../src/report/paper/mark.ts";
import { fitted, line, wrap } from "../../../../src/report/paper/set-text.ts";
import { paginate, strip, type Piece } from "../../../../src/report/paper/strip.ts";

/** A type of which each letter is 1 mm wide. */
const setter: Setter = { measure: (text) => Array.from(text).length, sheet: sheets.A4 };
const broken = (text: string, width: number): string[] => wrap(setter, text, width, 8.5, false);

test("text breaks at blanks, inside a word only where the word alone is too long", () => {
  expect(broken("one two three", 7)).toEqual(["one two", "three"]);
  expect(broken("a UNIT-0000000001 b", 6)).toEqual(["a", "UNIT-0", "000000", "001 b"]);
  expect(broken("", 6)).toEqual([""]);
});

test("no letter is lost and no line is too wide, whatever the text is", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z0-9 .-]{0,200}$/),
      fc.integer({ min: 1, max: 40 }),
      (text, width) => {
        const lines = broken(text, width);
        expect(lines.every((words) => words.length <= width)).toBe(true);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      },
    ),
  );
});

test("figures end where their column ends", () => {
  const mark = line(setter, "123", 10, { x: 20, width: 8, align: "right" });
  expect(mark).toMatchObject({ x: 25, width: 3, limit: 28 });
});

test("a text with one line loses its middle, both ends stay", () => {
  const mark = fitted(setter, "WO-4711-and-a-very-long-name-B", 10, { x: 0, width: 11 });
  expect(mark).toMatchObject({ text: "WO-47~ame-B" });
});

const row = (name: string, more = {}): Piece =>
  strip(100, (y) => [line(setter, name, y, { x: 16, width: 50 })], more);
const texts = (pages: Iterable<Page>): string[][] =>
  [...pages].map(({ marks }) => marks.map((mark) => (mark.type === "text" ? mark.text : mark.type)));

test("a row that does not fit begins the next page, under its head again", () => {
  const head = strip(10, (y) => [line(setter, "head", y, { x: 16, width: 50 })]);
  const rows = ["1", "2", "3"].map((name) => row(name, { head }));
  expect(texts(paginate([head, ...rows], sheets.A4))).toEqual([
    ["head", "1", "2"],
    ["head", "3"],
  ]);
});

test("a head does not stay alone at the end of a page", () => {
  const head = strip(10, (y) => [line(setter, "head", y, { x: 16, width: 50 })], { keep: 60 });
  expect(texts(paginate([row("1"), row("2"), head, row("3")], sheets.A4))).toEqual([
    ["1", "2"],
    ["head", "3"],
  ]);
});

test("the foot goes to the lower end, or with too little room to the next page", () => {
  const foot: Piece = {
    type: "foot",
    height: 60,
    marks: (y) => [line(setter, "foot", y, { x: 16, width: 50 })],
  };
  const [page] = [...paginate([row("1"), foot], sheets.A4)];
  expect(page?.marks[1]).toMatchObject({ text: "foot", y: sheets.A4.bottom - 60 });
  expect(texts(paginate([row("1"), row("2"), foot, row("3")], sheets.A4))).toEqual([
    ["1", "2"],
    ["foot"],
    ["3"],
  ]);
});

test("a section begins a page, but not after a page that is nearly empty", () => {
  const page: Piece = { type: "page" };
  const low = strip(20, (y) => [line(setter, "low", y, { x: 16, width: 50 })]);
  expect(texts(paginate([page, row("1"), page, row("2")], sheets.A4))).toEqual([["1"], ["2"]]);
  expect(texts(paginate([low, page, row("2")], sheets.A4))).toEqual([["low", "2"]]);
});
