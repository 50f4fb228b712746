import { expect, test } from "vitest";
import type { ByteLink } from "../../src/protocol/links.ts";
import { smallUnit, usedSeat } from "./mutations.ts";
import { must, random, replay, seed, type Random } from "./random.ts";
import { attempt, passed, type Tamper } from "./seat.ts";

/** Two bytes of a frame flipped at the same bit: its XOR stays right, so that the loader takes it (AN3155). */
function flipPair(frame: Uint8Array, from: number, random: Random): Uint8Array {
  const out = frame.slice();
  const last = out.length - 1;
  const a = from + random.below(last - from);
  let b = from + random.below(last - from);
  while (b === a) b = from + random.below(last - from);
  const bit = 1 << random.below(8);
  out[a] = (out[a] ?? 0) ^ bit;
  out[b] = (out[b] ?? 0) ^ bit;
  return out;
}

/** Changes the n-th frame of one kind (from 0), once. */
function inFrame(
  n: number,
  isIt: (frame: Uint8Array, before: readonly Uint8Array[]) => boolean,
  change: (frame: Uint8Array) => Uint8Array,
): Tamper & { happened(): boolean } {
  let seen = 0;
  let happened = false;
  return {
    happened: () => happened,
    uart(link): ByteLink {
      const sent: Uint8Array[] = [];
      return {
        ...link,
        send(bytes) {
          const hit = isIt(bytes, sent) && seen++ === n;
          sent.push(bytes);
          happened ||= hit;
          link.send(hit ? change(bytes) : bytes);
        },
      };
    },
  };
}

const isCommand = (frame: Uint8Array | undefined, code: number): boolean =>
  frame?.length === 2 && frame[0] === code && frame[1] === (code ^ 0xff);
const isFlash = (address: Uint8Array | undefined): boolean => address?.length === 5 && address[0] === 0x08;

const chip = "STM32F103C6";
const one = smallUnit(chip);
/** 600 bytes of image and 24 of data, in blocks of 256. */
const blocks = 4;

test(`two bytes of a data block flipped at the same bit, 2000 times: none passes (SEED=${seed})`, async () => {
  const ends = new Set<string>();
  for (let i = 0; i < 2000; i += 1) {
    const dice = random(`pair ${i}`);
    const bench = usedSeat(chip, "uart");
    const tamper = inFrame(
      dice.below(blocks),
      (_, sent) => isFlash(sent.at(-1)) && isCommand(sent.at(-2), 0x31),
      (frame) => flipPair(frame, 1, dice),
    );
    const what = replay(`pair ${i}`);
    const end = await attempt(bench, one, { tamper, what });
    must(tamper.happened() && end.wrong !== null && !passed(end), `${what}: ${end.word} ${end.detail}`);
    ends.add(end.word);
  }
  expect([...ends]).toEqual(["VERIFY_MISMATCH"]);
}, 120_000);

test(`two bytes of an address or of a page list flipped at the same bit, 500 times: no pass over a wrong memory (SEED=${seed})`, async () => {
  let caught = 0;
  for (let i = 0; i < 500; i += 1) {
    const dice = random(`address pair ${i}`);
    const bench = usedSeat(chip, "uart");
    const tamper = dice.chance(0.5)
      ? inFrame(
          0,
          (_, sent) => isCommand(sent.at(-1), 0x43),
          (frame) => flipPair(frame, 0, dice),
        )
      : inFrame(
          dice.below(blocks),
          (frame, sent) => isFlash(frame) && isCommand(sent.at(-1), 0x31),
          (frame) => flipPair(frame, 0, dice),
        );
    const what = replay(`address pair ${i}`);
    const end = await attempt(bench, one, { tamper, what });
    must(tamper.happened(), `${what}: nothing happened`);
    if (!passed(end)) caught += 1;
  }
  expect(caught).toBeGreaterThan(0);
}, 120_000);
