import { join } from "node:path";
import type { Deed, KeptDeed } from "../model/deed.ts";
import type { Subscription } from "../model/outbox.ts";
import { openConnection, type Connection } from "./file/connection.ts";
import { decisions, type Decisions } from "./decisions.ts";
import { deedWriter } from "./deeds.ts";
import { newestVersion, versionOf } from "./file/migrate.ts";
import { databaseName } from "./open-store.ts";
import { skipMessage } from "./outbox/outbox-skip.ts";
import { sessionList } from "./sessions.ts";
import { complaining } from "./file/sqlite-complaint.ts";
import { StoreError } from "./store-error.ts";
import type { Why } from "./terms.ts";

/** What a person may decide about a unit beside a running line. */
export type BesideDecisions = Pick<Decisions, "voidAttempt" | "reworkUnit" | "scrapUnit">;

/**
 * Appends one deed beside a running line: a reading command that carries papers out leaves its line in the audit log. It
 * is one transaction under the write lock of the database, and touches nothing that the holder of the data folder has in
 * its memory. Throws StoreError, with nothing written.
 */
export function recordBeside(folder: string, deed: Deed): void {
  beside(folder, (db) => deedWriter(db)(deed));
}

/**
 * The same for a decision about a unit, which the line asks the books for at each scan: a repaired board need not wait
 * until somebody leaves the screen. A unit that is being programmed is refused.
 */
export function decideBeside<T>(folder: string, decide: (by: BesideDecisions) => T): T {
  return beside(folder, (db) => {
    const session = sessionList(db)().at(-1);
    if (session === undefined) throw new StoreError("damaged", `${folder}: the books know no session`);
    return decide(decisions({ db, session, now: () => new Date() }, folder));
  });
}

/** The same for a message that its receiver does not take: the line, which waits at it, goes on with the next one. */
export function skipBeside(folder: string, name: string, key: string, of: Subscription, why: Why): KeptDeed {
  return beside(folder, (db) => skipMessage(db, name, key, of, why));
}

function beside<T>(folder: string, act: (db: Connection) => T): T {
  const file = join(folder, databaseName);
  return complaining(file, () => {
    const db = openConnection(file);
    try {
      if (versionOf(db, file) !== newestVersion)
        throw new StoreError("older", `${file}: written by another gangflash`);
      return act(db);
    } finally {
      db.close();
    }
  });
}
