import { realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";

export type InsideFile =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly why: string };

/**
 * A file named in one of our files, relative to the folder of that file. An absolute name, a way out of the folder, or
 * a link that leads out of it is refused (contract, Files). A file that is not there passes: its reader says so.
 */
export function fileInside(folder: string, name: string): InsideFile {
  const shown = JSON.stringify(name.slice(0, 100));
  if (name.includes("\0"))
    return { ok: false, why: "a name with a zero byte found, the name of a file was expected" };
  // What is absolute on Windows is so everywhere: a profile goes from one station to the next.
  if (isAbsolute(name) || /^([A-Za-z]:|\\)/.test(name))
    return { ok: false, why: `${shown} found, a name relative to this file was expected` };
  const path = resolve(folder, name);
  if (path === resolve(folder))
    return { ok: false, why: `${shown} found, a file in this folder was expected` };
  if (!isBelow(resolve(folder), path))
    return { ok: false, why: `${shown} found, it leads out of this file's folder` };
  try {
    const real = realpathSync(path);
    if (!isBelow(realpathSync(folder), real))
      return { ok: false, why: `${shown} found, it is a link out of this file's folder` };
    return { ok: true, path: real };
  } catch {
    return { ok: true, path };
  }
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
