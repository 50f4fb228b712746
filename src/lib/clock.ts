/**
 * The time a wire lives in. Real ports live in real time. A simulated board that runs as fast as the machine can
 * lives in bench time: the sum of what wire, flash and waiting would take, so that its run states bench seconds.
 */
export interface Clock {
  /** Milliseconds since some start; never goes back. */
  now(): number;
  /** Calls `fire` once after `ms`, unless disposed before. Keeps the process alive. */
  after(ms: number, fire: () => void): Disposable;
  /** Bench time stands still until this is disposed. Left out: this time cannot be stopped. */
  hold?(): Disposable;
}

/** The monotonic clock of the machine, on the global `setTimeout` (so that tests can fake it). */
export const realClock: Clock = {
  now: () => performance.now(),
  after(ms, fire) {
    // What is due already comes in the next turn; the machine's timer complains of a negative time.
    const timer = setTimeout(fire, Math.max(0, ms));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Waits for something that is none of the board's work, such as a disk: no bench time goes by meanwhile. */
export async function outside<T>(clock: Clock, wait: Promise<T>): Promise<T> {
  using _held = clock.hold?.() ?? null;
  return await wait;
}

/** Waits on a clock; rejects with the signal's reason when it aborts. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const timer = clock.after(ms, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    function stop(): void {
      timer[Symbol.dispose]();
      reject(signal.reason as Error);
    }
    signal.addEventListener("abort", stop, { once: true });
  });
}
