import { rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { openConnection, synchronousFull, synchronousOf } from "./connection.ts";
import { readHolder } from "./lock.ts";
import { openBeside } from "./open-read-only.ts";
import { freeBytesOf } from "./room.ts";
import { complaining } from "./sqlite-complaint.ts";

/** What can be said of a data folder from beside it, whether a line runs in it or not. */
export interface FolderInspection {
  readonly freeBytes: number;
  /** A program that has left its name there; whether it lives is the system's to say. */
  readonly holder: { readonly pid: number; readonly since: Date | null } | null;
}

export function inspectFolder(folder: string): FolderInspection {
  const { pid, since } = readHolder(join(folder, "owner.json"));
  return { freeBytes: freeBytesOf(folder), holder: pid === null ? null : { pid, since } };
}

/**
 * Whether a lock in this folder keeps another one out: tried on a file of its own, which goes again; the line's lock is
 * left alone. Throws StoreError where nothing can be written there.
 */
export function locksHold(folder: string): boolean {
  const file = join(folder, `doctor-${process.pid}.lock`);
  return complaining(folder, () => {
    try {
      const first = openConnection(file, { busyMs: 0 });
      try {
        first.exec("BEGIN EXCLUSIVE");
        return isKeptOut(file);
      } finally {
        first.close();
      }
    } finally {
      for (const end of ["", "-journal"]) rmSync(`${file}${end}`, { force: true });
    }
  });
}

function isKeptOut(file: string): boolean {
  try {
    const second = openConnection(file, { busyMs: 0 });
    try {
      second.exec("BEGIN EXCLUSIVE");
      return false;
    } finally {
      second.close();
    }
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY")) return true;
    throw error;
  }
}

export interface BooksInspection {
  /** SQLite's own words: "ok", or what is wrong, line by line. */
  readonly quickCheck: readonly string[];
  readonly journalMode: string;
  /** Each commit of a connection of ours is on the disk before it is told. */
  readonly isFull: boolean;
}

/** Reads the books beside a running line. Throws StoreError, or SQLite's own errors as such. */
export function inspectBooks(file: string): BooksInspection {
  return complaining(file, () => {
    using opened = openBeside(file);
    const { db } = opened;
    const rows = db.pragma("quick_check(20)") as readonly { readonly quick_check: string }[];
    return {
      quickCheck: rows.map((row) => row.quick_check),
      journalMode: String(db.pragma("journal_mode", { simple: true })),
      isFull: synchronousOf(db) === synchronousFull,
    };
  });
}
