/** Waits until it is so, and looks each time that the source tells of a change. Rejects with the signal's reason. */
export function whenTrue(
  holds: () => boolean,
  source: { watch(look: () => void): Disposable },
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    if (holds()) {
      resolve();
      return;
    }
    const changes = source.watch(() => {
      if (holds()) end(null);
    });
    const stop = (): void => end(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    function end(error: Error | null): void {
      changes[Symbol.dispose]();
      signal.removeEventListener("abort", stop);
      if (error === null) resolve();
      else reject(error);
    }
  });
}
