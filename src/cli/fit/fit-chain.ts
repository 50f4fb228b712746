import type { AttemptRecord } from "../../model/attempt.ts";
import { recordHash } from "../../model/chain.ts";
import type { FitCheck } from "../../model/panel.ts";
import { recordText } from "../../store/records/record-text.ts";
import type { Store } from "../../store/store.ts";

/** Records that are looked at before each shift, newest first; `gangflash audit` looks at all of them. */
const looked = 256;

/** The end of the chain: each record has the hash over the one before, and the newest is the head. */
export function chainCheck(store: Pick<Store, "head" | "lastRecords">): FitCheck {
  const head = store.head();
  const records = [...store.lastRecords(looked)].toSorted((a, b) => a.seq - b.seq);
  const last = records.at(-1);
  const broken = brokenIn(records);
  const count = head?.seq ?? 0;
  const headed = head === null ? last === undefined : last?.seq === head.seq && last.hash === head.hash;
  const bad = broken ?? (headed ? null : count);
  return {
    what: "records",
    state: bad === null ? "yes" : "no",
    facts: {
      count,
      ...(bad !== null ? { broken: bad } : records.length === 0 ? {} : { checked: records.length }),
      head: head?.hash.slice(0, 16) ?? "",
      ...(last === undefined ? {} : { lastAt: last.endedAt.toISOString() }),
    },
  };
}

/** Number of the first record that does not follow from the one before, or `null`. */
function brokenIn(records: readonly AttemptRecord[]): number | null {
  for (const [i, record] of records.entries()) {
    const { previousHash, hash, ...body } = record;
    const before = records[i - 1];
    if (before !== undefined && (before.hash !== previousHash || before.seq + 1 !== record.seq))
      return record.seq;
    if (recordHash(previousHash, record.seq, recordText(body)) !== hash) return record.seq;
  }
  return null;
}
