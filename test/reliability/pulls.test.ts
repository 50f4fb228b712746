import { describe, expect, test } from "vitest";
import { pull, pullBenches, transfersOf } from "./pulls.ts";
import { seed } from "./random.ts";

/** One of so many transfers; the figures take every one: npm run figures -- --only 5. */
const each = 16;

describe.each(pullBenches)("a board that is pulled out of a gang, $wire", (bench) => {
  test.each(bench.ways)(
    `"%s": the seven others pass, it ends in time without a PASS, and passes when it is put in again (SEED=${seed})`,
    async (way) => {
      const transfers = await transfersOf(bench);
      expect(transfers).toBeGreaterThan(30);
      for (let i = 1 + (seed % each); i <= transfers; i += each) await pull(bench, way, i);
    },
    120_000,
  );
});
