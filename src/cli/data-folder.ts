import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The data folder: `--data`, else `GANGFLASH_DATA`, else the platform's folder for a user's data. */
export function dataFolder(option: string | null, env: NodeJS.ProcessEnv = process.env): string {
  const named = option ?? env["GANGFLASH_DATA"] ?? "";
  if (named !== "") return resolve(named);
  const home = homedir();
  switch (process.platform) {
    case "win32":
      return join(env["APPDATA"] ?? join(home, "AppData", "Roaming"), "gangflash");
    case "darwin":
      return join(home, "Library", "Application Support", "gangflash");
    default:
      return join(env["XDG_DATA_HOME"] ?? join(home, ".local", "share"), "gangflash");
  }
}
