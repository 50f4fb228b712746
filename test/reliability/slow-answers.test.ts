import { expect, test } from "vitest";
import { sleep } from "../../src/lib/clock.ts";
import type { AttemptEvent } from "../../src/model/event.ts";
import { recipe } from "./recipe.ts";
import { attempt, seat, type Tamper } from "./seat.ts";

/** Just within the time that a single answer is given over a serial line. */
const answerMs = 2900;

// Each answer is in time, and never do they come to an end that anybody would wait for.
test.each([
  { step: "identify", mostMs: 62_000 },
  { step: "write", mostMs: 120_000 },
  { step: "verify", mostMs: 90_000 },
] as const)(
  "a board that takes almost too long for each of its answers from $step on is given up by the limit of the step",
  async ({ step, mostMs }) => {
    const bench = seat("STM32F103C6", "uart");
    let slowSince: number | null = null;
    let answers = 0;
    const tamper: Tamper = {
      uart: (link) => ({
        ...link,
        async receive(length, signal) {
          const bytes = await link.receive(length, signal);
          answers += 1;
          // The sync byte is answered at once: before it nobody knows that a board is there.
          if (step === "identify" && answers === 2) slowSince = 0;
          if (slowSince !== null) await sleep(link.clock, answerMs, signal);
          return bytes;
        },
      }),
    };
    const at = (event: AttemptEvent): void => {
      if (
        event.type === "step" &&
        event.step === step &&
        event.step !== "identify" &&
        event.state === "start"
      )
        slowSince = bench.clock.now();
    };
    const end = await attempt(bench, recipe("STM32F103C6"), { tamper, at });
    expect(end.word).toBe("CHIP_BUSY");
    expect(end.detail).toContain(`step ${step} did not end within`);
    expect(bench.clock.now() - (slowSince ?? Number.NaN)).toBeLessThan(mostMs);
  },
);
