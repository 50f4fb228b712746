import { expect, test } from "vitest";
import { trayPlaces } from "../../../src/model/tray-places.ts";

const shape = { rows: 2, columns: 3, from: "top-left", along: "rows", skip: [] } as const;

test.each([
  ["row by row from the top left", {}, [0, 1, 2, 3, 4, 5]],
  ["turned by half", { from: "bottom-right" }, [5, 4, 3, 2, 1, 0]],
  ["from the top right", { from: "top-right" }, [2, 1, 0, 5, 4, 3]],
  ["column by column", { along: "columns" }, [0, 2, 4, 1, 3, 5]],
  ["column by column from the bottom left", { along: "columns", from: "bottom-left" }, [1, 3, 5, 0, 2, 4]],
] as const)("slots lie %s", (_name, more, places) => {
  expect(trayPlaces({ ...shape, ...more }, 6)).toEqual(places);
});

test("places without a slot are left out, and the rest stays empty", () => {
  expect(trayPlaces({ ...shape, skip: [2] }, 4)).toEqual([0, null, 1, 2, 3, null]);
});
