import { profileChips } from "../../src/cli/chips.ts";
import { CommandError } from "../../src/cli/complain.ts";
import { openOrder } from "../../src/cli/order/open-order.ts";
import { checkProfile } from "../../src/config/profile-file.ts";
import { chipTable, deviceKeys } from "../../src/family/table.ts";
import { buildJob } from "../../src/job/build-job.ts";
import { runAttempt } from "../../src/job/run-attempt.ts";
import { isBlank } from "../../src/lib/bytes.ts";
import { plainRules } from "../../src/model/bench-rules.ts";
import type { Outcome } from "../../src/model/event.ts";
import { Fault } from "../../src/model/fault.ts";
import type { OptionLayout } from "../../src/model/option-bytes.ts";
import { OptionWrite } from "../../src/model/option-write.ts";
import type { Profile } from "../../src/model/profile.ts";
import { dateParts } from "../../src/model/serial.ts";
import type { Order } from "../../src/station/order.ts";
import type { Store } from "../../src/store/store.ts";
import { dataFolder, owned } from "../unit/store/books.ts";
import { must, random, replay, type Random } from "./random.ts";
import { imageOf, profileOf, recipe } from "./recipe.ts";
import { never, openDesk, seat, type Seat } from "./seat.ts";

/** The word of a profile that asks for it. */
export const word = "RDP_LEVEL_2";

/** The RDP byte of a block, wherever the layout has it; `null` in a block without it. */
function rdpIn(layout: OptionLayout, block: number, bytes: Uint8Array): number | null {
  const field = layout.fields.find(({ name }) => name === "RDP");
  const home = layout.blocks[block];
  if (field === undefined || home === undefined) return null;
  return bytes[field.address - home.address + (field.bit >> 3)] ?? null;
}

/** Counts what reaches the chip's option bytes, and how much of it would be level 2. */
export function watch(bench: Seat): { writes: number; levelTwo: number } {
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

export async function runOrder(order: Order, bench: Seat): Promise<Outcome | null> {
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

export const chips = ["STM32F072CB", "STM32G431CB", "STM32F401CB"];
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

export const station = {
  name: "line1",
  rows: 1,
  columns: 1,
  places: [null],
  timezone: "UTC",
  slots: [],
  rules: plainRules,
  hash: "cd".repeat(32),
};

export function plainOrder(
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

const smallImage = imageOf(64);

/** What became of a fuzzed profile. */
export type Fuzzed = "no profile" | "refused" | "ran" | "ran to level 2";

/** Profile number `i`, through its file, its release and its order: level 2 only with its word in both. */
export async function fuzzedProfile(
  store: Store,
  i: number,
): Promise<{ readonly end: Fuzzed; readonly asked: boolean }> {
  const dice = random(`profile ${i}`);
  const text = fuzzedText(`p${i}`, dice);
  const what = `${replay(`profile ${i}`)}\n${text}`;
  const read = checkProfile("p.yaml", text, profileChips);
  if (!read.ok) return { end: "no profile", asked: false };
  const template = profileOf(recipe(read.value.recipe.chip.name, { image: smallImage, dataAt: null }));
  const hash = `${i}`.padStart(64, "0");
  const profile: Profile = { ...template, ...read.value.recipe, hash, text };
  const released = dice.pick([null, [], [word]]);
  const stored = { name: profile.name, revision: profile.revision, hash, text };
  if (released !== null) store.release(stored, released, "eng", new Date());
  const both = profile.irreversible.includes(word) && (released?.includes(word) ?? false);
  const asked = profile.optionBytes.get("RDP") === 0xcc;
  const bench = seat(profile.chip.name, "uart");
  const seen = watch(bench);
  let ran = false;
  try {
    const order = openOrder(store, station, profile, `B${i}`, "op");
    await runOrder(order, bench);
    ran = true;
  } catch (error) {
    must(error instanceof CommandError && asked && !both, `${what}\n${String(error)}`);
  }
  const levelTwo = seen.levelTwo > 0 || bench.board.chip().protection() === 2;
  must(levelTwo === (asked && both), `${what}: level 2 was ${levelTwo ? "" : "not "}written`);
  return { end: levelTwo ? "ran to level 2" : ran ? "ran" : "refused", asked };
}

/** Of every chip that has level 2. */
export const levelTwoLayouts = (): readonly OptionLayout[] =>
  deviceKeys().flatMap((key) => {
    const family = chipTable.familyOf(Number(key.split("/")[0]), null);
    const layout = family === null ? null : chipTable.optionLayoutOf(family);
    return layout?.fields.some(({ danger }) => danger === "irreversible-at-0xCC") === true ? [layout] : [];
  });

/** Option words number `i`, straight into what alone makes a write of them: none of level 2. Says whether it was refused. */
export function fuzzedWords(layouts: readonly OptionLayout[], i: number): boolean {
  const dice = random(`words ${i}`);
  const layout = dice.pick(layouts);
  const blocks = layout.blocks.map(({ size }) => dice.bytes(size));
  const field = layout.fields.find(({ name }) => name === "RDP");
  const home = layout.blocks.findIndex(
    ({ address, size }) => field !== undefined && field.address >= address && field.address < address + size,
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
  }
  must(made !== isLevelTwo, replay(`words ${i}, ${layout.id}: ${made ? "made" : "refused"}`));
  return !made;
}

/** Image number `i` has a record in the option area: refused before anything is erased or written. */
export async function fuzzedImage(i: number): Promise<void> {
  const dice = random(`image ${i}`);
  const one = recipe(dice.pick(chips), { image: smallImage, dataAt: null });
  const bench = seat(one.chip, "uart");
  const chip = bench.board.chip();
  const seen = watch(bench);
  chip.flash.fill(0x5a);
  const [block] = chip.spec.optionLayout?.blocks ?? [];
  const address = (block?.address ?? 0) + dice.below(16);
  const bytes = new Uint8Array(1 + dice.below(16)).fill(0xcc);
  const order = plainOrder(profileOf(one), [
    { address: 0x0800_0000, bytes: one.image },
    { address, bytes },
  ]);
  await runOrder({ ...order, irreversible: dice.chance(0.5) ? [word] : [] }, bench);
  must(seen.writes === 0 && chip.protection() === 0, replay(`image ${i}: ${seen.writes} option writes`));
  must(isBlank(chip.flash, 0x5a), replay(`image ${i}: flash was touched`));
  must(chip.complaints.length === 0, replay(`image ${i}: ${chip.complaints.join()}`));
}

/** The positive control: a released profile with its word does it, and the chip is dead for ever. */
export async function releasedLevelTwo(): Promise<void> {
  const store = owned(dataFolder());
  const profile: Profile = {
    ...profileOf(recipe("STM32F405", { dataAt: null, options: new Map([["RDP", 0xcc]]) })),
    irreversible: [word],
  };
  const { name, revision, hash, text } = profile;
  store.release({ name, revision, hash, text }, [word], "eng", new Date());
  const bench = seat("STM32F405", "uart");
  const seen = watch(bench);
  const outcome = await runOrder(openOrder(store, station, profile, "WO-1", "op"), bench);
  must(outcome?.kind === "PASS", `the released profile: ${outcome?.kind}`);
  must(seen.levelTwo === 1 && bench.board.chip().protection() === 2, "level 2 was not written");
  const dead = await bench
    .place()
    .connect(never)
    .then(
      () => false,
      (error: unknown) => error instanceof Fault && error.code === "LINK_SILENT",
    );
  must(dead, "a chip at level 2 answers its loader");
}
