const firstMs = 1000;
/** Also what a refusal for good waits: somebody must look. */
export const longestPauseMs = 60_000;
/** A receiver that asks for more is asked again all the same. */
const longestWaitMs = 600_000;

/** What the n-th failure in a row (from 1) waits before the next try; `asked`: what the receiver wants. */
export function pauseMs(failures: number, asked: number | null): number {
  const own = Math.min(longestPauseMs, firstMs * 2 ** Math.min(20, failures - 1));
  return Math.max(own, Math.min(asked ?? 0, longestWaitMs));
}
