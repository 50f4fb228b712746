import { didYouMean, nearest } from "../../lib/nearest.ts";
import type { Mishap } from "../../model/mishap.ts";

type Kind = "count" | "whole" | "factor" | "flag" | "uid";

const kinds = {
  pullAt: "count",
  nackWrite: "whole",
  muteAfter: "count",
  flipBit: "count",
  swapAt: "count",
  protected: "flag",
  wrongChip: "flag",
  noiseRead: "count",
  slowErase: "factor",
  optionsStick: "flag",
  uid: "uid",
} as const satisfies Record<keyof Mishap, Kind>;

const patterns: Readonly<Record<Kind, { readonly fits: RegExp; readonly expected: string }>> = {
  count: { fits: /^[0-9]{1,9}$/, expected: "a number from 0 on" },
  whole: { fits: /^-?[1-9][0-9]{0,8}$/, expected: "a number of a block, from 1 on, or negative" },
  factor: { fits: /^[1-9][0-9]{0,3}(\.[0-9]{1,3})?$/, expected: "a number from 1 on" },
  flag: { fits: /^(true|false)$/, expected: "true or false" },
  uid: { fits: /^[0-9a-f]{24}$/, expected: "24 lower-case hex digits" },
};

/** Planned trouble as words of a command line, `pullAt=4096,noiseRead=3`; or the sentence that says what is wrong. */
export function mishapOfWords(words: string): Mishap | string {
  const plan: Record<string, number | boolean | string> = {};
  for (const word of words.split(",")) {
    const [key = "", ...rest] = word.trim().split("=");
    if (!isKey(key)) return unknownKey(key);
    // A flag says enough by its name.
    const value = rest.length === 0 && kinds[key] === "flag" ? "true" : rest.join("=");
    const { fits, expected } = patterns[kinds[key]];
    if (!fits.test(value)) return `${key}: "${value}" found, ${expected} was expected`;
    plan[key] = kinds[key] === "flag" ? value === "true" : kinds[key] === "uid" ? value : Number(value);
  }
  return plan;
}

/** The same as words again, such as `pullAt=4096`. */
export const wordsOfMishap = (mishap: Mishap): string =>
  Object.entries(mishap)
    .map(([key, value]) => (value === true ? key : `${key}=${String(value)}`))
    .join(",");

function isKey(word: string): word is keyof Mishap {
  return Object.hasOwn(kinds, word);
}

function unknownKey(key: string): string {
  const known = Object.keys(kinds);
  const hint = didYouMean(nearest(key, known), `known are ${known.join(", ")}`);
  return `"${key}" found, no such trouble is known, ${hint}`;
}
