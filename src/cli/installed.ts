import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { errorCode } from "../lib/thrown.ts";
import type { InstalledProgram } from "../model/qualification.ts";
import { toolVersion } from "./version.ts";

/** Where the program is installed. This file lies two below it, as sources and as built. */
export const installedFolder = fileURLToPath(new URL("../../", import.meta.url));

/** What starts it. */
export const startFile = join(installedFolder, "bin", "gangflash.js");

/** What the package holds (package.json, `files`); its dependencies are pinned there by version. */
const parts = ["bin", "dist", "docs", "labels", "profiles", "reports", "stations", "package.json"];

/**
 * A hash over the installed files: of each its path with `/`, a zero byte, its SHA-256 as hex and a line feed, in the order
 * of the paths' bytes. Two machines with the same program have the same. Throws what the file system says.
 */
export function installedProgram(folder = installedFolder): InstalledProgram {
  const files = parts.flatMap((part) => filesOf(join(folder, part))).map((file) => nameOf(folder, file));
  const all = createHash("sha256");
  for (const name of files.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    const own = createHash("sha256").update(readFileSync(join(folder, name)));
    all.update(`${name}\0${own.digest("hex")}\n`);
  }
  return { version: toolVersion, files: files.length, sha256: all.digest("hex") };
}

const nameOf = (folder: string, file: string): string => relative(folder, file).replaceAll(sep, "/");

/** A part that is not there, such as `dist` in a checkout that was not built, has none. */
function filesOf(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOTDIR") return [path];
    if (code === "ENOENT") return [];
    throw error;
  }
}
