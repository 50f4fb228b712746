import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorCode, errorText } from "../../lib/thrown.ts";
import { writeAtomic } from "../../lib/write-atomic.ts";
import type { Delivered } from "../../model/outbox.ts";

/** Names that sort as the messages follow one another: `000000000017-r17-3f….json`. `before`: messages before it. */
export const fileOf = (before: number, key: string): string =>
  `${String(before + 1).padStart(12, "0")}-${key}.json`;

const half = /^\.[0-9]{12}-[rd][0-9]+-[0-9a-f]{32}\.json\.[0-9]+\.part$/;
/** Older than this, nobody writes it any more. */
const staleMs = 60_000;

const complaints: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "it can only be read",
  ENOSPC: "no room is left there",
  EDQUOT: "no room is left there",
  EIO: "the disk reports an error",
  ESTALE: "the share is gone",
  EHOSTDOWN: "the share is gone",
  ENOTDIR: "a part of its path is no folder",
};

/** Puts a message into a folder, whole or not at all. One that lies there already is fine. Waits for the disk. */
export function dropInFolder(folder: string, file: string, text: string): Delivered {
  const path = join(folder, file);
  try {
    if (!statSync(folder).isDirectory()) return later(folder, "there is a file of this name");
    // A folder that takes the file away at once has none of its own left over.
    if (sameText(path, text)) return { kind: "taken" };
    sweep(folder);
    writeAtomic(path, Buffer.from(text, "utf8"));
    return { kind: "taken" };
  } catch (error) {
    const code = errorCode(error);
    // Not made here: where a share is not mounted, its place would be filled.
    if (code === "ENOENT") return later(folder, "there is no such folder; make it, or mount the share");
    const words = Object.hasOwn(complaints, code) ? complaints[code] : null;
    return later(folder, words ?? errorText(error));
  }
}

const later = (folder: string, why: string): Delivered => ({
  kind: "later",
  why: `${folder}: ${why}`,
  waitMs: null,
});

function sameText(path: string, text: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  return there?.size === Buffer.byteLength(text) && readFileSync(path, "utf8") === text;
}

let swept = "";

/** Halves that a power cut has left, once. */
function sweep(folder: string): void {
  if (swept === folder) return;
  swept = folder;
  for (const name of readdirSync(folder)) {
    if (!half.test(name)) continue;
    const path = join(folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > staleMs) rmSync(path, { force: true });
  }
}
