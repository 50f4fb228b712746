import Database from "better-sqlite3";
import { StoreError } from "../store-error.ts";

export type Connection = Database.Database;

/** `PRAGMA synchronous` for FULL: each commit is on the disk before it is told. */
export const synchronousFull = 2;

/** What SQLite may wait for another program's lock, ms. The event loop stands still meanwhile. */
const busyMs = 5000;

export interface ConnectionOptions {
  readonly readonly?: boolean;
  /** Keep the log of changes beside the file, so that readers and the writer do not stop one another. */
  readonly wal?: boolean;
  readonly busyMs?: number;
}

/**
 * Opens a file with the settings that the promises rest on (reliability.md, section 3), on every connection anew, and
 * reads back the one that the library's defaults would take away. Throws StoreError `unwritable` when the disk does
 * not do as it is told; SQLite's own errors pass through.
 */
export function openConnection(file: string, options: ConnectionOptions = {}): Connection {
  const readonly = options.readonly ?? false;
  const db = new Database(file, { readonly, fileMustExist: readonly, timeout: options.busyMs ?? busyMs });
  try {
    db.pragma("foreign_keys = ON");
    db.pragma("trusted_schema = OFF");
    db.pragma("recursive_triggers = ON");
    db.pragma("cell_size_check = ON");
    if (options.wal === true) {
      const mode = db.pragma("journal_mode = WAL", { simple: true });
      if (mode !== "wal") throw new StoreError("unwritable", `${file}: the disk takes no write-ahead log`);
      db.pragma("wal_autocheckpoint = 1000");
    }
    db.pragma("synchronous = FULL");
    if (readonly) db.pragma("query_only = ON");
    if (synchronousOf(db) !== synchronousFull)
      throw new StoreError("unwritable", `${file}: SQLite does not keep synchronous=FULL`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

export const synchronousOf = (db: Connection): number => Number(db.pragma("synchronous", { simple: true }));

/**
 * A function that is one writing transaction: it has the write lock before it reads, so that it never fails half-way
 * for another's sake. Inside another one it is a part of that one.
 */
export function writing<A extends unknown[], R>(db: Connection, run: (...args: A) => R): (...args: A) => R {
  const transaction = db.transaction(run);
  return (...args) => transaction.immediate(...args);
}
