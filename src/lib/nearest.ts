/**
 * The known word that a mistyped one is closest to, of equals the one with the longer beginning in common; `null` when none
 * is near (at most a third of it differs).
 */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), least + 1);
    const isTie = distance === least && best !== null;
    if (distance < least || (isTie && begins(word, candidate) > begins(word, best ?? ""))) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** How a complaint of an unknown word goes on: with the one that was probably meant, or with what helps where none is near. */
export function didYouMean(close: string | null | undefined, otherwise: string): string {
  return close === null || close === undefined ? otherwise : `did you mean "${close}"?`;
}

/** Letters that both begin with. */
function begins(a: string, b: string): number {
  let same = 0;
  while (same < a.length && a[same]?.toLowerCase() === b[same]?.toLowerCase()) same += 1;
  return same;
}

/** Letters to change, add, leave out or swap with their neighbour; given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : limit;
      row.push(Math.min(change, swap, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? limit;
}
