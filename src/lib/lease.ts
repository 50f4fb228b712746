/** One holder at a time of something shared: a multiplexer, a CAN channel, a hub's power switch. First come, first served. */
export interface Lease {
  /** Waits for its turn; the wait ends with the signal's reason when that aborts. Dispose to pass it on. */
  take(signal: AbortSignal): Promise<Disposable>;
}

export function lease(): Lease {
  let last: Promise<void> = Promise.resolve();
  return {
    async take(signal) {
      const before = last;
      const { promise, resolve: release } = Promise.withResolvers<void>();
      last = before.then(() => promise);
      try {
        await orAbort(before, signal);
      } catch (error) {
        release();
        throw error;
      }
      return { [Symbol.dispose]: release };
    },
  };
}

function orAbort(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener("abort", stop, { once: true });
    void wait.then(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
  });
}
