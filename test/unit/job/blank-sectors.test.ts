import { expect, test } from "vitest";
import { recipe } from "../../reliability/recipe.ts";
import { attempt, seat, type Seat } from "../../reliability/seat.ts";

/** 4 KiB of image and data in the first sector of 16 KiB, data of the unit in the third. */
const unit = recipe("STM32F405", { dataAt: 0x8800 });
const sector = 16 * 1024;

/** How many bytes the record says were erased, and how long it took, ms of bench time. */
async function erased(bench: Seat, one = unit): Promise<{ word: string; bytes: number; ms: number }> {
  let bytes = Number.NaN;
  let ms = Number.NaN;
  const { word } = await attempt(bench, one, {
    at(event) {
      if (event.type !== "step" || event.step !== "erase" || event.state !== "done") return;
      ms = event.took;
      ({ bytes } = event);
    },
  });
  return { word, bytes, ms };
}

test("a new board on USB waits for no erase", async () => {
  const { word, bytes, ms } = await erased(seat("STM32F405", "usb"));
  expect({ word, bytes }).toEqual({ word: "PASS", bytes: 0 });
  expect(ms).toBeLessThan(100);
});

test.each([
  ["the first", 0],
  ["the last", 0x3fff],
])("a sector of which %s byte is written is erased, the others are not", async (_, at) => {
  const bench = seat("STM32F405", "usb");
  bench.board.chip().flash[at] = 0x5a;
  const { word, bytes, ms } = await erased(bench);
  expect({ word, bytes }).toEqual({ word: "PASS", bytes: sector });
  expect(ms).toBeGreaterThan(100);
});

test("a used board is erased whole, and looking cost one block a sector", async () => {
  const used = seat("STM32F405", "usb");
  used.board.chip().flash.fill(0x5a);
  const { word, bytes, ms } = await erased(used);
  expect({ word, bytes }).toEqual({ word: "PASS", bytes: 2 * sector });
  const one = seat("STM32F405", "usb");
  one.board.chip().flash.fill(0x5a, 0, 0x4000);
  const half = await erased(one);
  // The other sector was read to its end instead of erased.
  expect(half.ms).toBeLessThan(ms);
});

test("nothing is looked at where reading takes as long, where flash has ECC, and where all is to be erased", async () => {
  const uart = await erased(seat("STM32F405", "uart"));
  expect(uart).toMatchObject({ word: "PASS", bytes: 2 * sector });
  const ecc = await erased(seat("STM32L476", "usb"), recipe("STM32L476"));
  expect(ecc.word).toBe("PASS");
  expect(ecc.bytes).toBeGreaterThan(0);
  const all = await erased(seat("STM32F405", "usb"), recipe("STM32F405", { more: { erase: "all" } }));
  expect(all).toMatchObject({ word: "PASS", bytes: 1024 * 1024 });
});
