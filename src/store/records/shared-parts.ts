import type { AttemptRecord } from "../../model/attempt.ts";

/**
 * Records of a batch say much the same: what one has in common with the one before is kept once, which is half of it. The
 * record must be nobody else's yet.
 */
export function sharedParts(): (record: AttemptRecord) => AttemptRecord {
  let before: AttemptRecord | null = null;
  return (record) => {
    const linked = before !== null && before.hash === record.previousHash;
    const own = linked ? { ...record, previousHash: before?.hash ?? "" } : record;
    before = before === null ? own : (shared(before, own) as AttemptRecord);
    return before;
  };
}

/** What `now` says, made of parts of `before` where they are equal. */
function shared(before: unknown, now: unknown): unknown {
  if (before === now) return before;
  if (!isPart(before) || !isPart(now)) return now;
  const keys = Object.keys(now);
  let same = keys.length === Object.keys(before).length && Array.isArray(now) === Array.isArray(before);
  for (const key of keys) {
    now[key] = shared(before[key], now[key]);
    same &&= now[key] === before[key] && key in before;
  }
  return same ? before : now;
}

/** A list or an object out of a JSON text; not a date. */
const isPart = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !(value instanceof Date);
