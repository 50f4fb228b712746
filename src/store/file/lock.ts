import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { writeAtomic } from "../../lib/write-atomic.ts";
import { openConnection, type Connection } from "./connection.ts";
import { StationHeld } from "../store-error.ts";

// A connection that nobody refers to is collected, and its lock with it: what is held stays referred to from here.
const held = new Set<Connection>();

/**
 * Takes the data folder for this process, until it is disposed or the process dies: an exclusive transaction on a small
 * file of its own, which the kernel lets go. Who has it is written beside it, for people. Nothing in this process may
 * open `owner.lock` in another way: closing any handle to it would free it. Throws StationHeld.
 */
export function holdFolder(folder: string, now: Date): Disposable {
  const who = join(folder, "owner.json");
  const db = takeLock(join(folder, "owner.lock"));
  if (db === null) {
    const holder = readHolder(who);
    throw new StationHeld(folder, holder.pid, holder.since);
  }
  try {
    writeAtomic(who, Buffer.from(`${JSON.stringify({ pid: process.pid, since: now.toISOString() })}\n`));
  } catch (error) {
    db.close();
    throw error;
  }
  held.add(db);
  return {
    [Symbol.dispose]() {
      rmSync(who, { force: true });
      held.delete(db);
      db.close();
    },
  };
}

/** `null` when somebody else has it. */
function takeLock(file: string): Connection | null {
  let db: Connection | null = null;
  try {
    db = openConnection(file, { busyMs: 0 });
    db.pragma("journal_mode = MEMORY");
    db.exec("BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY")) return null;
    throw error;
  }
}

/** Who has the folder, as far as the note beside the lock says. */
export function readHolder(file: string): { readonly pid: number | null; readonly since: Date | null } {
  try {
    const said: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof said !== "object" || said === null) return { pid: null, since: null };
    const pid = "pid" in said && typeof said.pid === "number" ? said.pid : null;
    const since = "since" in said && typeof said.since === "string" ? new Date(said.since) : null;
    return { pid, since: since === null || Number.isNaN(since.getTime()) ? null : since };
  } catch {
    // The lock decides; the note is a courtesy, and may be missing or half a second old.
    return { pid: null, since: null };
  }
}
