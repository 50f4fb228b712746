import type { Clock } from "../../../src/lib/clock.ts";
import type { Random } from "../../reliability/random.ts";

/**
 * The clock of a machine that others use, too: from one turn of its loop to the next up to `mostMs` pass, and all timers
 * that are due by then come at once, in their order.
 */
export function stallingClock(random: Random, mostMs: number): Clock {
  let now = 0;
  let timers: { readonly at: number; readonly fire: () => void }[] = [];
  let turn: NodeJS.Immediate | null = null;

  function arm(): void {
    if (turn !== null || timers.length === 0) return;
    turn = setImmediate(() => {
      turn = null;
      now += (random.below(1000) * mostMs) / 1000;
      const due = timers.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
      for (const timer of due) {
        if (!timers.includes(timer)) continue;
        timers = timers.filter((other) => other !== timer);
        timer.fire();
      }
      arm();
    });
  }

  return {
    now: () => now,
    after(ms, fire) {
      const timer = { at: now + ms, fire };
      timers.push(timer);
      arm();
      return {
        [Symbol.dispose]: () => {
          timers = timers.filter((other) => other !== timer);
        },
      };
    },
  };
}
