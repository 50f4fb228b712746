import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Puts a file in place whole or not at all: a temporary file beside it, synchronised, then renamed over the name.
 * Throws what the file system says; nothing half-written stays.
 */
export function writeAtomic(path: string, bytes: Uint8Array): void {
  writePiecesAtomic(path, [bytes]);
}

/** The same for what comes in pieces, one at a time in memory; answers how many bytes it was. */
export function writePiecesAtomic(path: string, pieces: Iterable<Uint8Array>): number {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const file = openSync(temporary, "w", 0o640);
  let written = 0;
  try {
    try {
      for (const bytes of pieces) {
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
        written += bytes.length;
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
  return written;
}

// A rename is durable when its folder is; Windows has no such call and needs none.
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
