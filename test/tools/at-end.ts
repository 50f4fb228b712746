import { onTestFinished } from "vitest";

/** Of a case that no test runs: of a figure, of one index of a long loop. */
let ends: DisposableStack | null = null;

/** Clears away what a case has opened or made, at its end. */
export function atEnd(clear: () => void): void {
  if (ends === null) onTestFinished(clear);
  else ends.defer(clear);
}

/** Work that is a case of its own: everything it leaves to `atEnd` is cleared away when it ends, in a test or without one. */
export async function asCase<T>(work: () => T | Promise<T>): Promise<T> {
  const around = ends;
  using own = new DisposableStack();
  ends = own;
  try {
    return await work();
  } finally {
    ends = around;
  }
}
