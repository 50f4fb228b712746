/** Things that came, waiting for the one reader that asks for the next. */
export interface Arrivals<T> {
  push(item: T): void;
  /** The next one; rejects with the signal's reason, or with `fail`'s error. One reader at a time. */
  take(signal: AbortSignal): Promise<T>;
  /** Forgets what lies here and need not be kept; says how many items that were. */
  drop(unwanted: (item: T) => boolean): number;
  /** The source is gone: once all that lies here is taken, every take rejects with this. */
  fail(error: Error): void;
}

export function arrivals<T extends object>(): Arrivals<T> {
  let held: T[] = [];
  let wake: (() => void) | null = null;
  let broken: Error | null = null;

  return {
    push(item) {
      held.push(item);
      wake?.();
    },
    take(signal) {
      const ready = signal.aborted ? undefined : held.shift();
      if (ready !== undefined) return Promise.resolve(ready);
      return new Promise((resolve, reject) => {
        function end(): void {
          wake = null;
          signal.removeEventListener("abort", stop);
        }
        function stop(): void {
          end();
          reject(signal.reason as Error);
        }
        function look(): void {
          const item = held.shift();
          if (item !== undefined) {
            end();
            resolve(item);
          } else if (broken !== null) {
            end();
            reject(broken);
          }
        }
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        wake = look;
        signal.addEventListener("abort", stop, { once: true });
        look();
      });
    },
    drop(unwanted) {
      const before = held.length;
      held = held.filter((item) => !unwanted(item));
      return before - held.length;
    },
    fail(error) {
      broken = error;
      wake?.();
    },
  };
}
