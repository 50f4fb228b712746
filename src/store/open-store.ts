import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorCode } from "../lib/thrown.ts";
import { makeFolder } from "../lib/make-folder.ts";
import { openConnection, type Connection } from "./file/connection.ts";
import { holdFolder } from "./file/lock.ts";
import { lostFromSchema, migrate, newestVersion, versionOf } from "./file/migrate.ts";
import { openBeside } from "./file/open-read-only.ts";
import { freeBytesOf, leastFreeBytes } from "./file/room.ts";
import { beginSession } from "./sessions.ts";
import { complaining } from "./file/sqlite-complaint.ts";
import { StoreError } from "./store-error.ts";
import { readerOver, storeOver } from "./store-over.ts";
import type { OwnerOptions, ReaderOptions, Store, StoreReader } from "./store.ts";

/** The name of the books in their folder. */
export const databaseName = "gangflash.db";

/**
 * A start must not last: up to the first size pages, rows and indexes are checked (a quarter of a second), up to the
 * second pages and rows (a second, with the file in memory), above it neither. The audit reads a file of any size.
 */
const checkLimits = { integrity_check: 64 * 2 ** 20, quick_check: 512 * 2 ** 20 } as const;

/**
 * Opens the books of a data folder.
 *
 * `owner` makes the folder and the file if need be, takes the folder for this process, brings the file to the newest
 * form, checks it, and begins a session. Throws StationHeld, or StoreError `newer`, `damaged`, `full`, `unwritable`.
 *
 * `reader` reads beside a running line, or without one; it changes nothing. Throws StoreError `missing` where there are
 * no books yet, `older`, `newer`, `damaged`, `unwritable`.
 */
export function openStore(folder: string, options: OwnerOptions): Store;
export function openStore(folder: string, options: ReaderOptions): StoreReader;
export function openStore(folder: string, options: OwnerOptions | ReaderOptions): StoreReader {
  const path = resolve(folder);
  return options.mode === "owner" ? openOwner(path, options) : openReader(path);
}

function openReader(folder: string): StoreReader {
  const file = join(folder, databaseName);
  if (!existsSync(file))
    throw new StoreError("missing", `${folder}: there are no records yet; the first run begins them`);
  return complaining(file, () => {
    const opened = openBeside(file);
    try {
      const version = versionOf(opened.db, file);
      if (version === 0) throw new StoreError("missing", `${folder}: there are no records yet`);
      if (version < newestVersion)
        throw new StoreError(
          "older",
          `${file}: written by an older gangflash; start the line once to bring it up`,
        );
      return readerOver(opened.db, { folder, file, close: () => opened[Symbol.dispose]() });
    } catch (error) {
      opened[Symbol.dispose]();
      throw error;
    }
  });
}

function openOwner(folder: string, options: OwnerOptions): Store {
  const now = options.now ?? (() => new Date());
  const lock = complaining(folder, () => {
    makeData(folder);
    return holdFolder(folder, now());
  });
  try {
    refuseFullDisk(folder, options.leastFreeBytes ?? leastFreeBytes);
    return openBooks(folder, options, now, () => lock[Symbol.dispose]());
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/** ENOENT here is not a folder that is missing, as it is to a reader: nothing can be made in the one above it. */
function makeData(folder: string): void {
  try {
    makeFolder(folder, 0o750);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    throw new StoreError("unwritable", `${folder}: no folder can be made there (ENOENT)`, { cause: error });
  }
}

function refuseFullDisk(folder: string, least: number): void {
  const free = complaining(folder, () => freeBytesOf(folder));
  if (free >= least) return;
  const room = `${Math.floor(free / 2 ** 20)} MiB free, ${Math.ceil(least / 2 ** 20)} MiB are needed`;
  throw new StoreError("full", `the disk of ${folder} has too little room to begin: ${room}`);
}

/**
 * The books without the lock: for whoever holds it, and for tests of what happens when nobody does. `letGo` is called
 * when they are closed, not when they cannot be opened.
 */
export function openBooks(
  folder: string,
  options: Omit<OwnerOptions, "mode">,
  now: () => Date,
  letGo: () => void,
): Store {
  const file = join(folder, databaseName);
  return complaining(file, () => {
    refuseForeign(file);
    const db = openConnection(file, { wal: true });
    try {
      migrate(db, file);
      refuseDamaged(db, file);
      const { station, timezone, toolVersion } = options;
      const session = beginSession(db, { station, timezone, toolVersion, startedAt: now() });
      const close = (): void => {
        try {
          db.close();
        } finally {
          letGo();
        }
      };
      return storeOver({ db, session, now }, { folder, file, close });
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Looks before anything is changed: a file of a newer program, or of another one, stays as it is. */
function refuseForeign(file: string): void {
  if (!existsSync(file)) {
    // Made here for its rights: SQLite gives those of the file to its log as well.
    closeSync(openSync(file, "a", 0o640));
    return;
  }
  using opened = openBeside(file);
  versionOf(opened.db, file);
}

function refuseDamaged(db: Connection, file: string): void {
  const lost = lostFromSchema(db);
  if (lost !== null) throw new StoreError("damaged", `${file}: ${lost} is not as this program made it`);
  const { size } = statSync(file);
  if (size > checkLimits.quick_check) return;
  const check = size > checkLimits.integrity_check ? "quick_check" : "integrity_check";
  const said = db.pragma(`${check}(1)`, { simple: true });
  if (said === "ok") return;
  const first = String(said).split("\n").at(-1);
  throw new StoreError(
    "damaged",
    `${file}: the database is damaged (${first}). Keep this file, and put the last backup in its place`,
  );
}
