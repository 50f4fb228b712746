import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { onTestFinished } from "vitest";

/** The program as it is installed: the built one. */
export const program = resolve(import.meta.dirname, "../../bin/gangflash.js");

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON lines. */
  lines(): JsonLine[];
  unit(slot: string): JsonLine;
}

/** Fields as the contract names them; a test asks only for those that its line has. */
export type JsonLine = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly failure?: { readonly code: string; readonly message: string; readonly detail: string } | null;
};

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What has come on standard output so far. */
  out(): string;
}

export function start(
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Started {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code, signal) => {
      const lines = (): JsonLine[] =>
        out
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as JsonLine);
      const unit = (slot: string): JsonLine => {
        const found = lines().find((line) => line.type === "unit" && line["slot"] === slot);
        if (found === undefined) throw new Error(`no unit line for ${slot} in:\n${out}\n${err}`);
        return found;
      };
      done({ code, signal, out, err, lines, unit });
    });
  });
  return { child, ended, out: () => out };
}

export const gangflash = (
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> => start(words, options).ended;

/** A folder of its own for one test, with files in it. */
export function bench(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-bench-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A station of simulated boards: names and what stands beside each port. */
export function simStation(slots: Readonly<Record<string, string>>, more = ""): string {
  const lines = Object.entries(slots).map(([name, rest]) => `  - { name: ${name}, ${rest} }`);
  return `station: test-bench\n${more}slots:\n${lines.join("\n")}\n`;
}

/** Firmware of so many bytes that a chip would start, with a hole of 0xFF in its middle. */
export function firmware(bytes: number, start = 0x0800_0000): Uint8Array {
  const image = new Uint8Array(bytes).map((_, i) => (i * 7 + (i >> 8)) & 0xff);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x2000_4000, true);
  view.setUint32(4, start + 0x101, true);
  if (bytes > 4096) image.fill(0xff, 2048, 3072);
  return image;
}

export const profileText = (more = ""): string => `profile: test
revision: A
product: { name: Test board }
chip: STM32F405
images:
  - { file: fw.bin, at: 0x08000000 }
serial: { series: test, format: "T-{n:05}" }
data:
  - { name: serial, at: 0x08003F00, as: ascii, length: 16, value: "{serial}" }
  - { name: check, at: 0x08003F10, as: crc32, over: [0x08003F00, 0x08003F0F] }
barcode: "^UNIT-[0-9]{4,8}$"
${more}`;

/** Words of a run over the files that `bench` has laid out under their usual names. */
export const runWords = (
  folder: string,
  units: readonly string[],
  more: readonly string[] = [],
): string[] => [
  "run",
  "--station",
  join(folder, "station.yaml"),
  "--profile",
  join(folder, "profile.yaml"),
  "--batch",
  "WO-1",
  ...units.flatMap((unit) => ["--unit", unit]),
  "--data",
  join(folder, "data"),
  "--json",
  ...more,
];

/** How an attempt on a board with this trouble ends, whatever the wire. */
export const mishapEnds = [
  ["pullAt: 4096", "FAIL", "BOARD_LEFT"],
  ["muteAfter: 4096", "TIMEOUT", "LINK_SILENT"],
  ["muteAfter: 0", "TIMEOUT", "LINK_SILENT"],
  ["swapAt: 4096", "FAIL", "BOARD_CHANGED"],
  ["nackWrite: -5", "FAIL", "CHIP_REFUSED"],
  ["flipBit: 100", "FAIL", "VERIFY_MISMATCH"],
  ["protected: true", "FAIL", "PROTECTED"],
  ["wrongChip: true", "FAIL", "WRONG_CHIP"],
] as const;
