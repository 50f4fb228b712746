import { describe, expect, test } from "vitest";
import { must, random, replay, seed } from "./random.ts";
import { imageOf, recipe } from "./recipe.ts";
import { attempt, passed, seat, type Ended } from "./seat.ts";
import {
  decidedMs,
  handMs,
  isAway,
  slackMs,
  troubleAt,
  uartTroubles,
  usbTroubles,
  type Trouble,
} from "./wires.ts";

/** One that nobody expects back from a reset is given up as soon as an answer, or the sync byte, had all its time. */
const givenUpMs = { uart: 6000, usb: 11_000 } as const;

const benches = [
  { chip: "STM32F103C6", wire: "uart", name: "uart" },
  { chip: "STM32F072CB", wire: "usb", name: "dfu of an older ROM" },
  { chip: "STM32G431CB", wire: "usb", name: "dfu of a newer ROM" },
] as const;

/** Over at once: a good board must not come into the red bin for it. Garbage over USB is none, it has a checksum. */
const isPassing = (trouble: Trouble, wire: string): boolean =>
  ["refused", "stray", "stall"].includes(trouble) || (trouble === "garbage" && wire === "uart");

const launchAt = ({ events }: Ended): number =>
  events.find((event) => event.type === "step" && event.step === "launch")?.ms ?? Number.POSITIVE_INFINITY;

describe.each(benches)("trouble at every transfer of a unit, $name", ({ chip, wire }) => {
  const one = recipe(chip, { options: new Map([["nRST_STOP", 0]]) });
  // Another image over the same sectors: nothing of the broken attempt may be left.
  const after = recipe(chip, { ...one, image: imageOf(1500).fill(0xa5, 8) });
  const troubles: readonly Trouble[] = wire === "uart" ? uartTroubles : usbTroubles;

  test.each(troubles)(
    `"%s": no pass over a wrong memory, an end in time, and the next attempt passes (SEED=${seed})`,
    async (trouble) => {
      const clean = seat(chip, wire);
      const count = troubleAt(clean, trouble, 0, random("none"));
      expect((await attempt(clean, one, { tamper: count })).word).toBe("PASS");
      expect(clean.board.chip().complaints).toEqual([]);
      const transfers = count.transfers();
      expect(transfers).toBeGreaterThan(100);
      for (let i = 1; i <= transfers; i += 1) {
        const where = replay(`${trouble} at transfer ${i} of ${transfers}`);
        const bench = seat(chip, wire);
        const tamper = troubleAt(bench, trouble, i, random(`${chip} ${trouble} ${i}`));
        const end = await attempt(bench, one, { tamper, what: where });
        const since = tamper.since() ?? Number.NaN;
        const what = `${where}: ${end.word} ${end.detail}`;
        must(end.at - since < decidedMs + slackMs, `${what}: ${end.at - since} ms after the trouble`);
        if (trouble === "silent" && end.word !== "BOARD_NOT_BACK")
          must(end.at - since < givenUpMs[wire], `${what}: ${end.at - since} ms after the silence`);
        // A board that is away passes only when it went at the launch itself.
        if (isAway(trouble)) must(!passed(end) || since >= launchAt(end), what);
        if (isPassing(trouble, wire)) must(!end.say.includes("red bin"), what);
        // One refusal, of whatever transfer, is mended on the spot.
        if (trouble === "refused" || trouble === "stall") must(passed(end), what);
        bench.clock.pass(handMs);
        // Who is away is put in again; who answered wrongly is scanned again where it lies.
        if (passed(end) || isAway(trouble)) bench.replug();
        const next = await attempt(bench, after, { what });
        must(passed(next), `${what}; the next attempt: ${next.word} ${next.detail}`);
      }
    },
    120_000,
  );
});
