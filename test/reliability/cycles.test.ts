import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { recipe } from "./recipe.ts";
import { attempt, seat } from "./seat.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const cycles = 500;
/** An image, a link or a listener that stays is 10 KiB and more a cycle. */
const mostMiB = 4;

test(
  `${cycles} boards one after another in one slot: each is met and passes, and nothing of them stays`,
  { timeout: 180_000 },
  async () => {
    const one = recipe("STM32F072CB", { options: new Map([["nRST_STOP", 0]]) });
    const bench = seat(one.chip, "usb");
    const held = (): { mib: number; handles: number } => {
      collect();
      return {
        mib: process.memoryUsage().heapUsed / 2 ** 20 + process.memoryUsage().arrayBuffers / 2 ** 20,
        handles: process.getActiveResourcesInfo().length,
      };
    };
    let early = held();
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      const end = await attempt(bench, one, { what: `cycle ${cycle}` });
      expect(end.word, `cycle ${cycle}: ${end.detail}`).toBe("PASS");
      bench.replug();
      // What is loaded and compiled once is there by now.
      if (cycle === 100) early = held();
    }
    const late = held();
    console.log(
      `${cycles} cycles: memory ${early.mib.toFixed(1)} to ${late.mib.toFixed(1)} MiB, handles ${early.handles} to ${late.handles}`,
    );
    expect(late.mib - early.mib).toBeLessThan(mostMiB);
    expect(late.handles).toBeLessThanOrEqual(early.handles);
  },
);
