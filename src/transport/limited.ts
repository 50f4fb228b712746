import { realClock } from "../lib/clock.ts";
import { deadline } from "../lib/deadline.ts";

/** `null` when the time is over first. `wait` ends with its signal. */
export async function limited<T>(
  ms: number,
  signal: AbortSignal,
  wait: (stop: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const over = new Error("over");
  using limit = deadline(realClock, signal, ms, () => over);
  try {
    return await wait(limit.signal);
  } catch (error) {
    if (error === over) return null;
    throw error;
  }
}

/** Waits; ends early with the signal's reason. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await limited(ms, signal, (stop) => orAborted(new Promise(() => undefined), stop));
}

/** What cannot be taken back is no longer waited for when the signal aborts; then its end is nobody's. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
