/** Bytes that came, waiting for the one reader that asks for an exact count. */
export interface ByteBuffer {
  push(bytes: Uint8Array): void;
  /** Exactly `count` bytes; rejects with the signal's reason, or with `fail`'s error. One reader at a time. */
  take(count: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Forgets what lies here; says how many bytes that were. */
  clear(): number;
  /** The source is gone: every take from now on rejects with this. */
  fail(error: Error): void;
}

export function byteBuffer(): ByteBuffer {
  let held: Uint8Array[] = [];
  let length = 0;
  let wake: (() => void) | null = null;
  let broken: Error | null = null;

  function cut(count: number): Uint8Array {
    const [only] = held;
    if (only !== undefined && only.length === count) {
      held.shift();
      length -= count;
      return only;
    }
    const out = new Uint8Array(count);
    for (let at = 0; at < count;) {
      const first = held[0] ?? new Uint8Array();
      const part = first.subarray(0, count - at);
      out.set(part, at);
      at += part.length;
      if (part.length === first.length) held.shift();
      else held[0] = first.subarray(part.length);
    }
    length -= count;
    return out;
  }

  return {
    push(bytes) {
      held.push(bytes);
      length += bytes.length;
      wake?.();
    },
    take(count, signal) {
      if (length >= count) return Promise.resolve(cut(count));
      return new Promise((resolve, reject) => {
        const end = (): void => {
          wake = null;
          signal.removeEventListener("abort", stop);
        };
        function stop(): void {
          end();
          reject(signal.reason as Error);
        }
        function look(): void {
          if (length >= count) {
            end();
            resolve(cut(count));
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
    clear() {
      const lost = length;
      held = [];
      length = 0;
      return lost;
    },
    fail(error) {
      broken = error;
      wake?.();
    },
  };
}
