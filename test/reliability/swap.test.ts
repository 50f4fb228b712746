import { describe, expect, test } from "vitest";
import { runAttempt, type Place } from "../../src/job/run-attempt.ts";
import { concat } from "../../src/lib/bytes.ts";
import type { AttemptEvent } from "../../src/model/event.ts";
import { imageOf, recipe, type Recipe } from "./recipe.ts";
import { attempt, jobOf, never, seat, uid, type Seat } from "./seat.ts";

const image = imageOf(4096);
const unitBytes = image.length + 24;

/** What the other board holds: nothing, or an application of its own. */
const others = [
  { name: "a blank board", fill: null },
  { name: "a board with another application", fill: 0x5a },
] as const;

const benches = [
  { chip: "STM32F103C6", wire: "uart", name: "uart", block: 256, words: ["BOARD_CHANGED"] },
  { chip: "STM32G431CB", wire: "usb", name: "dfu that reads the UID", block: 1024, words: ["BOARD_CHANGED"] },
  {
    chip: "STM32F401CB",
    wire: "usb",
    name: "dfu that cannot read the UID",
    block: 2048,
    words: ["BOARD_CHANGED", "CHIP_REFUSED", "VERIFY_MISMATCH"],
  },
] as const;

describe.each(benches)(
  "a board that is exchanged during the write, $name",
  ({ chip, wire, block, words }) => {
    const one = recipe(chip, { image });

    test.each(others)("by $name, at every block: never passes", async ({ fill }) => {
      const ends = new Set<string>();
      // Before the first block of all a blank board differs by its UID only: a wire that cannot read it sees the bus instead.
      const first = wire === "usb" && chip === "STM32F401CB" && fill === null ? block : 0;
      for (let at = first; at < unitBytes; at += block) {
        const bench = seat(chip, wire, { mishap: { swapAt: at } });
        if (fill !== null) fillTheOther(bench, fill);
        const end = await attempt(bench, one);
        ends.add(end.word);
      }
      expect([...ends].filter((word) => !(words as readonly string[]).includes(word))).toEqual([]);
    });
  },
);

/** The other board is not blank: filled when it comes. */
function fillTheOther(bench: Seat, fill: number): void {
  const first = bench.board.chip();
  const board = bench.board as { write: typeof bench.board.write };
  const write = board.write;
  let seen = first;
  board.write = (address, bytes) => {
    const done = write(address, bytes);
    const now = bench.board.chip();
    if (now !== seen) {
      seen = now;
      const { flash } = now;
      for (const [i, byte] of flash.entries()) if (byte === 0xff) flash[i] = fill;
    }
    return done;
  };
}

/** The events of an attempt whose second connection finds the other board. */
async function exchanged(first: Seat, second: Seat, one: Recipe): Promise<AttemptEvent[]> {
  let opened = 0;
  const place: Place = {
    ...first.place(),
    connect(signal) {
      opened += 1;
      return (opened === 1 ? first : second).place().connect(signal);
    },
  };
  const events: AttemptEvent[] = [];
  for await (const event of runAttempt(jobOf(one), place, never)) events.push(event);
  expect(opened).toBe(2);
  return events;
}

describe("a board that is exchanged while it is off the bus after its option bytes, over dfu without a UID", () => {
  const chip = "STM32F401CB";
  const words = [0, 4, 8].map((at) => uid.subarray(at, at + 4));

  test.each([
    { name: "with another USB serial, the unit's data missing", other: uid.toReversed(), dataAt: 0x1800 },
    { name: "with another USB serial, and no unit has data", other: uid.toReversed(), dataAt: null },
    {
      name: "with another USB serial, and the very same bytes",
      other: uid.toReversed(),
      dataAt: 0x1800,
      same: true,
    },
    // The serial is a sum of the UID's words, and no identity.
    { name: "with the same USB serial, blank", other: concat(words.toReversed()), dataAt: null },
  ])("$name: never passes", async ({ other, dataAt, same = false }) => {
    const one = recipe(chip, { image, dataAt, options: new Map([["nRST_STOP", 0]]) });
    const first = seat(chip, "usb");
    const second = seat(chip, "usb", { clock: first.clock, uid: other });
    // Its option bytes are right already.
    expect((await attempt(second, one)).word).toBe("PASS");
    if (!same) second.board.chip().flash.fill(0xff);
    second.replug();
    const events = await exchanged(first, second, one);
    expect(events.at(-1)).toMatchObject({
      type: "ended",
      outcome: { kind: "FAIL", failure: { code: "BOARD_CHANGED" } },
    });
  });
});

describe("a board that is exchanged while it is in reset after its option bytes, for one that holds the very same bytes", () => {
  const one = recipe("STM32F103C6", { options: new Map([["nRST_STOP", 0]]) });
  // Of one lot two chips differ in few bits.
  const near = Array.from(uid.keys(), (i) => uid.map((byte, k) => (k === i ? byte ^ 1 : byte)));

  test.each([
    { name: "and differs in one bit of its UID, whichever byte it is in", uids: near },
    { name: "and tells no UID", uids: [uid.map(() => 0xff), uid.map(() => 0)] },
  ])("$name: never passes", async ({ uids }) => {
    for (const other of uids) {
      const first = seat(one.chip, "uart");
      const second = seat(one.chip, "uart", { clock: first.clock, uid: other });
      expect((await attempt(second, one)).word).toBe("PASS");
      const events = await exchanged(first, second, one);
      expect(events.at(-1)).toMatchObject({ outcome: { kind: "FAIL", failure: { code: "BOARD_CHANGED" } } });
    }
  });
});
