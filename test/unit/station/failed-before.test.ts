import { describe, expect, test } from "vitest";
import type { FaultCode } from "../../../src/model/fault.ts";
import { binned, failedTwice, faults } from "../../../src/model/fault.ts";
import type { Input } from "../../../src/station/decide.ts";
import { bench, emptyTray, ended, failed, known, pass, scan, started } from "./some-bench.ts";

const enter: Input = { type: "enter" };
const failedOnce = (text: string, failedAs: FaultCode, wantsRework = false): Input => ({
  type: "scanned",
  text,
  typed: false,
  scan: { kind: "unit", barcode: text, known: { ...known, failedAs, wantsRework } },
});

test("every board that goes to the red bin is one that wants rework", () => {
  const codes = Object.keys(faults) as FaultCode[]; // the table's own keys
  const said = codes.filter((code) => faults[code].say.includes("red bin"));
  expect(new Set(said)).toEqual(binned);
});

describe("a board that fails again", () => {
  const run = (code: FaultCode, before: FaultCode) =>
    bench(emptyTray(["A1"]))
      .come(failedOnce("UNIT-0001", before), started("A1"), ended("A1", failed(code)))
      .call();

  test("in the same way goes to the red bin, and keeps its code", () => {
    expect(run("LINK_SILENT", "LINK_SILENT")).toMatchObject({
      kind: "failed",
      outcome: { failure: { code: "LINK_SILENT", message: failedTwice } },
    });
  });

  test("in another way, or by the station's own fault, has the sentence of its code", () => {
    for (const [code, before] of [
      ["LINK_NOISE", "LINK_SILENT"],
      ["ADAPTER_LOST", "ADAPTER_LOST"],
    ] as const)
      expect(run(code, before)).toMatchObject({ outcome: { failure: { message: faults[code].say } } });
  });
});

test("a board of the red bin is refused until its rework is noted, but runs again where it lies", () => {
  const tray = bench(emptyTray(["A1", "A2"]));
  const again = failedOnce("UNIT-0001", "VERIFY_MISMATCH", true);
  expect(tray.come(again).call()).toMatchObject({ kind: "refused", code: "SCAN_REWORK" });
  tray.come(scan("UNIT-0001"), started("A1"), ended("A1", failed("VERIFY_MISMATCH")), enter, again);
  expect(tray.slot("A1")).toMatchObject({ kind: "armed", barcode: "UNIT-0001" });
});

test("results are replaced in the order of their scans: what has just passed stays", () => {
  const tray = bench(emptyTray(["A1", "A2"])).come(
    scan("UNIT-0001"),
    started("A1"),
    ended("A1", pass),
    scan("UNIT-0002"),
    started("A2"),
    ended("A2", pass),
    scan("UNIT-0003"),
    started("A1"),
    ended("A1", pass),
    scan("UNIT-0004"),
  );
  expect(tray.slot("A1")).toMatchObject({ kind: "ended", barcode: "UNIT-0003" });
  expect(tray.slot("A2")).toMatchObject({ kind: "armed", barcode: "UNIT-0004" });
});
