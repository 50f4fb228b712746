import { errorText } from "./lib/thrown.ts";
import { parseArgs } from "./cli/args.ts";
import { exitCodes } from "./cli/exit-codes.ts";
import { Interrupted, interruptCode, type Io } from "./cli/io.ts";
import { terminalOutput } from "./cli/terminal-output.ts";
import { toolVersion } from "./cli/version.ts";
import { toFault } from "./model/fault.ts";

/** Why standard output is not whole, such as on a full disk; the boards that run are not stopped for it. */
let lost: string | null = null;

/** Text that a closed pipe (`| head`) no longer takes is lost; a gang run does not die of it. */
function keepOnWithoutOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") lost ??= error.message;
  });
  process.stderr.on("error", () => {});
}

/** What a command has after a mistake that nobody held, ms: the boards that run get their records. */
const graceMs = 30_000;

/** Never a stack trace: that stands in the records and in the log. */
const mistakeText = (error: unknown): string =>
  `gangflash: this is a mistake of the program: ${errorText(error)}`;

/**
 * The first signal asks, the second one ends the process at once: the ledger is right in both cases. An error that
 * nobody held asks, too.
 */
function interruptSignal(err: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  const codes = { SIGINT: exitCodes.sigint, SIGTERM: exitCodes.sigterm } as const;
  for (const [name, code] of Object.entries(codes))
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(code);
      controller.abort(new Interrupted(name, code));
    });
  // The terminal went away: what runs is finished, nobody is asked.
  process.on("SIGHUP", () => {});
  // A promise that nobody waited for ends here, too. Told when the process goes: a screen may be drawn now.
  process.on("uncaughtException", (error: unknown) => {
    if (controller.signal.aborted) return;
    process.on("exit", () => err(mistakeText(error)));
    setTimeout(() => process.exit(exitCodes.unfit), graceMs).unref();
    controller.abort(toFault(error));
  });
  return controller.signal;
}

/** argv to exit code. */
async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const result = parseArgs(argv, toolVersion, out, err);
  if (result.kind === "exit") return result.code;
  const { json, call, perform } = result.parsed;
  const io: Io = { out, err, stdout, json, signal };
  try {
    return await perform(call, io);
  } catch (error) {
    const { complain } = await import("./cli/complain.ts");
    try {
      return complain(error, io);
    } catch {
      const interrupted = interruptCode(io.signal);
      if (interrupted !== null) return interrupted;
      err(mistakeText(error));
      return exitCodes.unfit;
    }
  }
}

/** How long a terminal that takes nothing is waited for by who was told to end, ms. */
const lastWordsMs = 1000;

/** Written out before the process goes: a pipe takes its time. Open ports or timers must not hold it up. */
function leave(code: number, signal: AbortSignal): void {
  const go = (): void => process.exit(lost !== null && code === exitCodes.ok ? exitCodes.unfit : code);
  const lastWords = (): void => {
    if (lost !== null) err(`gangflash: standard output cannot be written: ${lost}`);
    stderr.write("", go);
  };
  // A stream tells of its error some ticks after the write that failed.
  stdout.write("", () => void setImmediate(lastWords));
  if (!process.stdout.isTTY) return;
  const soon = (): void => void setTimeout(go, lastWordsMs);
  if (signal.aborted) soon();
  else signal.addEventListener("abort", soon);
}

keepOnWithoutOutput();
const stdout = terminalOutput(process.stdout);
const stderr = terminalOutput(process.stderr);
const out = (line: string): void => void stdout.write(`${line}\n`);
const err = (line: string): void => void stderr.write(`${line}\n`);
const interrupt = interruptSignal(err);
leave(await main(process.argv.slice(2), interrupt), interrupt);
