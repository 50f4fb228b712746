import { existsSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../lib/make-folder.ts";
import { inspectFolder } from "../../store/file/inspect.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import { errorText } from "../../lib/thrown.ts";

/** What all checks write at their height is a quarter of it. */
const leastFreeBytes = 200 * 2 ** 20;

export interface OwnFolder extends Disposable {
  readonly path: string;
}

/**
 * A folder of its own in the data folder, so that the disk of the line is tried; nothing else in there is touched. It goes
 * when it is disposed, or when the process is ended before that. Throws CommandError, exit 3.
 */
export function ownFolder(data: string): OwnFolder {
  const isNew = !existsSync(data);
  let path: string;
  try {
    makeFolder(data, 0o750);
    path = mkdtempSync(join(data, "selftest-"));
  } catch (error) {
    throw new CommandError(
      `gangflash: ${data}: nothing can be written there: ${errorText(error)}`,
      exitCodes.unfit,
    );
  }
  function leave(): void {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    if (!isNew) return;
    try {
      rmdirSync(data);
    } catch {
      // Somebody has put something in it meanwhile.
    }
  }
  process.on("exit", leave);
  const own = {
    path,
    [Symbol.dispose]() {
      process.off("exit", leave);
      leave();
    },
  };
  const { freeBytes } = inspectFolder(path);
  if (freeBytes >= leastFreeBytes) return own;
  own[Symbol.dispose]();
  const free = `${Math.floor(freeBytes / 2 ** 20)} MiB free, ${leastFreeBytes / 2 ** 20} MiB are needed`;
  throw new CommandError(`gangflash: the disk of ${data} has too little room: ${free}`, exitCodes.unfit);
}
