import { extractTextItems } from "unpdf";
import { describe, expect, test } from "vitest";
import type { BatchFacts } from "../../src/model/facts.ts";
import { standardReport } from "../../src/report/definition.ts";
import { sheets } from "../../src/report/paper/mark.ts";
import { codeModules } from "../../src/report/paper/code-modules.ts";
import { sealText } from "../../src/report/paper/seal.ts";
import { draw, pagesOf, textOf } from "./drawn.ts";
import { overlaps } from "./overlaps.ts";
import { attemptOf, factsOf, failed, largeBatch } from "./some-batch.ts";

const packed = (text: string): string => text.replaceAll(/\s+/g, "");

const wide = "W".repeat(200);
const hostile = factsOf([
  attemptOf(1, { barcode: "=cmd|' /C calc'!A0", operator: "\u001b[31mEve\u202Egnp.exe\u0007" }),
  attemptOf(2, {
    barcode: wide,
    serial: wide,
    slot: wide,
    operator: wide,
    station: wide,
    outcome: failed("STATION_BUG", `${"x".repeat(1500)}\n${"y z ".repeat(100)}`),
    notes: [wide],
  }),
  attemptOf(3, {
    barcode: "ΑΒΓ-Жук-ẞ-ffi-é-e\u0301",
    options: Array.from({ length: 70 }, (_, i) => ({
      name: `A_FIELD_WITH_A_LONG_NAME_${i}`,
      wanted: 0xffffffff,
      before: i,
      after: null,
    })),
  }),
]);
function manyWanted(): BatchFacts {
  const facts = factsOf(largeBatch(8));
  const huge = 999_999_999;
  return {
    ...facts,
    batch: { ...facts.batch, quantity: huge },
    counts: { passed: huge, failed: huge, seen: huge, firstPass: huge, firstSeen: huge, marginal: huge },
  };
}

const batches: readonly { readonly name: string; readonly facts: BatchFacts }[] = [
  { name: "a large batch", facts: factsOf(largeBatch(237)) },
  { name: "a small batch", facts: factsOf(largeBatch(8)) },
  { name: "a batch without attempts", facts: factsOf([]) },
  { name: "a trial", facts: factsOf(largeBatch(40, { trial: true })) },
  { name: "simulated boards", facts: factsOf(largeBatch(40, { realm: "sim" })) },
  { name: "a simulated trial", facts: factsOf(largeBatch(12, { realm: "sim", trial: true })) },
  {
    name: "simulated boards among others",
    facts: factsOf([...largeBatch(8), attemptOf(9, { realm: "sim" })]),
  },
  { name: "a station with a long name", facts: factsOf([attemptOf(1, { station: "Ж".repeat(200) })]) },
  { name: "figures of nine digits", facts: manyWanted() },
  { name: "hostile texts", facts: { ...hostile, batch: { ...hostile.batch, id: wide, product: wide } } },
  {
    name: "64 slots and every fault",
    facts: {
      ...factsOf(largeBatch(240)),
      bySlot: Array.from({ length: 64 }, (_, i) => ({ slot: `SLOT-${i}`, passed: i, tried: 64 })),
      failures: Array.from({ length: 25 }, (_, i) => ({
        code: `A_FAULT_WITH_A_LONG_NAME_${i}`,
        count: i + 1,
      })),
    },
  },
];

describe.each(batches)("$name", ({ facts }) => {
  test.each(["A4", "Letter"] as const)(
    "nothing stands outside its column or over another text on %s",
    async (paper) => {
      const sheet = sheets[paper];
      for (const page of await pagesOf(facts, { ...standardReport, paper })) {
        const texts = page.marks.filter((mark) => mark.type === "text");
        const outside = texts.filter(
          ({ x, y, width, limit }) =>
            x < sheet.left - 0.001 ||
            x + width > limit + 0.001 ||
            limit > sheet.right + 0.001 ||
            y < 4 ||
            y > sheet.height - 4,
        );
        expect(outside).toEqual([]);
        expect(overlaps(texts)).toEqual([]);
        // Between the blocks and the footer nothing stands; a code ends where the blocks do.
        expect(texts.filter(({ y }) => y > sheet.bottom && y < sheet.foot - 0.001)).toEqual([]);
        const codes = page.marks.filter((mark) => mark.type === "modules");
        expect(codes.filter(({ y, side, rows }) => y + side * rows.length > sheet.bottom)).toEqual([]);
      }
    },
  );

  test("each page has its number, all units are there, the texts are those of the facts", async () => {
    const pages = await textOf(await draw(facts));
    pages.forEach((text, i) => {
      expect(packed(text)).toContain(`page${i + 1}of${pages.length}`);
    });
    const all = packed(pages.join(" "));
    const said = facts.attempts.flatMap(({ barcode, serial }) => [barcode, serial ?? ""]);
    const missing = said.filter((text) => text !== wide && !all.includes(packed(text.normalize("NFC"))));
    expect(missing).toEqual([]);
    expect(all).toContain(packed(facts.batch.profileHash));
    // oxlint-disable-next-line no-control-regex -- controls are what must not be there
    expect(pages.join("")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
  });
});

test("text is drawn as wide as it was measured", async () => {
  const facts = factsOf(largeBatch(40));
  const pages = await pagesOf(facts);
  const { items } = await extractTextItems(await draw(facts));
  // A text may stand on a page in bold too: the place tells them apart.
  const key = (text: string, x: number, y: number): string => `${text} ${x.toFixed(1)} ${y.toFixed(1)}`;
  const toMm = 25.4 / 72;
  const differing: string[] = [];
  let compared = 0;
  pages.forEach(({ marks }, i) => {
    const measured = new Map(
      marks.flatMap((mark) =>
        mark.type === "text"
          ? [[key(mark.text, mark.x, sheets.A4.height - mark.y), mark.width] as const]
          : [],
      ),
    );
    for (const { str, x, y, width } of items[i] ?? []) {
      const expected = measured.get(key(str, x * toMm, y * toMm));
      if (expected === undefined) continue;
      compared += 1;
      if (Math.abs(width * toMm - expected) > 0.02) differing.push(str);
    }
  });
  expect(differing).toEqual([]);
  expect(compared).toBeGreaterThan(300);
});

test("a 200-character barcode is broken in its cell, not one character is lost", async () => {
  const barcode = Array.from({ length: 200 }, (_, i) => String.fromCharCode(65 + ((i * 7) % 26))).join("");
  const facts = factsOf([attemptOf(1, { barcode })]);
  const pages = await pagesOf(facts, { ...standardReport, sections: ["units"] });
  const parts = pages.flatMap(({ marks }) =>
    marks.flatMap((mark) =>
      mark.type === "text" && mark.x === sheets.A4.left && /^[A-Z]+$/.test(mark.text) ? [mark.text] : [],
    ),
  );
  expect(parts.join("")).toBe(barcode);
});

test("the code on page 1 is the Data Matrix of the sealed text, which stands beside it", async () => {
  const facts = factsOf(largeBatch(8));
  const seal = sealText(facts) ?? "";
  const [page] = await pagesOf(facts);
  const codes = page?.marks.filter((mark) => mark.type === "modules") ?? [];
  expect(codes.map(({ rows, side }) => ({ rows, side }))).toEqual([
    { rows: codeModules("datamatrix", seal), side: 0.5 },
  ]);
  const [text = ""] = await textOf(await draw(facts));
  for (const part of seal.split(" ")) expect(packed(text)).toContain(part);
});
