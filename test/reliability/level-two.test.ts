import { writeFileSync } from "node:fs";
import { plainRules } from "../../src/model/bench-rules.ts";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { profileChips } from "../../src/cli/chips.ts";
import { CommandError } from "../../src/cli/complain.ts";
import { loadProfile } from "../../src/cli/order/load-profile.ts";
import { openOrder } from "../../src/cli/order/open-order.ts";
import { checkProfile } from "../../src/config/profile-file.ts";
import { chipTable, deviceKeys } from "../../src/family/table.ts";
import { buildJob } from "../../src/job/build-job.ts";
import { runAttempt } from "../../src/job/run-attempt.ts";
import { isBlank } from "../../src/lib/bytes.ts";
import { OptionWrite } from "../../src/model/option-write.ts";
import type { Outcome } from "../../src/model/event.ts";
import type { OptionLayout } from "../../src/model/option-bytes.ts";
import type { Profile } from "../../src/model/profile.ts";
import { dateParts } from "../../src/model/serial.ts";
import type { Order } from "../../src/station/order.ts";
import { dataFolder, owned } from "../unit/store/books.ts";
import { must, random, replay, seed, type Random } from "./random.ts";
import { imageOf, profileOf, recipe } from "./recipe.ts";
import { never, openDesk, seat, type Seat } from "./seat.ts";

const word = "RDP_LEVEL_2";

/** The RDP byte of a block, wherever the layout has it; `null` in a block without it. */
function rdpIn(layout: OptionLayout, block: number, bytes: Uint8Array): number | null {
  const field = layout.fields.find(({ name }) => name === "RDP");
  const home = layout.blocks[block];
  if (field === undefined || home === undefined) return null;
  return bytes[field.address - home.address + (field.bit >> 3)] ?? null;
}

/** Counts what reaches the chip's option bytes, and how much of it would be level 2. */
function watch(bench: Seat): { writes: number; levelTwo: number } {
  const seen = { writes: 0, levelTwo: 0 };
  const chip = bench.board.chip();
  const { optionLayout: layout } = chip.spec;
  const writeOptions = chip.writeOptions.bind(chip);
  chip.writeOptions = (address, bytes) => {
    seen.writes += 1;
    const block = layout?.blocks.findIndex((one) => one.address === address) ?? -1;
    if (layout !== null && rdpIn(layout, block, bytes) === 0xcc) seen.levelTwo += 1;
    return writeOptions(address, bytes);
  };
  return seen;
}

async function runOrder(order: Order, bench: Seat): Promise<Outcome | null> {
  const { profile, base, table, irreversible } = order;
  const dates = dateParts(new Date(0), "UTC");
  const job = buildJob({
    profile,
    base,
    barcode: "U",
    reservations: [],
    dates,
    supply: 3.3,
    table,
    desk: openDesk,
    irreversible,
  });
  let outcome: Outcome | null = null;
  for await (const event of runAttempt(job, bench.place(), never))
    if (event.type === "ended") ({ outcome } = event);
  return outcome;
}

const chips = ["STM32F072CB", "STM32G431CB", "STM32F401CB"];
const rdpNames = ["RDP", "RDPROT", "rdp", "RDP ", '"RDP"', "0x1FFFC001", "USER", "nRST_STOP"];
const rdpValues = [
  "0xCC",
  "204",
  "0xcc",
  "0o314",
  "0xAA",
  "0xBB",
  "0x33CC",
  "0xFFCC",
  "-52",
  '"0xCC"',
  "204.0",
  "0x1CC",
];
const words = [
  "",
  `irreversible: [${word}]`,
  "irreversible: [RDP_LEVEL2]",
  "irreversible: []",
  `irreversible: ["${word}"]`,
  `irreversible: ${word}`,
];

/** A profile's text with level 2 in it by some spelling. */
function fuzzedText(name: string, dice: Random): string {
  const options = Array.from(
    { length: 1 + dice.below(2) },
    () => `${dice.pick(rdpNames)}: ${dice.pick(rdpValues)}`,
  );
  return [
    `profile: ${name}`,
    "revision: A",
    "product: { name: X }",
    `chip: ${dice.pick(chips)}`,
    "images: [{ file: fw.bin, at: 0x08000000 }]",
    `optionBytes: { ${options.join(", ")} }`,
    dice.pick(words),
    "after: stay",
  ].join("\n");
}

describe("read protection level 2", () => {
  test(`by 4000 fuzzed profiles: not one write without its word in the profile and in its release (SEED=${seed})`, async () => {
    using store = owned(dataFolder());
    const image = imageOf(64);
    let asked = 0;
    let allowed = 0;
    let ran = 0;
    for (let i = 0; i < 4000; i += 1) {
      const dice = random(`profile ${i}`);
      const text = fuzzedText(`p${i}`, dice);
      const what = `${replay(`profile ${i}`)}\n${text}`;
      const read = checkProfile("p.yaml", text, profileChips);
      if (!read.ok) continue;
      const template = profileOf(recipe(read.value.recipe.chip.name, { image, dataAt: null }));
      const hash = `${i}`.padStart(64, "0");
      const profile: Profile = { ...template, ...read.value.recipe, hash, text };
      const released = dice.pick([null, [], [word]]);
      const stored = { name: profile.name, revision: profile.revision, hash, text };
      if (released !== null) store.release(stored, released, "eng", new Date());
      const both = profile.irreversible.includes(word) && (released?.includes(word) ?? false);
      const wants = profile.optionBytes.get("RDP") === 0xcc;
      if (wants) asked += 1;
      const bench = seat(profile.chip.name, "uart");
      const seen = watch(bench);
      try {
        const order = openOrder(store, station, profile, `B${i}`, "op");
        await runOrder(order, bench);
        ran += 1;
      } catch (error) {
        must(error instanceof CommandError && wants && !both, `${what}\n${String(error)}`);
      }
      const levelTwo = seen.levelTwo > 0 || bench.board.chip().protection() === 2;
      must(levelTwo === (wants && both), `${what}: level 2 was ${levelTwo ? "" : "not "}written`);
      if (levelTwo) allowed += 1;
    }
    // About 118 of them are profiles that may run; fewer than half of that would be another fuzzer.
    expect(ran).toBeGreaterThan(50);
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
    const layouts = deviceKeys().flatMap((key) => {
      const family = chipTable.familyOf(Number(key.split("/")[0]), null);
      const layout = family === null ? null : chipTable.optionLayoutOf(family);
      return layout === null || !layout.fields.some(({ danger }) => danger === "irreversible-at-0xCC")
        ? []
        : [layout];
    });
    let refused = 0;
    for (let i = 0; i < 4000; i += 1) {
      const dice = random(`words ${i}`);
      const layout = dice.pick(layouts);
      const blocks = layout.blocks.map(({ size }) => dice.bytes(size));
      const field = layout.fields.find(({ name }) => name === "RDP");
      const home = layout.blocks.findIndex(
        ({ address, size }) =>
          field !== undefined && field.address >= address && field.address < address + size,
      );
      const block = blocks[home];
      const at = (field?.address ?? 0) - (layout.blocks[home]?.address ?? 0) + ((field?.bit ?? 0) >> 3);
      if (block !== undefined && dice.chance(0.5)) block[at] = 0xcc;
      const isLevelTwo = block?.[at] === 0xcc;
      let made = true;
      try {
        OptionWrite.permit(layout, blocks, dice.pick([[], ["RDP_LEVEL_1"], ["rdp_level_2"], [""]]));
      } catch (error) {
        must(error instanceof RangeError, String(error));
        made = false;
        refused += 1;
      }
      must(made !== isLevelTwo, replay(`words ${i}, ${layout.id}: ${made ? "made" : "refused"}`));
    }
    expect(refused).toBeGreaterThan(1000);
  });

  test(`by 2000 images with records in the option area: refused before anything is erased or written (SEED=${seed})`, async () => {
    const ends = new Set<string>();
    for (let i = 0; i < 2000; i += 1) {
      const dice = random(`image ${i}`);
      const one = recipe(dice.pick(chips), { image: imageOf(64), dataAt: null });
      const bench = seat(one.chip, "uart");
      const chip = bench.board.chip();
      const seen = watch(bench);
      chip.flash.fill(0x5a);
      const [block] = chip.spec.optionLayout?.blocks ?? [];
      const address = (block?.address ?? 0) + dice.below(16);
      const bytes = new Uint8Array(1 + dice.below(16)).fill(0xcc);
      const profile = profileOf(one);
      const order = plainOrder(profile, [
        { address: 0x0800_0000, bytes: one.image },
        { address, bytes },
      ]);
      await runOrder({ ...order, irreversible: dice.chance(0.5) ? [word] : [] }, bench);
      must(seen.writes === 0 && chip.protection() === 0, replay(`image ${i}: ${seen.writes} option writes`));
      must(isBlank(chip.flash, 0x5a), replay(`image ${i}: flash was touched`));
      ends.add(chip.complaints.join());
    }
    expect([...ends]).toEqual([""]);
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
    using store = owned(dataFolder());
    const profile: Profile = {
      ...profileOf(recipe("STM32F405", { dataAt: null, options: new Map([["RDP", 0xcc]]) })),
      irreversible: [word],
    };
    const { name, revision, hash, text } = profile;
    store.release({ name, revision, hash, text }, [word], "eng", new Date());
    const bench = seat("STM32F405", "uart");
    const seen = watch(bench);
    const outcome = await runOrder(openOrder(store, station, profile, "WO-1", "op"), bench);
    expect(outcome).toMatchObject({ kind: "PASS" });
    expect([seen.levelTwo, bench.board.chip().protection()]).toEqual([1, 2]);
    await expect(bench.place().connect(never)).rejects.toMatchObject({ code: "LINK_SILENT" });
  });
});

const station = {
  name: "line1",
  rows: 1,
  columns: 1,
  places: [null],
  timezone: "UTC",
  slots: [],
  rules: plainRules,
  hash: "cd".repeat(32),
};

function plainOrder(
  profile: Profile,
  base: Order["base"] = profile.images.flatMap(({ image }) => image.segments),
): Order {
  return {
    station,
    profile,
    base,
    batch: "B",
    trial: false,
    releasedBy: "eng",
    irreversible: [],
    operator: "op",
    toolVersion: "0.1.0",
    table: chipTable,
  };
}

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
