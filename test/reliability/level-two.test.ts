import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadProfile } from "../../src/cli/order/load-profile.ts";
import { dataFolder, owned } from "../unit/store/books.ts";
import {
  chips,
  fuzzedImage,
  fuzzedProfile,
  fuzzedWords,
  levelTwoLayouts,
  plainOrder,
  releasedLevelTwo,
  runOrder,
  watch,
  word,
} from "./level-two.ts";
import { seed } from "./random.ts";
import { profileOf, recipe } from "./recipe.ts";
import { seat } from "./seat.ts";

describe("read protection level 2", () => {
  test(`by 4000 fuzzed profiles: not one write without its word in the profile and in its release (SEED=${seed})`, async () => {
    const store = owned(dataFolder());
    const ends = new Map<string, number>();
    let asked = 0;
    for (let i = 0; i < 4000; i += 1) {
      const one = await fuzzedProfile(store, i);
      ends.set(one.end, (ends.get(one.end) ?? 0) + 1);
      if (one.asked) asked += 1;
    }
    const allowed = ends.get("ran to level 2") ?? 0;
    // About 118 of them are profiles that may run; fewer than half of that would be another fuzzer.
    expect((ends.get("ran") ?? 0) + allowed).toBeGreaterThan(50);
    expect(asked).toBeGreaterThan(allowed);
    expect(allowed).toBeGreaterThan(0);
  }, 120_000);

  test(`by a profile that has the word and is released without it, straight into the engine: not one write`, async () => {
    const profile = {
      ...profileOf(recipe("STM32F072CB", { dataAt: null, options: new Map([["RDP", 0xcc]]) })),
      irreversible: [word],
    };
    const bench = seat("STM32F072CB", "uart");
    const seen = watch(bench);
    await runOrder({ ...plainOrder(profile), irreversible: [] }, bench);
    expect([seen.writes, bench.board.chip().protection()]).toEqual([0, 0]);
  });

  test(`by 4000 fuzzed option words on every layout: no write can be made of one (SEED=${seed})`, () => {
    const layouts = levelTwoLayouts();
    let refused = 0;
    for (let i = 0; i < 4000; i += 1) if (fuzzedWords(layouts, i)) refused += 1;
    expect(refused).toBeGreaterThan(1000);
  });

  test(`by 2000 images with records in the option area: refused before anything is erased or written (SEED=${seed})`, async () => {
    let refused = 0;
    for (; refused < 2000; refused += 1) await fuzzedImage(refused);
    expect(refused).toBe(2000);
  }, 120_000);

  test.each(chips)(
    "by a HEX file with a record in the option area of %s: exit 2, the place named",
    async (chip) => {
      const folder = dataFolder();
      const [block] = seat(chip, "uart").board.chip().spec.optionLayout?.blocks ?? [];
      writeFileSync(join(folder, "fw.hex"), hexFile(block?.address ?? 0, Uint8Array.of(0xcc, 0x33)));
      const profile = `profile: p\nrevision: A\nproduct: { name: X }\nchip: ${chip}\nimages: [{ file: fw.hex }]\n`;
      writeFileSync(join(folder, "p.yaml"), profile);
      const loaded = await loadProfile(join(folder, "p.yaml"));
      expect(loaded).toMatchObject({
        ok: false,
        issues: [{ message: expect.stringMatching(/needs 0x1FFF/) as string }],
      });
    },
  );

  test("asked for by a released profile with its word: written, and the chip is dead for ever", async () => {
    await expect(releasedLevelTwo()).resolves.toBeUndefined();
  });
});

/** An Intel HEX file of one record. */
function hexFile(address: number, bytes: Uint8Array): string {
  const record = (type: number, at: number, data: readonly number[]): string => {
    const body = [data.length, at >> 8, at & 0xff, type, ...data];
    const sum = -body.reduce((total, byte) => total + byte, 0) & 0xff;
    return `:${[...body, sum]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("")
      .toUpperCase()}`;
  };
  const high = Math.floor(address / 0x1_0000);
  return [
    record(4, 0, [high >> 8, high & 0xff]),
    record(0, address & 0xffff, [...bytes]),
    record(1, 0, []),
    "",
  ].join("\n");
}
