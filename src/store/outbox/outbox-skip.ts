import { isClean } from "../../lib/clean-text.ts";
import { newDeed, type KeptDeed } from "../../model/deed.ts";
import type { Subscription } from "../../model/outbox.ts";
import { writing, type Connection } from "../file/connection.ts";
import { deedWriter } from "../deeds.ts";
import { outboxReads, outboxWrites } from "./outbox.ts";
import { StoreError } from "../store-error.ts";
import type { Why } from "../terms.ts";

const longestReason = 500;

/**
 * Passes over the message that a destination waits at, with the deed that says so. Throws StoreError `conflict` where it
 * waits at another one, or without a reason.
 */
export function skipMessage(db: Connection, name: string, key: string, of: Subscription, why: Why): KeptDeed {
  const reads = outboxReads(db);
  const writes = outboxWrites(db);
  const record = deedWriter(db);
  const skip = writing(db, (): KeptDeed => {
    if (!isClean(why.reason) || why.reason.trim() === "" || why.reason.length > longestReason)
      throw new StoreError("conflict", `a reason of 1 to ${longestReason} visible characters was expected`);
    for (;;) {
      const next = reads.outboxNext(name, of);
      if (next.kind === "passed") {
        writes.outboxPass(name, next.from, next.to);
        continue;
      }
      if (next.kind === "lost") throw new StoreError("conflict", `${name}: ${next.why}`);
      if (next.kind === "none") throw new StoreError("conflict", `${name}: nothing waits for it`);
      const { message } = next;
      if (message.key !== key)
        throw new StoreError(
          "conflict",
          `${name}: ${key} found, the key of the message that it waits at was expected: ${message.key} (${message.what})`,
        );
      writes.outboxSkip(name, message);
      const detail = { destination: name, key, message: message.what, reason: why.reason };
      return record(newDeed("message-skipped", why.at, why.by, { role: why.role, detail }));
    }
  });
  return skip();
}
