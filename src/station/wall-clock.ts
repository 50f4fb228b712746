/** Less than this is the steering of a clock and the rounding of its times, not a step. */
const leastStepMs = 500;

/**
 * Watches the wall clock of the machine from now on, against the monotonic one. What comes back tells in a sentence how far
 * it was set since, or the machine slept; `null`: it was not. Durations of attempts do not come from it, but the times at
 * which they began and ended do.
 */
export function watchWallClock(): () => string | null {
  const begin = offset();
  return () => {
    const step = Math.round(offset() - begin);
    if (Math.abs(step) < leastStepMs) return null;
    const seconds = (Math.abs(step) / 1000).toFixed(1);
    return step < 0
      ? `the station's clock was set back by ${seconds} s during this attempt`
      : `the station's clock went forward by ${seconds} s during this attempt: it was set, or the machine slept`;
  };
}

const offset = (): number => Date.now() - performance.now();
