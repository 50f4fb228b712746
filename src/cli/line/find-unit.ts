import { recordHash } from "../../model/chain.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import type { FindUnit } from "../../station/look-up.ts";
import { recordText } from "../../store/records/record-text.ts";
import type { StoreReader } from "../../store/store.ts";

/** The books' own search, for a look-up at the bench. */
export const unitFinder =
  (store: Pick<StoreReader, "unitLife">): FindUnit =>
  (what) => {
    const search = store.unitLife(what);
    if (search.kind !== "found") return null;
    const { life } = search;
    return { ...life, changed: life.attempts.find(isChanged)?.seq ?? null };
  };

/** Its hash is not that of its text: somebody has changed it. Whether the chain around it is whole only an audit says. */
function isChanged({ previousHash, hash, ...body }: AttemptRecord): boolean {
  return recordHash(previousHash, body.seq, recordText(body)) !== hash;
}
