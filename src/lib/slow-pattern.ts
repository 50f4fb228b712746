import { createContext, Script } from "node:vm";
import { patternExamples } from "./pattern-examples.ts";

/** Behind the pattern that was found. */
export const slowWords =
  "a code that does not match may hold it up for ever: no repetition in a repeated group, as in (a+)+, was expected";

/** Longest scan that is tried, characters; a code may have no more (contract: a barcode of 1 to 100). */
const scanLength = 100;

/**
 * For all codes that are tried, ms. A good pattern needs a few, and has room for a machine that is busy; a slow one would need
 * years for a single code.
 */
const limitMs = 3000;

const tries = new Script("texts.some((text) => pattern.test(text))");

/**
 * Whether some scan may hold the whole station up: in a pattern such as `^(a+)+$` the work doubles with each character of a
 * code that does not match. Codes are made of its own examples, of which pieces are repeated and the end is spoilt; one whose
 * examples cannot be told is not found.
 */
export function isSlowPattern(pattern: RegExp): boolean {
  const texts = patternExamples(pattern).flatMap(almostMatching);
  if (texts.length === 0) return false;
  try {
    tries.runInContext(createContext({ pattern, texts }), { timeout: limitMs });
    return false;
  } catch (error) {
    if (isTimeout(error)) return true;
    throw error;
  }
}

// Made in the other context, so it is no Error of ours.
const isTimeout = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";

const longestPiece = 3;

function almostMatching(example: string): string[] {
  const letters = Array.from(example);
  return letters.flatMap((_, at) =>
    Array.from({ length: Math.min(longestPiece, letters.length - at) }, (_length, i) => {
      const before = letters.slice(0, at).join("");
      const piece = letters.slice(at, at + i + 1).join("");
      return `${before.padEnd(scanLength, piece).slice(0, scanLength - 1)}\0`;
    }),
  );
}
