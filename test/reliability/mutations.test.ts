import { describe, expect, test } from "vitest";
import { cleanRun, kinds, onAnswers, smallUnit, spoil, spoilOptions, usedSeat } from "./mutations.ts";
import { must, random, replay, seed } from "./random.ts";
import { attempt, passed } from "./seat.ts";

const benches = [
  { chip: "STM32F103C6", wire: "uart", name: "uart", tries: 2000 },
  { chip: "STM32F072CB", wire: "usb", name: "dfu of an older ROM", tries: 1500 },
  { chip: "STM32G431CB", wire: "usb", name: "dfu of a newer ROM", tries: 1500 },
] as const;

describe.each(benches)("one thing wrong after the write, $name", ({ chip, wire, tries }) => {
  test(`${tries} times, a bit or a byte of image, data, gap, option or answer: a pass only over a right memory (SEED=${seed})`, async () => {
    const one = smallUnit(chip);
    const clean = await cleanRun(one, wire);
    const passes = new Map<string, number>();
    for (let i = 0; i < tries; i += 1) {
      const dice = random(`mutation ${chip} ${i}`);
      const kind = dice.pick(kinds);
      const bench = usedSeat(chip, wire);
      const { flash } = bench.board.chip();
      let what = replay(`case ${i}, ${kind}`);
      let end;
      if (kind === "option") end = await attempt(bench, one, { tamper: spoilOptions(bench, dice), what });
      else if (kind === "answer") {
        let left = 1 + dice.below(clean.answers);
        const tamper = onAnswers((bytes) => {
          left -= 1;
          if (left === 0) spoil(bytes, dice.below(bytes.length), dice);
          return bytes;
        });
        end = await attempt(bench, one, { tamper, what });
        must(!end.say.includes("red bin"), `${what}: a good board, ${end.word} ${end.detail}`);
      } else {
        const place =
          kind === "image"
            ? dice.below(one.image.length)
            : kind === "field"
              ? (one.dataAt ?? 0) + dice.below(24)
              : dice.pick(clean.blanks);
        const moment = dice.pick(clean.moments(place, kind === "field"));
        what += ` at offset ${place}, event ${moment}`;
        let events = 0;
        end = await attempt(bench, one, {
          what,
          at() {
            if (events === moment) spoil(flash, place, dice);
            events += 1;
          },
        });
        must(end.wrong !== null, `${what}: nothing is wrong`);
      }
      if (passed(end)) passes.set(kind, (passes.get(kind) ?? 0) + 1);
    }
    // A bad answer is asked for again: those, and nothing else, may pass.
    expect([...passes.keys()]).toEqual(["answer"]);
  }, 120_000);
});
