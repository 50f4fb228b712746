import type { Clock } from "./clock.ts";

/**
 * A clock that does not wait: when nothing else is left to do in this turn, it jumps to its next timer. One for
 * each simulated board, so that slots do not share their seconds.
 */
export interface BenchClock extends Clock {
  /** Lets `ms` of bench time pass at once; timers that lie inside fire on the way, in order. */
  pass(ms: number): void;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

export function benchClock(): BenchClock {
  let now = 0;
  let timers: Timer[] = [];
  let turn: NodeJS.Immediate | null = null;
  let holds = 0;

  function next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.at < first.at) first = timer;
    return first;
  }

  function fireUntil(end: number): void {
    for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
      timers = timers.filter((other) => other !== timer);
      now = Math.max(now, timer.at);
      timer.fire();
    }
    now = Math.max(now, end);
  }

  // A whole turn of the event loop, so that everything that can still happen now has happened.
  function arm(): void {
    if (turn !== null || holds > 0 || timers.length === 0) return;
    turn = setImmediate(() => {
      turn = null;
      if (holds > 0) return;
      const timer = next();
      if (timer !== undefined) fireUntil(timer.at);
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
    hold() {
      let held = true;
      holds += 1;
      return {
        [Symbol.dispose]: () => {
          if (held) holds -= 1;
          held = false;
          arm();
        },
      };
    },
    pass: (ms) => fireUntil(now + ms),
  };
}
