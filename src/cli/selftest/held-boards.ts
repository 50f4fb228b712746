import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Simulated boards in a process of their own: whoever programs them may die, and their flash stays. */
export interface HeldBoards extends AsyncDisposable {
  /** Ports as a station file names them, one a board. */
  readonly ports: readonly string[];
  /** Ends the process and reads the flash of each board, in their order. */
  end(): Promise<readonly Uint8Array[]>;
}

/** This machine can hold none, and why. */
export interface NoBoards extends AsyncDisposable {
  readonly none: string;
}

/** `gangflash simulate` with boards on ptys, which answer as fast as the machine can. Throws where it breaks. */
export async function holdBoards(
  command: readonly [program: string, ...words: string[]],
  {
    chip,
    count,
    folder,
    baud,
  }: { readonly chip: string; readonly count: number; readonly folder: string; readonly baud: number },
  signal: AbortSignal,
): Promise<HeldBoards | NoBoards> {
  const links = Array.from({ length: count }, (_, i) => join(folder, `board-${i}`));
  const dumpOf = (link: string): string => `${link}.bin`;
  const [program, ...first] = command;
  const words = links.flatMap((link) => ["--board", `${chip}:uart`, "--link", link, "--dump", dumpOf(link)]);
  const child = spawn(
    program,
    [...first, "simulate", "--json", "--pace", "fast", "--baud", String(baud), ...words],
    {
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    },
  );
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", (code) => resolve(code));
  });
  const there = new Promise<void>((resolve) => {
    let boards = 0;
    createInterface(child.stdout).on("line", (line) => {
      if ((JSON.parse(line) as { readonly type: string }).type === "board") boards += 1;
      if (boards === count) resolve();
    });
  });
  const code = await Promise.race([there, ended]);
  signal.throwIfAborted();
  // It ended before its boards were there: 3 is a machine without ptys.
  if (code === 3) return { none: err.trim(), [Symbol.asyncDispose]: () => Promise.resolve() };
  if (code !== undefined) throw new Error(`gangflash simulate ended with ${code}: ${err.trim()}`);
  return {
    ports: links.map((link) => `uart:${link}`),
    async end() {
      child.kill("SIGTERM");
      await ended;
      return links.map((link) => readFileSync(dumpOf(link)));
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
