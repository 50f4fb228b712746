import { StoreError } from "../../store/store-error.ts";
import { errorText } from "../../lib/thrown.ts";

/** A requirement and what was seen of it, before it has its number. */
export interface Told {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly passed: boolean;
}

/** One group: its checks in their order, each told as soon as it is known. */
export type Checks = AsyncGenerator<Told, void, undefined>;

/** What a look gives back: what it saw, and whether that is what was expected. */
export interface Seen {
  readonly seen: string;
  readonly passed: boolean;
}

/** Something of the machine that ends the whole run: no check can be made on a full disk. */
export function endsAll(error: unknown): boolean {
  if (error instanceof StoreError) return error.kind === "full" || error.kind === "unwritable";
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EROFS");
}

/** One check. What is thrown on the way is what was seen, and the check has failed. */
export async function check(what: string, expected: string, look: () => Seen | Promise<Seen>): Promise<Told> {
  try {
    return { what, expected, ...(await look()) };
  } catch (error) {
    if (endsAll(error)) throw error;
    return { what, expected, seen: `it broke off: ${errorText(error)}`, passed: false };
  }
}

/** A check whose words must be the same. */
export const same = (what: string, expected: string, look: () => string | Promise<string>): Promise<Told> =>
  check(what, expected, async () => {
    const seen = await look();
    return { seen, passed: seen === expected };
  });

/** A check that holds when nothing is to be complained of; `good` says what was seen then. */
export const noComplaints = (
  what: string,
  expected: string,
  look: () => readonly string[] | Promise<readonly string[]>,
  good = expected,
): Promise<Told> =>
  check(what, expected, async () => {
    const found = await look();
    const [first = ""] = found;
    const more = found.length > 1 ? `; ${found.length - 1} more` : "";
    return found.length === 0 ? { seen: good, passed: true } : { seen: `${first}${more}`, passed: false };
  });

/** Says of several things where each differs from what was expected of it. */
export const differences = (
  pairs: readonly (readonly [name: string, seen: unknown, expected: unknown])[],
): string[] =>
  pairs.flatMap(([name, seen, expected]) =>
    Object.is(seen, expected) ? [] : [`${name} ${String(seen)}, ${String(expected)} was expected`],
  );
