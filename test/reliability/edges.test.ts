import { describe, expect, test } from "vitest";
import { usedSeat } from "./mutations.ts";
import { imageOf, recipe } from "./recipe.ts";
import { attempt } from "./seat.ts";

const benches = [
  { chip: "STM32F103C6", wire: "uart", name: "uart" },
  { chip: "STM32F072CB", wire: "usb", name: "dfu of an older ROM" },
  { chip: "STM32G431CB", wire: "usb", name: "dfu of a newer ROM" },
] as const;

describe.each(benches)("a board that holds something else, $name", ({ chip, wire }) => {
  const [first] = usedSeat(chip, wire).board.chip().map().sectors;
  const page = first?.size ?? Number.NaN;

  test("passes with an image that ends before, at or behind the edge of a page, and holds every byte of it", async () => {
    for (const length of [
      page - 1,
      page,
      page + 1,
      2 * page - 3,
      2 * page + 1,
      2 * page + 255,
      2 * page + 257,
    ]) {
      const one = recipe(chip, { image: imageOf(length), dataAt: null });
      expect({ length, word: (await attempt(usedSeat(chip, wire), one)).word }).toEqual({
        length,
        word: "PASS",
      });
    }
  });

  test("passes with its data across the edge of a page, a byte of it on either side at least", async () => {
    for (const before of [1, 2, 12, 22, 23]) {
      const one = recipe(chip, { image: imageOf(600), dataAt: 3 * page - before });
      expect({ before, word: (await attempt(usedSeat(chip, wire), one)).word }).toEqual({
        before,
        word: "PASS",
      });
    }
  });
});

// 254 blocks of 2048 bytes begin with block 2: the next ones need more than eight bits for their numbers.
test("a board passes with an image of more than 256 blocks over dfu", async () => {
  const one = recipe("STM32F405RG", { image: imageOf(258 * 2048 + 700), dataAt: null });
  expect((await attempt(usedSeat(one.chip, "usb"), one)).word).toBe("PASS");
});
