import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/sim/os/uart-board.ts";
import { holdBoards, type HeldBoards, type PortSession } from "../tools/hold-boards.ts";
import { program } from "../tools/program.ts";

export type Programmer = "gangflash" | "stm32flash";

/** What one programmer needed for one board. Times in seconds. */
export interface Figures {
  /** From its start to its end. */
  readonly wall: number;
  /** Processor time, user and system. */
  readonly cpu: number;
  /** From its first byte on the wire to the last answer. */
  readonly port: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** What its bytes need on the wire, one after another. */
  readonly wire: number;
  /** What the flash needs to do what it asked for. */
  readonly flash: number;
}

/** Names that `measure` expects in its folder. */
export const files = { image: "fw.bin", profile: "profile.yaml", station: "station.yaml" } as const;

const portOf = (folder: string, name: Programmer): string => join(folder, `board-of-${name}`);

export const profileText = `profile: bench
revision: A
product: { name: Bench board }
chip: STM32F405
images:
  - { file: ${files.image}, at: 0x08000000 }
`;

export const stationText = (folder: string, baud: number): string =>
  `station: bench\nslots:\n  - { name: A1, port: "uart:${portOf(folder, "gangflash")}", baud: ${baud} }\n`;

/**
 * A board for each programmer, programmed and verified in full at the pace of a bench: one after another, or all at
 * once, so that a machine with other things to do is as busy for the one as for the other.
 */
export async function measure(
  folder: string,
  programmers: readonly Programmer[],
  baud: number,
  together: boolean,
): Promise<Map<Programmer, Figures>> {
  const boards = programmers.map((name) => ({
    chip: "STM32F405",
    link: portOf(folder, name),
    dump: join(folder, `flash-of-${name}`),
    mishap: "none",
  }));
  await using held = await holdBoards(boards, { pace: "real", baud });
  const data = join(folder, "data");
  rmSync(data, { recursive: true, force: true });
  const run = (name: Programmer): Promise<Figures> =>
    one(commandOf(name, folder, data, baud), `uart:${portOf(folder, name)}`, held);
  const found = new Map<Programmer, Figures>();
  const running = together ? programmers.map(run) : [];
  for (const [i, name] of programmers.entries()) found.set(name, await (running[i] ?? run(name)));
  await held.end();
  return found;
}

function commandOf(name: Programmer, folder: string, data: string, baud: number): string[] {
  const at = (file: string): string => join(folder, file);
  switch (name) {
    case "gangflash": {
      const order = "--batch BENCH --unit A1=UNIT-1".split(" ");
      const places = ["--station", at(files.station), "--profile", at(files.profile), "--data", data];
      return [process.execPath, program, "run", ...order, ...places];
    }
    case "stm32flash": {
      const how = "-m 8n1 -v -g 0x0 -b".split(" ");
      return ["stm32flash", ...how, String(baud), "-w", at(files.image), portOf(folder, name)];
    }
    default:
      return name satisfies never;
  }
}

async function one(command: readonly string[], port: string, held: HeldBoards): Promise<Figures> {
  const mine = (): readonly PortSession[] => held.sessions.filter((session) => session.port === port);
  const begin = performance.now();
  const { code, out, cpu } = await timed(command);
  const wall = (performance.now() - begin) / 1000;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${out}`);
  // The far end notices within a moment that its host has left.
  while (mine().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const sum = (of: keyof Session): number => mine().reduce((total, session) => total + session[of], 0);
  return {
    wall,
    cpu,
    port: sum("ms") / 1000,
    bytesSent: sum("bytesIn"),
    bytesReceived: sum("bytesOut"),
    wire: sum("wireMs") / 1000,
    flash: sum("flashMs") / 1000,
  };
}

/** Node does not tell what a child took of the processor; the shell's `times` does, on file 3. */
async function timed(command: readonly string[]): Promise<{ code: number | null; out: string; cpu: number }> {
  const script = '"$@"; code=$?; times >&3; exit $code';
  const child = spawn("sh", ["-c", script, "sh", ...command], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
  let out = "";
  let times = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stdio[3]?.on("data", (chunk: Buffer) => (times += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // The second line is the children's: user and system, as 0m1.23s.
  const children = times.trim().split("\n")[1] ?? "";
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
    0,
  );
  return { code, out, cpu };
}
