import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openConnection, type Connection } from "./connection.ts";
import { cannotBeOpened } from "./sqlite-complaint.ts";
import { StoreError } from "../store-error.ts";

export interface Opened extends Disposable {
  readonly db: Connection;
}

/** A connection that has proved that it can read: SQLite looks at the file no earlier than at the first question. */
function connect(file: string): Connection {
  const db = openConnection(file, { readonly: true });
  try {
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const opened = (db: Connection): Opened => ({ db, [Symbol.dispose]: () => db.close() });

function refuseMissing(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new StoreError("missing", `${file}: there is no such file`);
  // To open a named pipe is to wait for whoever writes to it.
  if (!found.isFile() && !found.isDirectory())
    throw new StoreError("missing", `${file}: a device or a pipe found, a file was expected`);
}

/**
 * The books beside a running line. Where the folder cannot be written and nobody has the books open, SQLite could not
 * put its log beside them: then a copy is read, which stays as it was. Throws StoreError `missing`; SQLite's own errors
 * pass through.
 */
export function openBeside(file: string): Opened {
  refuseMissing(file);
  try {
    return opened(connect(file));
  } catch (error) {
    if (!cannotBeOpened(error)) throw error;
    return openCopy(file);
  }
}

/**
 * A file on its own, such as a copy that somebody sent: nothing is written beside it. One that was copied from under
 * its log asks for one as soon as it is read, so a copy of it is read; with a log beside it somebody may have it open,
 * and it is read in place. Throws as `openBeside`.
 */
export function openFile(file: string): Opened {
  refuseMissing(file);
  return existsSync(`${file}-wal`) || !asksForLog(file) ? openBeside(file) : openCopy(file);
}

/** Byte 18 of the file's header, "file format write version": 2 is WAL (SQLite, Database File Format, 1.3.3). */
function asksForLog(file: string): boolean {
  const header = Buffer.alloc(19);
  const handle = openSync(file, "r");
  try {
    readSync(handle, header);
  } finally {
    closeSync(handle);
  }
  return header[18] === 2;
}

function openCopy(file: string): Opened {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, "copy.db");
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    const db = connect(copy);
    return {
      db,
      [Symbol.dispose]() {
        db.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
