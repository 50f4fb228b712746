import { benchClock } from "../../lib/bench-clock.ts";
import type { Clock } from "../../lib/clock.ts";

/** How long simulated wires and flash take: what they would take, or no time that can be helped. */
export type Pace = "real" | "fast";

/** The time of a simulated board behind a real port. */
export interface PaceClock extends Clock {
  /** A host begins something new. At `fast` all work of the board is over by then, however long it takes. */
  hostActs(): void;
}

/** A machine that stood still so long is not made up for, ms. */
const mostDebtMs = 500;
/** No work of a board takes longer, ms of bench time. */
const anyWorkMs = 600_000;

export function paceClock(pace: Pace): PaceClock {
  if (pace === "real") return { ...debtClock(), hostActs: () => undefined };
  const clock = benchClock();
  return { ...clock, hostActs: () => clock.pass(anyWorkMs) };
}

/**
 * The machine's clock for a board that must not pay for the machine's timers. Whoever a timer wakes finds exactly the
 * time that it was set for; what the timer came late is taken off the waits after it. A pause of the host counts as it is.
 * So the sum of many short waits is right although no timer is exact to the millisecond.
 */
export function debtClock(machine: () => number = () => performance.now()): Clock {
  const born = machine();
  /** How far the board is behind the machine. */
  let debt = 0;
  /** The latest time that anybody was told: it never goes back. */
  let told = 0;

  const elapsed = (): number => machine() - born;

  function now(): number {
    told = Math.max(told, elapsed() - debt);
    return told;
  }

  return {
    now,
    after(ms, fire) {
      const due = now() + Math.max(0, ms);
      const wake = (): void => {
        told = Math.max(told, due);
        debt = Math.min(mostDebtMs, elapsed() - told);
        fire();
      };
      const wait = due - elapsed();
      // The machine's timers know no wait under a millisecond.
      if (wait < 0.5) {
        const turn = setImmediate(wake);
        return { [Symbol.dispose]: () => clearImmediate(turn) };
      }
      const timer = setTimeout(wake, wait);
      return { [Symbol.dispose]: () => clearTimeout(timer) };
    },
  };
}
