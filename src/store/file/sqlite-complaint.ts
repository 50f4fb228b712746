import Database from "better-sqlite3";
import { errorCode } from "../../lib/thrown.ts";
import { StoreError, type StoreErrorKind } from "../store-error.ts";

interface Complaint {
  readonly kind: StoreErrorKind;
  readonly say: string;
}

// By the first words of SQLite's extended result codes, and by the names that the system gives its errors.
const complaints: readonly (readonly [code: string, complaint: Complaint])[] = [
  ["SQLITE_FULL", { kind: "full", say: "no room left on the disk" }],
  ["SQLITE_IOERR", { kind: "unwritable", say: "the disk reports an error" }],
  ["SQLITE_READONLY", { kind: "unwritable", say: "it is read-only" }],
  ["SQLITE_CANTOPEN", { kind: "unwritable", say: "it cannot be opened" }],
  ["SQLITE_PERM", { kind: "unwritable", say: "the rights to it are missing" }],
  ["SQLITE_NOTADB", { kind: "damaged", say: "it is not a database" }],
  ["SQLITE_CORRUPT", { kind: "damaged", say: "the database is damaged" }],
  ["SQLITE_BUSY", { kind: "held", say: "another program has the database" }],
  ["SQLITE_LOCKED", { kind: "held", say: "another program has the database" }],
  ["ENOSPC", { kind: "full", say: "no room left on the disk" }],
  ["EDQUOT", { kind: "full", say: "no room left in the quota" }],
  ["EROFS", { kind: "unwritable", say: "it is read-only" }],
  ["EACCES", { kind: "unwritable", say: "the rights to it are missing" }],
  ["EPERM", { kind: "unwritable", say: "the rights to it are missing" }],
  ["EIO", { kind: "unwritable", say: "the disk reports an error" }],
  ["ENOTDIR", { kind: "unwritable", say: "a part of its path is not a folder" }],
  ["EEXIST", { kind: "unwritable", say: "there is a file of this name" }],
  ["EISDIR", { kind: "unwritable", say: "there is a folder of this name" }],
  ["ENOENT", { kind: "missing", say: "it is not there" }],
];

/** `the table records is missing`, where SQLite says so of books that had it; `null` for every other error. */
export function lostPart(error: unknown): string | null {
  if (!(error instanceof Database.SqliteError) || error.code !== "SQLITE_ERROR") return null;
  const [, kind, name] = /^no such (table|column): (.+)$/.exec(error.message) ?? [];
  return kind === undefined || name === undefined ? null : `the ${kind} ${name} is missing`;
}

/** What SQLite or the system says of a file, as a StoreError; any other error is given back as it is. */
export function storeComplaint(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === "" || !(error instanceof Error)) return error;
  // The sentence of a trigger is ours, and says which rule was about to be broken.
  if (code === "SQLITE_CONSTRAINT_TRIGGER")
    return new StoreError("conflict", error.message, { cause: error });
  const lost = lostPart(error);
  if (lost !== null)
    return new StoreError("damaged", `${path}: the database is damaged: ${lost}`, { cause: error });
  const known = complaints.find(([start]) => code.startsWith(start))?.[1];
  if (known === undefined) return error;
  return new StoreError(known.kind, `${path}: ${known.say} (${code})`, { cause: error });
}

/** Runs, and throws what goes wrong with the file as StoreError. */
export function complaining<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw storeComplaint(error, path);
  }
}

/** True for the errors of a file that is there and cannot be opened or locked beside its log. */
export const cannotBeOpened = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(CANTOPEN|READONLY)/.test(error.code);
