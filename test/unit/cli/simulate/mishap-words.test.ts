import { describe, expect, test } from "vitest";
import { mishapOfWords, wordsOfMishap } from "../../../../src/cli/simulate/mishap-words.ts";

describe("planned trouble as words", () => {
  test.each([
    ["pullAt=4096", { pullAt: 4096 }],
    ["pullAt=0,noiseRead=3", { pullAt: 0, noiseRead: 3 }],
    ["nackWrite=-2", { nackWrite: -2 }],
    ["protected", { protected: true }],
    ["protected=true, wrongChip=false", { protected: true, wrongChip: false }],
    ["slowErase=2.5", { slowErase: 2.5 }],
    ["uid=0123456789abcdef01234567", { uid: "0123456789abcdef01234567" }],
  ])("%s", (words, mishap) => {
    expect(mishapOfWords(words)).toEqual(mishap);
    expect(mishapOfWords(wordsOfMishap(mishap))).toEqual(mishap);
  });

  test.each([
    ["pulAt=4096", '"pulAt" found, no such trouble is known, did you mean "pullAt"?'],
    ["explode", '"explode" found, no such trouble is known, known are pullAt'],
    ["", '"" found, no such trouble is known'],
    ["toString=1", '"toString" found, no such trouble is known'],
    ["pullAt=x", 'pullAt: "x" found, a number from 0 on was expected'],
    ["pullAt", 'pullAt: "" found, a number from 0 on was expected'],
    ["pullAt=1=2", 'pullAt: "1=2" found, a number from 0 on was expected'],
    ["nackWrite=0", 'nackWrite: "0" found, a number of a block, from 1 on, or negative was expected'],
    ["protected=yes", 'protected: "yes" found, true or false was expected'],
    ["slowErase=0.5", 'slowErase: "0.5" found, a number from 1 on was expected'],
    ["uid=12", 'uid: "12" found, 24 lower-case hex digits was expected'],
  ])("%s is refused", (words, why) => {
    expect(mishapOfWords(words)).toContain(why);
  });
});
