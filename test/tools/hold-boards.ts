import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Session } from "../../src/sim/os/uart-board.ts";
import { program } from "./program.ts";

export interface HeldBoard {
  readonly chip: string;
  /** Name of its port. */
  readonly link: string;
  /** File that gets its flash at the end. */
  readonly dump: string;
  /** Planned trouble, in the words of the command; `none` without. */
  readonly mishap: string;
}

export interface PortSession extends Session {
  /** As a station file names it. */
  readonly port: string;
}

export interface HeldBoards extends AsyncDisposable {
  /** What hosts did so far, in the order in which they left. */
  readonly sessions: readonly PortSession[];
  /** What the chips hold against their hosts. */
  readonly complaints: readonly string[];
  /** Ends the process; the flash of every board is in its file then. */
  end(): Promise<void>;
}

/** Boards on ptys, held by a process of their own: what happens to a host cannot harm them. */
export async function holdBoards(
  boards: readonly HeldBoard[],
  how: { readonly pace: "real" | "fast"; readonly baud: number },
): Promise<HeldBoards> {
  const each = ({ chip, link, dump, mishap }: HeldBoard): string[] =>
    Object.entries({ board: `${chip}:uart`, link, dump, mishap }).flatMap(([name, word]) => [
      `--${name}`,
      word,
    ]);
  const words = [
    "simulate",
    "--json",
    "--pace",
    how.pace,
    "--baud",
    String(how.baud),
    ...boards.flatMap(each),
  ];
  const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  const sessions: PortSession[] = [];
  const complaints: string[] = [];
  createInterface(child.stderr).on("line", (line) => complaints.push(line));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    let there = 0;
    createInterface(child.stdout).on("line", (text) => {
      const line = JSON.parse(text) as { readonly type: string } & PortSession;
      if (line.type === "session") sessions.push(line);
      else if (line.type === "board") there += 1;
      if (there === boards.length) resolve();
    });
    void ended.then((code) => reject(new Error(`simulate ended with ${code}: ${complaints.join("\n")}`)));
  });

  async function end(): Promise<void> {
    child.kill("SIGTERM");
    const code = await ended;
    if (code !== 143) throw new Error(`simulate ended with ${code}: ${complaints.join("\n")}`);
  }

  return {
    sessions,
    complaints,
    end,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
