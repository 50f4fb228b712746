import { lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { partOf } from "../../lib/write-atomic.ts";

/**
 * A stable name for a port whose own name changes from run to run. Put in place at once, whatever link was there;
 * taken away at the end if it still is ours. Throws what the file system says, and when a thing that is no link has
 * the name already.
 */
export function holdLink(link: string, target: string): Disposable {
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there !== undefined && !there.isSymbolicLink())
    throw new Error(`${link} is there already and is no link`);
  const temporary = partOf(link);
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  try {
    renameSync(temporary, link);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return {
    [Symbol.dispose]() {
      try {
        if (readlinkSync(link) === target) rmSync(link);
      } catch {
        // Gone, or another's by now: nothing of ours is left.
      }
    },
  };
}
