import { closeSync, fdatasync, openSync } from "node:fs";
import type { Connection } from "./connection.ts";

/** How writes come to the disk. Without it each call of the books waits for the disk, and the event loop with it. */
export interface Disk {
  /**
   * Writes, and does not wait for the disk. What was written outlives the program; a power cut may lose it, but never
   * without what is written later: the log has one order.
   */
  unhurried<T>(write: () => T): T;
  /** Each commit of the calls that follow waits for the disk, unless they stand inside an unhurried one. */
  hurry(): void;
  /** All that was written before is on the disk when this holds. Who asks in the same moment shares one wait. */
  onDisk(): Promise<void>;
}

/**
 * The write-ahead log is brought to the disk by a thread of the system, as SQLite does it in the event loop with
 * `synchronous=FULL`: a commit is durable once its frames are (SQLite, "Write-Ahead Logging", section 3; SQLite syncs the
 * log by itself before it moves anything from there). `file`: the database.
 */
export function disk(db: Connection, file: string): Disk & Disposable {
  let depth = 0;
  // What SQLite was told last: it is told anew only where it changes. Books are opened with FULL.
  let waits = true;
  let log: number | null = null;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function wait(forDisk: boolean): void {
    if (waits === forDisk) return;
    db.exec(`PRAGMA synchronous = ${forDisk ? "FULL" : "NORMAL"}`);
    waits = forDisk;
  }

  function begin(): Promise<void> {
    next = null;
    try {
      // For writing, although nothing is written: some systems sync nothing else.
      log ??= openSync(`${file}-wal`, "r+");
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    const open = log;
    running = new Promise((resolve, reject) => {
      fdatasync(open, (error) => {
        running = null;
        if (error === null) resolve();
        else reject(error);
      });
    });
    return running;
  }

  return {
    unhurried(write) {
      wait(false);
      depth += 1;
      try {
        return write();
      } finally {
        depth -= 1;
      }
    },
    hurry() {
      if (depth === 0) wait(true);
    },
    onDisk() {
      if (running === null) return begin();
      // The wait that runs began before the last write.
      next ??= running.then(begin, begin);
      return next;
    },
    [Symbol.dispose]() {
      const open = log;
      log = null;
      if (open === null) return;
      // A wait that goes on has the log until it ends.
      if (running === null) closeSync(open);
      else running.finally(() => closeSync(open)).catch(() => undefined);
    },
  };
}
