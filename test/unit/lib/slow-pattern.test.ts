import { describe, expect, test } from "vitest";
import { isSlowPattern } from "../../../src/lib/slow-pattern.ts";

describe("a pattern over which some scan would hold the station up", () => {
  test.each([
    "^(a+)+$",
    "^([A-Z0-9]+-?)+$",
    "^UNIT-([0-9]+)*$",
    "^(.+-)+X$",
    "^(A|B|AB)*C$",
    "^(\\d+)+-[A-Z]$",
  ])("%s is found", (source) => {
    expect(isSlowPattern(new RegExp(source, "u"))).toBe(true);
  });

  test.each([
    "^UNIT-[0-9]{4,8}$",
    "UNIT",
    "^[A-Z]{2}(-[0-9]+)+$",
    "^(?<order>WO-[0-9]+);(?<profile>[a-z0-9-]+);(?<quantity>[0-9]+)$",
    "^.+$",
    "^([A-Z]+|[0-9]+)-.*$",
    "^B-\\d{6}$",
    "",
  ])("%s is none", (source) => {
    expect(isSlowPattern(new RegExp(source, "u"))).toBe(false);
  });
});
