import { describe, expect, test } from "vitest";
import { panelBarcode, unknownPlace } from "../../../src/model/panel-barcode.ts";

describe("the barcode of a place of a panel", () => {
  test.each([
    ["PNL-1", "PNL-1-3"],
    ["PNL-1-{slot}", "PNL-1-A3"],
    ["PNL-1-{n}", "PNL-1-3"],
    ["PNL-1-{n:02}", "PNL-1-03"],
    ["PNL-1-{n:2}", "PNL-1-03"],
    ["PNL-1-{n:05}", "PNL-1-00003"],
    ["{slot}/PNL/{n:02}/{slot}", "A3/PNL/03/A3"],
    ["PNL-{yy}", "PNL-{yy}-3"],
    ["PNL-{n:0}", "PNL-{n:0}-3"],
    ["PNL-{SLOT}", "PNL-{SLOT}-3"],
    ["", "-3"],
  ])("%j makes %j", (panel, barcode) => {
    expect(panelBarcode(panel, "A3", 3)).toBe(barcode);
  });

  test("a place with more digits than its width keeps them", () => {
    expect(panelBarcode("P{n:1}", "H16", 128)).toBe("P128");
  });

  test("a slot's name is put in as it is, whatever it has in it", () => {
    expect(panelBarcode("P-{slot}", "$&", 1)).toBe("P-$&");
  });

  test("every place of a tray has its own", () => {
    for (const panel of ["P", "P{n}", "P{n:02}", "P{slot}"]) {
      const codes = Array.from({ length: 128 }, (_, i) => panelBarcode(panel, `S${i + 1}`, i + 1));
      expect(new Set(codes).size).toBe(128);
    }
  });

  test.each([
    ["PNL-{solt}", "{solt}"],
    ["P{n:99}-{n}", "{n:99}"],
    ["P{}", "{}"],
    ["PNL-17", null],
    ["P{n}{slot}{n:02}", null],
    ["P{", null],
  ])("%j has %j that means no place", (panel, word) => {
    expect(unknownPlace(panel)).toBe(word);
  });
});
