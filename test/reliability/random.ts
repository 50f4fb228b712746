import { createHash } from "node:crypto";

/** Seed of the random tests, another one each run. It stands in the name of each such test; `SEED=…` replays it. */
export const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

/** How a failure is replayed: said beside each expectation of a random test. */
export const replay = (what: string): string => `SEED=${seed}, ${what}`;

/** A promise that is broken names how to see it again. */
export function must(kept: boolean, what: string): void {
  if (!kept) throw new Error(what);
}

export interface Random {
  /** A whole number below `limit`. */
  below(limit: number): number;
  /** True with this probability. */
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  bytes(length: number): Uint8Array;
}

/** Random numbers of one case: the same seed and name give the same ones, whatever ran before (mulberry32). */
export function random(name: string): Random {
  let state = createHash("sha256").update(`${seed} ${name}`).digest().readUInt32LE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (share) => next() < share,
    pick(from) {
      const found = from[below(from.length)];
      if (found === undefined) throw new Error("nothing to pick from");
      return found;
    },
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
}
