import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainRules, type BenchRules } from "../../../src/model/bench-rules.ts";
import { gs1Fields, isGtin } from "../../../src/station/gs1.ts";
import { readCode } from "../../../src/station/read-code.ts";

const rules = (scans: Partial<BenchRules["scans"]> = {}, more: Partial<BenchRules> = {}): BenchRules => ({
  ...plainRules,
  ...more,
  scans: { ...plainRules.scans, ...scans },
});
const gtin = "04012345678901";
const label = `]d201${gtin}21V60-00042\x1d10LOT7`;

describe("a code", () => {
  test.each([
    [
      "loses its prefix and suffix",
      "~UNIT-1#",
      rules({ prefix: "~", suffix: "#" }),
      { kind: "unit", barcode: "UNIT-1" },
    ],
    ["is a key's card", "GF:F5", rules(), { kind: "card", key: "slot" }],
    ["is a slot's", "GF:SLOT:B2", rules(), { kind: "slot", slot: "B2" }],
    ["that only looks like a card is a unit", "GF:F99", rules(), { kind: "unit", barcode: "GF:F99" }],
    [
      "of an object's own words is a unit",
      "GF:CONSTRUCTOR",
      rules(),
      { kind: "unit", barcode: "GF:CONSTRUCTOR" },
    ],
    [
      "is a panel's",
      "PNL-7",
      rules({ panel: { pattern: /^PNL-/u, unit: "{panel}-{n}" } }),
      { kind: "panel", code: "PNL-7" },
    ],
    [
      "is an order by its group",
      "WO-1;x",
      rules({}, { orders: { pattern: /^(?<order>WO-\d+);/u, profiles: null, sheet: null } }),
      { kind: "order", order: "WO-1" },
    ],
    [
      "is the serial number of a GS1 label",
      label,
      rules({ gs1: { gtin: null } }),
      { kind: "unit", barcode: "V60-00042" },
    ],
    [
      "of another product is told by its GTIN",
      label,
      rules({ gs1: { gtin: "00012345678905" } }),
      { kind: "other-product", gtin },
    ],
    ["without a serial number is no label", `]d201${gtin}`, rules({ gs1: { gtin } }), { kind: "unreadable" }],
    [
      "that is no GS1 is left to the profile",
      "UNIT-1",
      rules({ gs1: { gtin } }),
      { kind: "unit", barcode: "UNIT-1" },
    ],
  ] as const)("%s", (_name, text, given, code) => {
    expect(readCode(text, given, true)).toEqual(code);
  });

  test("is a badge while nobody is logged in and no rule tells badges", () => {
    expect(readCode("UNIT-1", rules({}, { login: "badge" }), false)).toEqual({
      kind: "badge",
      code: "UNIT-1",
    });
    expect(readCode("UNIT-1", rules({}, { login: "badge" }), true)).toEqual({
      kind: "unit",
      barcode: "UNIT-1",
    });
  });

  test("of any characters is read without harm", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (text) => {
        for (const given of [rules(), rules({ gs1: { gtin } })])
          expect(readCode(text, given, true).kind).toBeTypeOf("string");
      }),
    );
  });
});

describe("a GS1 code", () => {
  test("is cut by the lengths of its elements, and at FNC1 where they have none", () => {
    expect(gs1Fields(label)).toEqual(
      new Map([
        ["01", gtin],
        ["21", "V60-00042"],
        ["10", "LOT7"],
      ]),
    );
    expect(gs1Fields(`\x1d01${gtin}1126112221S1`)).toEqual(
      new Map([
        ["01", gtin],
        ["11", "261122"],
        ["21", "S1"],
      ]),
    );
  });

  test.each([
    ["a wrong check digit", `]d201040123456789022100`],
    ["an element that is cut", "]d201040123"],
    ["the same element twice", `]d221A\x1d21B`],
    ["no digits", "]d2hello"],
    ["nothing", "]d2"],
  ])("with %s is broken", (_name, text) => {
    expect(gs1Fields(text)).toBe("broken");
  });

  test("has a check digit that finds every wrong digit", () => {
    for (let at = 0; at < 14; at += 1)
      for (let digit = 0; digit < 10; digit += 1) {
        const other = `${gtin.slice(0, at)}${digit}${gtin.slice(at + 1)}`;
        expect(isGtin(other)).toBe(other === gtin);
      }
  });
});
