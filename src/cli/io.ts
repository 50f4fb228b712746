/** What a command talks to: standard output for results, standard error for talk, a signal for Ctrl-C. */
export interface Io {
  /** One line of results. */
  out(text: string): void;
  /** One line of talk. */
  err(text: string): void;
  readonly json: boolean;
  /** Aborts at the first SIGINT, SIGTERM or SIGHUP; the reason's `exitCode` says which. */
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
  return signal.aborted && signal.reason instanceof Interrupted ? signal.reason.exitCode : null;
}

/** For a command that lasts until it is told to end. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** What went wrong, in the words of whoever threw it. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
