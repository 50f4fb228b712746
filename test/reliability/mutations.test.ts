import { describe, expect, test } from "vitest";
import { mutationBenches, mutations, smallUnit } from "./mutations.ts";
import { seed } from "./random.ts";
import { passed } from "./seat.ts";

describe.each(mutationBenches)("one thing wrong after the write, $name", ({ chip, wire, tries }) => {
  test(`${tries} times, a bit or a byte of image, data, gap, option or answer: a pass only over a right memory (SEED=${seed})`, async () => {
    const mutate = await mutations(wire, smallUnit(chip));
    const passes = new Set<string>();
    for (let i = 0; i < tries; i += 1) {
      const { kind, end } = await mutate(i);
      if (passed(end)) passes.add(kind);
    }
    // A bad answer is asked for again: those, and nothing else, may pass.
    expect([...passes]).toEqual(["answer"]);
  }, 120_000);
});
