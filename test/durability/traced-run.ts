import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "../tools/program.ts";
import { parseTrace, straceWords, type TraceEvent } from "./trace.ts";

/** strace is installed, and may look at what it starts. */
export const straceHere = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

export interface TracedRun {
  readonly events: readonly TraceEvent[];
  /** Path of the database, as the trace names it. */
  readonly database: string;
  /** The database as it was when the run began. */
  readonly base: Uint8Array;
  /** Lines of the run's standard output that are a unit's. */
  readonly unitLines: number;
}

const profile = `profile: order
revision: A
product: { name: Board }
chip: STM32F405
images:
  - { file: fw.bin, at: 0x08000000 }
serial: { series: order, format: "O-{n:05}" }
data:
  - { name: serial, at: 0x08003F00, as: ascii, length: 16, value: "{serial}" }
`;

/** One gang run over simulated boards, watched by strace. */
export function tracedRun(where: string, units: number): TracedRun {
  const folder = realpathSync(where);
  const at = (name: string): string => join(folder, name);
  const names = Array.from({ length: units }, (_, i) => `A${i + 1}`);
  const slots = names.map((name) => `  - { name: ${name}, port: "sim:STM32F405:uart" }\n`).join("");
  writeFileSync(at("station.yaml"), `station: order\nslots:\n${slots}`);
  writeFileSync(at("profile.yaml"), profile);
  const image = new Uint8Array(1024).fill(0x5a);
  image.set([0x00, 0x20, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08]);
  writeFileSync(at("fw.bin"), image);
  const data = at("data");
  mkdirSync(data);
  const opening = ["batch", "open", "WO-1", "--profile", at("profile.yaml"), "--data", data];
  must(spawnSync(process.execPath, [program, ...opening], { encoding: "utf8" }));
  const database = join(data, "gangflash.db");
  const base = readFileSync(database);

  const order = ["--station", at("station.yaml"), "--profile", at("profile.yaml"), "--batch", "WO-1"];
  const gang = names.flatMap((name, i) => ["--unit", `${name}=UNIT-${i + 1}`]);
  const run = [process.execPath, program, "run", "--json", "--data", data, ...order, ...gang];
  const out = must(
    spawnSync("strace", [...straceWords, "-o", at("trace"), ...run], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    }),
  );
  return {
    events: parseTrace(readFileSync(at("trace"), "utf8")),
    database,
    base,
    unitLines: out.split("\n").filter((line) => line.startsWith('{"type":"unit"')).length,
  };
}

function must({ status, stdout, stderr }: SpawnSyncReturns<string>): string {
  if (status !== 0) throw new Error(`ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
