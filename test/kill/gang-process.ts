import { spawn } from "node:child_process";
import { program } from "../tools/program.ts";

export interface UnitLine {
  readonly barcode: string;
  readonly attempt: number;
  readonly serial: string | null;
  readonly outcome: string;
  readonly failure: { readonly code: string; readonly detail: string } | null;
}

export interface GangEnd {
  /** The kill came before its end. */
  readonly killed: boolean;
  readonly code: number | null;
  readonly span: Span;
  readonly units: readonly UnitLine[];
  readonly err: string;
}

/** How long a run lasts, ms. */
export interface Span {
  /** Until its first line: numbers are reserved, attempts are open. Hangs on how busy the machine is. */
  readonly start: number;
  /** From there to its end: mostly the boards' own time. */
  readonly work: number;
}

/** A moment of a run, 0 to 1, as it would be in one that lasts as long as `of`. */
export interface Moment {
  readonly share: number;
  readonly of: Span;
}

/** One `gangflash run`, killed at a moment; `null`: not at all. */
export async function gangProcess(words: readonly string[], kill: Moment | null): Promise<GangEnd> {
  const begin = performance.now();
  const child = spawn(process.execPath, [program, "run", "--json", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  let firstLine: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  const killAfter = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill("SIGKILL"), ms);
  };
  const at = kill === null ? null : kill.share * (kill.of.start + kill.of.work);
  const inWork = at !== null && kill !== null && at >= kill.of.start ? at - kill.of.start : null;
  if (at !== null && inWork === null) killAfter(at);
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    if (firstLine !== null) return;
    firstLine = performance.now();
    if (inWork !== null) killAfter(inWork);
  });
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once("close", (...end) => resolve(end));
  });
  clearTimeout(timer);
  const ended = performance.now();
  // What stands behind the last line feed was cut off, and was not said.
  const lines = out.split("\n").slice(0, -1);
  const units = lines
    .map((line) => JSON.parse(line) as { readonly type: string } & UnitLine)
    .filter(({ type }) => type === "unit");
  const started = firstLine ?? ended;
  const span = { start: started - begin, work: ended - started };
  return { killed: signal === "SIGKILL", code, span, units, err };
}
