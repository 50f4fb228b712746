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

interface Reader {
  readonly count: number;
  readonly signal: AbortSignal;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (why: Error) => void;
}

export function byteBuffer(): ByteBuffer {
  let held: Uint8Array[] = [];
  let length = 0;
  let reader: Reader | null = null;
  let broken: Error | null = null;
  // Listened to until a reader brings another one: a wire asks thousands of times with the same.
  let watched: AbortSignal | null = null;

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

  function stop(): void {
    if (reader === null) return;
    const { reject, signal } = reader;
    reader = null;
    reject(signal.reason as Error);
  }

  function look(): void {
    if (reader === null) return;
    const { count, resolve, reject } = reader;
    if (length >= count) {
      reader = null;
      resolve(cut(count));
    } else if (broken !== null) {
      reader = null;
      reject(broken);
    }
  }

  function watch(signal: AbortSignal): void {
    if (watched === signal) return;
    watched?.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop, { once: true });
    watched = signal;
  }

  return {
    push(bytes) {
      held.push(bytes);
      length += bytes.length;
      look();
    },
    take(count, signal) {
      if (length >= count) return Promise.resolve(cut(count));
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        watch(signal);
        reader = { count, signal, resolve, reject };
        look();
      });
    },
    clear() {
      const lost = length;
      if (lost > 0) held = [];
      length = 0;
      return lost;
    },
    fail(error) {
      broken = error;
      look();
    },
  };
}
