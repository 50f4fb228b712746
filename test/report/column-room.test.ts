import { describe, expect, test } from "vitest";
import type { Column, Row } from "../../src/report/block.ts";
import { roomFor } from "../../src/report/paper/column-room.ts";
import type { Measure } from "../../src/report/paper/mark.ts";

/** Each letter is 2 mm wide. */
const measure: Measure = (text) => 2 * text.length;
const columns: readonly Column[] = [
  { head: "unit", mm: 30, align: "left" },
  { head: "serial", mm: 30, align: "left" },
  { head: "uid", mm: 50, align: "left" },
];
const table = (...cells: readonly string[][]): Row[] => cells.map((one) => ({ cells: one }));
const sum = (of: readonly Column[]): number => of.reduce((all, { mm }) => all + mm, 0);

describe("the room of a table's columns", () => {
  test("is what it was where each text fits", () => {
    expect(roomFor(columns, table(["U-1", "S-1", "-"], ["U-2", "S-2", "-"]), measure)).toEqual(columns);
  });

  test("goes from a column that is nearly empty to one whose texts would break", () => {
    const serial = "MC60-2648-00232";
    const fitted = roomFor(columns, table(["U-1", serial, "-"]), measure);
    expect(fitted[1]?.mm).toBeGreaterThan(measure(serial, 8.5, false));
    expect(fitted[2]?.mm).toBeGreaterThan(measure("uid", 8.5, false));
    expect(sum(fitted)).toBeCloseTo(sum(columns));
  });

  test("serves the one that lacks least first where there is not enough for all", () => {
    const [unit, serial] = ["U".repeat(100), "S".repeat(16)];
    const fitted = roomFor(columns, table([unit, serial, "-"]), measure);
    expect(fitted[1]?.mm).toBeGreaterThan(2 * serial.length);
    expect(fitted[0]?.mm).toBeLessThan(2 * unit.length);
    expect(sum(fitted)).toBeCloseTo(sum(columns));
  });
});
