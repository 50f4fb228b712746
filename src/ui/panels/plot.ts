const blocks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/**
 * Counts as one row of columns, the highest the whole height. `narrow`: block characters are known to be one column
 * wide; otherwise digits 0 to 9.
 */
export function plot(counts: readonly number[], narrow: boolean): string {
  const best = Math.max(1, ...counts);
  return counts
    .map((count) => {
      const share = Math.min(1, Math.max(0, count / best));
      return narrow ? blocks[Math.round(share * 7)] : String(Math.round(share * 9));
    })
    .join("");
}
