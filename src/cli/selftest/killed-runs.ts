import { spawn } from "node:child_process";

/** A unit line of `run --json`. */
export interface UnitLine {
  readonly barcode: string;
  readonly attempt: number;
  readonly serial: string | null;
  readonly outcome: string;
  readonly failure: { readonly code: string } | null;
}

/** How long a run lasts, ms: up to its first line, and from there to its end. */
export interface Span {
  readonly start: number;
  readonly work: number;
}

/** When a run is killed: a share of how long it takes to start, or of its work. */
export interface Moment {
  readonly share: number;
  readonly of: keyof Span;
}

export interface RunEnd {
  /** SIGKILL came before its end. */
  readonly killed: boolean;
  readonly code: number | null;
  readonly span: Span;
  /** Lines that came out whole. */
  readonly units: readonly UnitLine[];
  readonly err: string;
}

/** Longest that an unkilled run may take, ms; a child that hangs is ended then, and its check fails. */
const mostMs = 60_000;

/**
 * One `gangflash run --json` as a process of its own, killed at a moment of a run that lasts as long as `usual`; `null`:
 * not at all.
 */
export async function killedRun(
  command: readonly [program: string, ...words: string[]],
  words: readonly string[],
  kill: { readonly moment: Moment; readonly usual: Span } | null,
  signal: AbortSignal,
): Promise<RunEnd> {
  const [program, ...first] = command;
  const begin = performance.now();
  const child = spawn(program, [...first, "run", "--json", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  });
  let out = "";
  let err = "";
  let firstLine: number | null = null;
  let killed = false;
  let timer = setTimeout(() => child.kill("SIGKILL"), mostMs);
  const killAfter = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      killed = true;
      child.kill("SIGKILL");
    }, ms);
  };
  if (kill?.moment.of === "start") killAfter(kill.moment.share * kill.usual.start);
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    if (firstLine !== null) return;
    firstLine = performance.now();
    if (kill?.moment.of === "work") killAfter(kill.moment.share * kill.usual.work);
  });
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => resolve(status));
    });
    const ended = performance.now();
    const started = firstLine ?? ended;
    const span = { start: started - begin, work: ended - started };
    return { killed: killed && code === null, code, span, units: unitLines(out), err };
  } finally {
    clearTimeout(timer);
  }
}

/** What stands behind the last line feed was cut off, and was not said. */
function unitLines(out: string): UnitLine[] {
  return out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { readonly type: string } & UnitLine)
    .filter(({ type }) => type === "unit");
}
