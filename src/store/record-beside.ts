import { join } from "node:path";
import type { Deed } from "../model/deed.ts";
import { openConnection } from "./connection.ts";
import { deedWriter } from "./deeds.ts";
import { newestVersion, versionOf } from "./migrate.ts";
import { databaseName } from "./open-store.ts";
import { complaining } from "./sqlite-complaint.ts";
import { StoreError } from "./store-error.ts";

/**
 * Appends one deed beside a running line: a reading command that carries papers out leaves its line in the audit log. It
 * is one transaction under the write lock of the database, and touches nothing that the holder of the data folder has in
 * its memory. Throws StoreError, with nothing written.
 */
export function recordBeside(folder: string, deed: Deed): void {
  const file = join(folder, databaseName);
  complaining(file, () => {
    const db = openConnection(file);
    try {
      if (versionOf(db, file) !== newestVersion)
        throw new StoreError("older", `${file}: written by another gangflash`);
      deedWriter(db)(deed);
    } finally {
      db.close();
    }
  });
}
