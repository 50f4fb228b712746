import { existsSync, mkdirSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Node keeps the compiled form of the program's files from one start to the next, in a folder that belongs to this user
 * alone: what lies there is run. Without such a folder the program starts as ever, a little later. NODE_COMPILE_CACHE names
 * another folder, NODE_DISABLE_COMPILE_CACHE=1 does without.
 */
export function keepCompiled() {
  try {
    const folder = join(cacheFolder(), "gangflash");
    // Not `recursive`, which never comes back from a folder that takes none, as /proc.
    for (const one of [cacheFolder(), folder]) if (!existsSync(one)) mkdirSync(one, { mode: 0o700 });
    if (ours(folder)) enableCompileCache(folder);
  } catch {
    // No home, a full or a read-only disk: nothing is kept.
  }
}

function cacheFolder() {
  const { platform, env } = process;
  if (platform === "win32") return env.LOCALAPPDATA || join(homedir(), "AppData", "Local");
  if (platform === "darwin") return join(homedir(), "Library", "Caches");
  return env.XDG_CACHE_HOME || join(homedir(), ".cache");
}

/** With the home of somebody else, as some forms of sudo leave it, the folder may be theirs. Windows has no such numbers. */
function ours(folder) {
  const uid = process.getuid?.();
  if (uid === undefined) return true;
  const about = statSync(folder);
  return about.uid === uid && (about.mode & 0o022) === 0;
}
