import { describe, expect, test } from "vitest";
import { cleanText, fileNamePart, isClean, visibleJson } from "../../src/lib/clean-text.ts";
import { Fault } from "../../src/model/fault.ts";
import { harmful, hostileStrings } from "./hostile-strings.ts";
import { hostilePlaces } from "./hostile-places.ts";
import { lineOf } from "./line.ts";
import { must, seed } from "./random.ts";
import { recipe } from "./recipe.ts";

describe(`1000 hostile strings (SEED=${seed})`, () => {
  const all = hostileStrings("text", 0, 1000);

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

  test("do nothing on the screen, in a line, in a sheet, on paper, in the name of a file, in the list of ports", async () => {
    const places = await hostilePlaces();
    expect(places).toHaveLength(6);
    for (const place of places)
      for (let i = 0; i < all.length; i += 20) await place.look(all.slice(i, i + 20));
  }, 60_000);

  test("two of them, by hand", () => {
    expect(fileNamePart("..\u001b/NUL")).toBe("_NUL");
    expect(JSON.parse(visibleJson({ a: '\u009b\u202e🔥\ud800"\\' }))).toEqual({
      a: '\u009b\u202e🔥\ud800"\\',
    });
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
  const all = hostileStrings("detail", 0, 200);
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
