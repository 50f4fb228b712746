import { equalBytes } from "../../src/lib/bytes.ts";
import type { AttemptEvent } from "../../src/model/event.ts";
import type { Mishap } from "../../src/model/mishap.ts";
import type { ControlAnswer } from "../../src/protocol/links.ts";
import { must, random, replay, type Random } from "./random.ts";
import { imageOf, recipe, wantedFlash, type Recipe } from "./recipe.ts";
import { attempt, passed, seat, unitSeven, type Ended, type Seat, type Tamper } from "./seat.ts";

const kinds = ["image", "field", "blank", "option", "answer"] as const;
export type Kind = (typeof kinds)[number];

/** `tries`: of each 5000. */
export const mutationBenches = [
  { chip: "STM32F103C6", wire: "uart", name: "uart", tries: 2000 },
  { chip: "STM32F072CB", wire: "usb", name: "dfu of an older ROM", tries: 1500 },
  { chip: "STM32G431CB", wire: "usb", name: "dfu of a newer ROM", tries: 1500 },
] as const;

/** An image with a hole behind it, the unit's data in a sector of its own, and one option byte. */
export const smallUnit = (chip: string): Recipe =>
  recipe(chip, { image: imageOf(600), dataAt: 0x1010, options: new Map([["nRST_STOP", 0]]) });

/** A board whose flash is full of something else, so that each erase counts. */
export function usedSeat(chip: string, wire: "uart" | "usb", mishap: Mishap = {}): Seat {
  const bench = seat(chip, wire, { mishap });
  bench.board.chip().flash.fill(0x5a);
  return bench;
}

/** A clean run: at which events a byte is right already and will still be read. */
interface CleanRun {
  /** Index of each event at which the byte at this offset may go wrong and must be noticed. */
  moments(place: number, isField: boolean): readonly number[];
  /** Answers of more than one byte. */
  readonly answers: number;
  /** Offsets of all sectors that the recipe touches, each byte once. */
  readonly blanks: readonly number[];
}

async function cleanRun(one: Recipe, wire: "uart" | "usb"): Promise<CleanRun> {
  const bench = usedSeat(one.chip, wire);
  const { flash } = bench.board.chip();
  const content = wantedFlash(bench.board, one, unitSeven);
  const wanted = new Map(
    content.flatMap(({ at, bytes }) => [...bytes.entries()].map(([i, b]) => [at + i, b])),
  );
  const seen: { readonly event: AttemptEvent; readonly flash: Uint8Array }[] = [];
  let answers = 0;
  const tamper = onAnswers((bytes) => {
    answers += 1;
    return bytes;
  });
  const end = await attempt(bench, one, {
    tamper,
    at: (event) => seen.push({ event, flash: flash.slice() }),
  });
  must(end.word === "PASS", `the clean run: ${end.word} ${end.detail}`);
  const order = new Map([...wanted.keys()].map((place, i) => [place, i]));
  const used = new Set(one.image.keys());
  for (let i = 0; i < 24; i += 1) used.add((one.dataAt ?? 0) + i);

  // The next block is on its way already when the one before it is told.
  const verified = seen.find(({ event }) => event.type === "progress" && event.step === "verify")?.event;
  const block = verified?.type === "progress" ? verified.done : 0;

  return {
    answers,
    blanks: [...wanted.keys()].filter((place) => !used.has(place)),
    moments(place, isField) {
      const erased = seen.findIndex(({ event }) => event.type === "step" && event.step === "write");
      return seen.flatMap(({ event, flash: then }, i) => {
        if (i < erased || then[place] !== wanted.get(place)) return [];
        return stillRead(event, (order.get(place) ?? 0) - block, isField) ? [i] : [];
      });
    },
  };
}

/**
 * Whether a byte is read again after this event: verify goes through the content in order, prove reads the fields.
 * `position`: its place in that order, less what may be on its way.
 */
function stillRead(event: AttemptEvent, position: number, isField: boolean): boolean {
  if (event.type === "progress") return event.step === "write" || isField || event.done <= position;
  if (event.type !== "step") return isField && event.type !== "ended";
  if (event.step === "write") return true;
  if (event.step === "verify") return isField || event.state === "start";
  return isField && (event.step === "options" || (event.step === "prove" && event.state === "start"));
}

function spoil(bytes: Uint8Array, at: number, random: Random): void {
  // One bit, or another byte.
  bytes[at] = (bytes[at] ?? 0) ^ (random.chance(0.7) ? 1 << random.below(8) : 1 + random.below(255));
}

/** A hand on each answer of more than one byte. */
export function onAnswers(change: (bytes: Uint8Array) => Uint8Array): Tamper {
  return {
    uart: (link) => ({
      ...link,
      async receive(length, signal) {
        const bytes = await link.receive(length, signal);
        return length > 1 ? change(bytes) : bytes;
      },
    }),
    usb: (link) => ({
      ...link,
      async controlIn(setup, length, signal): Promise<ControlAnswer> {
        const answer = await link.controlIn(setup, length, signal);
        const upload = setup.type === "class" && setup.request === 2;
        return answer.stall || !upload ? answer : { stall: false, data: change(answer.data) };
      },
    }),
  };
}

/** One bit of a named option field, or a whole byte of one, goes wrong between its write and the reset after it. */
function spoilOptions(bench: Seat, random: Random): Tamper {
  let opened = 0;
  return {
    opening() {
      opened += 1;
      if (opened !== 2) return;
      const chip = bench.board.chip();
      const layout = chip.spec.optionLayout;
      if (layout === null) throw new Error("no options");
      for (;;) {
        const field = random.pick(layout.fields);
        const block = layout.blocks.find(
          ({ address, size }) => field.address >= address && field.address < address + size,
        );
        const bytes = block === undefined ? null : chip.read(block.address, block.size);
        if (block === undefined || bytes === null) continue;
        const before = bytes.slice();
        const bit = field.bit + random.below(field.width);
        const at = field.address - block.address + (bit >> 3);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
        if (equalBytes(before, bytes)) continue;
        chip.writeOptions(block.address, bytes);
        chip.reset();
        return;
      }
    },
  };
}

/** Makes one thing wrong after the write, once for each number of a case; throws for a PASS over a wrong memory. */
export type Mutate = (i: number) => Promise<{ readonly kind: Kind; readonly end: Ended }>;

/**
 * `one`: what the boards shall have; a bit or a byte of image, data, gap, option or answer goes wrong. `harm`: a fault that
 * is planted into each board, which the judge must find.
 */
export async function mutations(
  wire: "uart" | "usb",
  one: Recipe,
  harm: (bench: Seat) => void = () => {},
): Promise<Mutate> {
  const { chip } = one;
  const clean = await cleanRun(one, wire);
  return async (i) => {
    const dice = random(`mutation ${chip} ${i}`);
    const kind = dice.pick(kinds);
    const bench = usedSeat(chip, wire);
    harm(bench);
    let what = replay(`${chip}, case ${i}, ${kind}`);
    if (kind === "option") {
      const end = await attempt(bench, one, { tamper: spoilOptions(bench, dice), what });
      must(!passed(end), `${what}: ${end.word}`);
      return { kind, end };
    }
    if (kind === "answer") {
      let left = 1 + dice.below(clean.answers);
      const tamper = onAnswers((bytes) => {
        left -= 1;
        if (left === 0) spoil(bytes, dice.below(bytes.length), dice);
        return bytes;
      });
      const end = await attempt(bench, one, { tamper, what });
      must(!end.say.includes("red bin"), `${what}: a good board, ${end.word} ${end.detail}`);
      return { kind, end };
    }
    const place = placeOf(kind, one, clean, dice);
    const moment = dice.pick(clean.moments(place, kind === "field"));
    what += ` at offset ${place}, event ${moment}`;
    let events = 0;
    const end = await attempt(bench, one, {
      what,
      at() {
        if (events === moment) spoil(bench.board.chip().flash, place, dice);
        events += 1;
      },
    });
    must(end.wrong !== null, `${what}: nothing is wrong`);
    must(!passed(end), `${what}: ${end.word}`);
    return { kind, end };
  };
}

function placeOf(kind: "image" | "field" | "blank", one: Recipe, clean: CleanRun, dice: Random): number {
  switch (kind) {
    case "image":
      return dice.below(one.image.length);
    case "field":
      return (one.dataAt ?? 0) + dice.below(24);
    case "blank":
      return dice.pick(clean.blanks);
    default:
      return kind satisfies never;
  }
}
