import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Puts a file in place whole or not at all: a temporary file beside it, synchronised, then renamed over the name.
 * Throws what the file system says; nothing half-written stays.
 */
export function writeAtomic(path: string, bytes: Uint8Array, mode = 0o640): void {
  const target = atomicTarget(path, mode);
  try {
    target.write(bytes);
    target.finish();
  } finally {
    target[Symbol.dispose]();
  }
}

/** A file that grows under another name. Disposed before `finish`, nothing of it stays. */
export interface AtomicTarget extends Disposable {
  write(bytes: Uint8Array): void;
  /** Gives it its name, synchronised. */
  finish(): void;
}

/** The same in pieces. */
export function atomicTarget(name: string, mode = 0o640): AtomicTarget {
  const path = fileAt(name);
  const temporary = partOf(path);
  rmSync(temporary, { force: true });
  const file = openSync(temporary, "wx", mode);
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
  };
  let named = false;
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    },
    finish() {
      fsyncSync(file);
      close();
      renameSync(temporary, path);
      named = true;
      syncPath(dirname(path));
    },
    [Symbol.dispose]() {
      close();
      if (!named) rmSync(temporary, { force: true });
    },
  };
}

/**
 * The file that a name leads to: a link stays one, and what it leads to is replaced. Throws EFTYPE for a device or a pipe
 * (`/dev/stdout`), which a rename would throw away.
 */
export function fileAt(name: string): string {
  const there = statSync(name, { throwIfNoEntry: false });
  if (there === undefined) return name;
  if (!there.isFile() && !there.isDirectory())
    throw Object.assign(new Error("a device or a pipe has this name"), { code: "EFTYPE" });
  return realpathSync(name);
}

/** What a file is called until it is whole. */
export const partOf = (path: string): string => join(dirname(path), `.${basename(path)}.${process.pid}.part`);

/** A rename is durable when its folder is. Windows synchronises neither a folder nor a file opened to read, and needs neither. */
export function syncPath(path: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
