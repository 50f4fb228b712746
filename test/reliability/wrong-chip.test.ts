import { describe, expect, test } from "vitest";
import { usedSeat } from "./mutations.ts";
import { imageOf, recipe, type Recipe } from "./recipe.ts";
import { attempt, type Seat } from "./seat.ts";

const options = new Map([["nRST_STOP", 0]]);

/** Everything that an attempt could have changed. */
function memoryOf({ board }: Seat): string {
  const chip = board.chip();
  const bytes = (chip.spec.optionLayout?.blocks ?? []).map(({ address, size }) => chip.read(address, size));
  return JSON.stringify([chip.flash, ...bytes].map((part) => Buffer.from(part ?? []).toString("base64")));
}

/** The complaint of a board that was left as it was; `null`: something of it was changed. */
async function turnedAway(bench: Seat, one: Recipe): Promise<string | null> {
  const before = memoryOf(bench);
  const end = await attempt(bench, one);
  return memoryOf(bench) === before ? `${end.word} ${end.detail}` : null;
}

describe.each(["uart", "usb"] as const)(
  "a board that is not of the profile is turned away untouched, %s",
  (wire) => {
    const [small, large, other] =
      wire === "uart"
        ? ["STM32F103C8", "STM32F103CB", "STM32F072CB"]
        : ["STM32F401CB", "STM32F401CC", "STM32F072CB"];

    test("a part with half the flash", async () => {
      expect(await turnedAway(usedSeat(small, wire), recipe(large, { options }))).toMatch(
        wire === "uart" ? /^WRONG_CHIP .*64 KiB/ : /^WRONG_CHIP .*128 KiB/,
      );
    });

    test("another kind of chip", async () => {
      expect(await turnedAway(usedSeat(other, wire), recipe(small, { options }))).toMatch(
        /^WRONG_CHIP .*(0x448|no STM32F401CB has the memory)/,
      );
    });
  },
);

test("of a product line a chip that is too small for the image is turned away untouched", async () => {
  const one = recipe("STM32F401", { image: imageOf(128 * 1024 + 1), dataAt: null });
  expect(await turnedAway(usedSeat("STM32F401CB", "uart"), one)).toMatch(
    /^WRONG_CHIP .*needs 0x08020000 to 0x08020000, this chip has 128 KiB/,
  );
});

test("of a product line a chip that the image just fits is programmed", async () => {
  const one = recipe("STM32F401", { image: imageOf(128 * 1024), dataAt: null });
  expect((await attempt(usedSeat("STM32F401CB", "uart"), one)).word).toBe("PASS");
});
