import { Fault } from "../model/fault.ts";
import type { ScreenOutput } from "../ui/terminal.ts";
import { exitCodes } from "./exit-codes.ts";

/** What a command talks to: standard output for results, standard error for talk, a signal for Ctrl-C. */
export interface Io {
  /** One line of results. */
  out(text: string): void;
  /** One line of talk. */
  err(text: string): void;
  /** Standard output, for a screen on it; a terminal that has stopped reading does not stop who writes. */
  readonly stdout: ScreenOutput;
  readonly json: boolean;
  /**
   * Aborts at the first SIGINT or SIGTERM; the reason's `exitCode` says which. Aborts with a Fault when the program made
   * a mistake that nobody held. A terminal that went away ends nothing.
   */
  readonly signal: AbortSignal;
}

/** Why a command was asked to end. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(name: string, exitCode: number) {
    super(name);
    this.name = "Interrupted";
    this.exitCode = exitCode;
  }
}

/** The exit code that an interrupted command ends with. */
export function interruptCode(signal: AbortSignal): number | null {
  if (signal.reason instanceof Interrupted) return signal.reason.exitCode;
  return signal.reason instanceof Fault ? exitCodes.unfit : null;
}

/** The same, for a command that has nothing to finish when its terminal goes away: it ends at SIGHUP, too. */
export function endingAtHangUp(io: Io): Io & Disposable {
  const gone = new AbortController();
  const hangUp = (): void => gone.abort(new Interrupted("SIGHUP", exitCodes.sighup));
  process.on("SIGHUP", hangUp);
  return {
    ...io,
    signal: AbortSignal.any([io.signal, gone.signal]),
    [Symbol.dispose]: () => void process.off("SIGHUP", hangUp),
  };
}

/** For a command that lasts until it is told to end. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
