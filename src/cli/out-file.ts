import { realpathSync, statSync, type Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CommandError } from "./complain.ts";

/**
 * The file that `--out` asks for: a file, or a folder that is there and takes it under `name`. No folder is made: a
 * mistyped or unplugged `/media/usb` would fill the station's own disk, and nobody would look for it there. `data`: the
 * books, whose files nothing else may replace. Throws CommandError.
 */
export function outFile(out: string | null, name: string, data: string): string {
  const there = out === null ? null : found(out);
  if (out !== null && there?.isDirectory() !== true) refuseMissingFolder(out, "--out: ");
  const file = there?.isDirectory() === true ? join(resolve(out ?? ""), name) : resolve(out ?? name);
  if (isOfBooks(file, data))
    throw new CommandError(`--out: ${file} found, a name that is not one of the books' own was expected`);
  return file;
}

/** What ends like a folder must be one. */
export function refuseMissingFolder(path: string, option: string): void {
  if (/[/\\]$/.test(path)) throw new CommandError(`${option}${path}: there is no such folder`);
}

/** What cannot be looked at is told when it is written. */
function found(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** Our own files in the data folder, also through a link to them or to it. */
function isOfBooks(file: string, data: string): boolean {
  const real = (path: string): string => {
    try {
      return realpathSync(path);
    } catch {
      return resolve(path);
    }
  };
  const target = found(file) === null ? join(real(dirname(file)), basename(file)) : real(file);
  return dirname(target) === real(data) && /^(gangflash|station|owner)\./.test(basename(target));
}
