import { expect, test } from "vitest";
import { hasNewResult } from "../../src/ui/new-result.ts";
import type { StationView } from "../../src/model/view.ts";
import { running, station, tray } from "./bench.ts";

type Result = StationView["last"][number];
const pass: Result = { slot: "A1", barcode: "UNIT-1", outcome: "PASS", code: null, ms: 9000, retries: 0 };
const after = (...last: readonly Result[]): StationView => station({ last });

test("a board that ends is new, also on the same slot", () => {
  expect(hasNewResult(after(), after(pass))).toBe(true);
  expect(hasNewResult(after(pass), after({ ...pass, slot: "A2" }, pass))).toBe(true);
  expect(hasNewResult(after(pass), after({ ...pass, barcode: "UNIT-2" }, pass))).toBe(true);
  expect(hasNewResult(after(pass), after({ ...pass, ms: 9100 }, pass))).toBe(true);
});

test("progress is no result, and neither is the same one in a new copy of the view", () => {
  const at = (done: number) => tray(1, [running("UNIT-2", { done })]);
  expect(
    hasNewResult(station({ slots: at(0.1), last: [pass] }), station({ slots: at(0.2), last: [{ ...pass }] })),
  ).toBe(false);
  expect(hasNewResult(after(), after())).toBe(false);
});
