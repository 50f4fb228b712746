import { describe, expect, test } from "vitest";
import { mayMove, type LedgerState } from "../../../src/model/ledger.ts";

const all: readonly LedgerState[] = ["reserved", "written", "committed", "void", "returned"];
const from = (state: LedgerState | null): LedgerState[] => all.filter((to) => mayMove(state, to));

describe("a number in the ledger", () => {
  test("begins reserved, or written where it was found in a chip", () => {
    expect(from(null)).toEqual(["reserved", "written"]);
  });

  test("that is void is nobody's again", () => {
    expect(from("void")).toEqual([]);
  });

  test("that came back is given out again, and nothing else", () => {
    expect(from("returned")).toEqual(["reserved"]);
  });

  test("is never free once a chip may have seen it", () => {
    for (const state of ["written", "committed", "void"] as const) {
      expect(mayMove(state, "returned")).toBe(false);
      expect(mayMove(state, "reserved")).toBe(false);
    }
  });

  test("is never committed before it was written", () => {
    expect(from("reserved")).toEqual(["reserved", "written", "void", "returned"]);
  });

  test("of a unit that comes back is written again", () => {
    expect(from("written")).toEqual(["written", "committed", "void"]);
    expect(from("committed")).toEqual(["written", "committed", "void"]);
  });
});
