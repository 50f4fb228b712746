import { renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../lib/make-folder.ts";
import { pino, type Logger } from "pino";
import { Fault } from "../model/fault.ts";

/** Above this the log is put aside once, as `gangflash.log.1`. */
const mostBytes = 10 * 2 ** 20;

/** The log for support, beside the records: JSON lines, the last one before a crash included. Never the truth. */
export function openLog(folder: string, toolVersion: string): Logger {
  try {
    makeFolder(folder, 0o750);
    const file = join(folder, "gangflash.log");
    putAside(file);
    return pino(
      { base: { pid: process.pid, version: toolVersion }, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ dest: file, sync: true, append: true }),
    );
  } catch {
    // A log that cannot be written must not stop a line: the records say themselves when they cannot.
    return pino({ enabled: false });
  }
}

function putAside(file: string): void {
  const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size > mostBytes) renameSync(file, `${file}.1`);
}

/** What ended a command without anybody holding it is written down with its trace, for whoever mends it. */
export function logMistake(log: Logger, signal: AbortSignal): void {
  if (signal.reason instanceof Fault) log.error({ err: signal.reason.cause }, "a mistake of the program");
}
