import { expect, test } from "vitest";
import type { SlotState } from "../../src/model/slot-view.ts";
import { calmTray } from "../../src/ui/calm-tray.ts";
import { empty, ended, running, tray } from "./bench.ts";

const quiet = [empty, ended("UNIT-9", 5000)];
const at = (done: number, first = "UNIT-1", rest: readonly SlotState[] = quiet) =>
  tray(4, [running(first, { done }), ...rest]);

test("progress moves four times a second, however often the hands have the screen drawn", () => {
  const calm = calmTray(250);
  const first = at(0.1);
  expect(calm(first, 1000)).toEqual({ slots: first, at: 1000 });
  expect(calm(at(0.2), 1100)).toEqual({ slots: first, at: 1000 });
  expect(calm(at(0.3), 1249)).toEqual({ slots: first, at: 1000 });
  const next = at(0.4);
  expect(calm(next, 1250)).toEqual({ slots: next, at: 1250 });
});

test.each([
  ["a verdict", tray(4, [ended("UNIT-1", 9000), ...quiet])],
  ["another board in the slot", at(0.2, "UNIT-2")],
  ["a board that is put in", at(0.2, "UNIT-1", [{ kind: "board", chip: null }, ended("UNIT-9", 5000)])],
  ["a board that is taken out", at(0.2, "UNIT-1", [empty, empty])],
  [
    "a slot that becomes suspect",
    at(0.2).map((slot) => ({ ...slot, suspect: { failed: 3, tried: 4, othersFailed: 1, othersTried: 40 } })),
  ],
])("%s shows at once", (_, next) => {
  const calm = calmTray(250);
  calm(at(0.1), 1000);
  expect(calm(next, 1001)).toEqual({ slots: next, at: 1001 });
});
