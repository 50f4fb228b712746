import { expect, test } from "vitest";
import { byteBuffer } from "../../src/lib/byte-buffer.ts";
import { smallUnit, usedSeat } from "./mutations.ts";
import { must, random, replay, seed, type Random } from "./random.ts";
import { attempt, passed, type Tamper } from "./seat.ts";

/** Bytes of a line on which each byte is lost, repeated, spoilt, or has strangers before it, at a rate. */
function noisy(bytes: Uint8Array, rate: number, random: Random): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    if (random.chance(rate)) out.push(...random.bytes(1 + random.below(3)));
    if (random.chance(rate)) continue;
    if (random.chance(rate)) out.push(byte);
    out.push(random.chance(rate) ? random.below(256) : byte);
  }
  if (random.chance(rate)) out.push(random.below(256));
  return Uint8Array.from(out);
}

/** Both directions of the line. Answers are taken off the board byte by byte, as they come. */
function noise(rate: number, random: Random): Tamper {
  return {
    uart(link) {
      const heard = byteBuffer();
      const over = new AbortController();
      void (async () => {
        for (;;) {
          const one = await link.receive(1, over.signal);
          heard.push(noisy(one, rate, random));
        }
      })().catch(() => {});
      return {
        ...link,
        send: (bytes) => link.send(noisy(bytes, rate, random)),
        receive: (count, signal) => heard.take(count, signal),
        drain: () => heard.clear() + link.drain(),
        async [Symbol.asyncDispose]() {
          over.abort();
          await link[Symbol.asyncDispose]();
        },
      };
    },
  };
}

const chip = "STM32F103C6";
const one = smallUnit(chip);
/** A whole attempt on a line that only makes noise; a silent board alone has as much (contract, Outcomes). */
const longestMs = 60_000;

test.each([1e-5, 1e-4, 1e-3, 1e-2, 1e-1])(
  `noise at a rate of %f on the line, 200 times: no false pass, an end in time, and the next attempt passes (SEED=${seed})`,
  async (rate) => {
    const ends = new Map<string, number>();
    for (let i = 0; i < 200; i += 1) {
      const dice = random(`noise ${rate} ${i}`);
      const what = replay(`rate ${rate}, case ${i}`);
      const bench = usedSeat(chip, "uart");
      const end = await attempt(bench, one, { tamper: noise(rate, dice), what });
      ends.set(end.word, (ends.get(end.word) ?? 0) + 1);
      must(end.at < longestMs, `${what}: ${end.word} after ${end.at} ms`);
      const next = await attempt(bench, one, { what });
      must(passed(next), `${what}: ${end.word}, then ${next.word} ${next.detail}`);
    }
    expect(ends.get("PASS") ?? 0).toBeGreaterThanOrEqual(rate < 5e-5 ? 100 : 0);
    expect(ends.has("STATION_BUG")).toBe(false);
  },
  120_000,
);
