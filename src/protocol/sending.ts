import type { CanFrame } from "./links.ts";

/** A frame on its way, and the end of its send. */
export interface Sending {
  readonly frame: CanFrame;
  resolve(): void;
  reject(error: Error): void;
}

/** Puts a frame behind those that wait. The signal takes it back as long as it waits there, and ends its send anyway. */
export function queued(frame: CanFrame, signal: AbortSignal, waiting: Sending[]): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const end = (): void => signal.removeEventListener("abort", takeBack);
    const one: Sending = {
      frame,
      resolve() {
        end();
        resolve();
      },
      reject(error) {
        end();
        reject(error);
      },
    };
    function takeBack(): void {
      const place = waiting.indexOf(one);
      if (place >= 0) waiting.splice(place, 1);
      one.reject(signal.reason as Error);
    }
    signal.addEventListener("abort", takeBack, { once: true });
    waiting.push(one);
  });
}
