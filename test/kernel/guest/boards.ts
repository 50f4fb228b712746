import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { crc32 } from "node:zlib";

/** The program as it is installed: the built one. */
export const program = resolve(import.meta.dirname, "../../../bin/gangflash.js");

/** 50 cycles and images of shipped sizes; without it a tenth of that, which fits into a check. */
export const isFull = process.env["GANGFLASH_KERNEL_FULL"] === "1";

export interface Board {
  /** `STM32F405:usb`. */
  readonly board: string;
  readonly mishap?: string;
  readonly rom?: "old" | "new";
  /** What it runs until it is asked for its loader, as `simulate --application` says it. */
  readonly application?: string;
  /** Of CAN boards on the channels of one adapter: its name. */
  readonly adapter?: string;
}

/** A device that the kernel has: a board's line of `gangflash simulate --json`. */
export interface Held {
  readonly name: string;
  readonly port: string;
  readonly boot0?: string;
  readonly reset?: string;
  /** The slot's `entry`, in the words of a station file. */
  readonly entry?: string;
  /** Of a CAN slot: its highest rate, bit/s. */
  readonly bitrate?: number;
}

export interface Bench extends AsyncDisposable {
  readonly folder: string;
  /** The boards in their order, then the strangers. */
  readonly held: readonly Held[];
  /** Ends the simulation and gives each board's flash, in the order of the boards. */
  end(): Promise<Uint8Array[]>;
}

/** A folder of its own; gone at the end of the test that holds it. */
export function folderOf(): string {
  return mkdtempSync(join(tmpdir(), "gangflash-usb-"));
}

/** Boards behind the kernel's own USB: a process of their own, as a bench is. */
export async function plugIn(
  boards: readonly Board[],
  { foreign = [], pace = "real" }: { foreign?: readonly string[]; pace?: "real" | "fast" } = {},
): Promise<Bench> {
  const folder = folderOf();
  const dump = (i: number): string => join(folder, `flash-${i}.bin`);
  const words = ["simulate", "--json", "--pace", pace, "--attach"];
  for (const [i, { board, mishap = "none", rom, application = "none", adapter }] of boards.entries()) {
    words.push("--board", board, "--dump", dump(i), "--mishap", mishap);
    const can = adapter === undefined ? "gs_usb" : `gs_usb:${adapter}`;
    words.push("--adapter", board.endsWith(":can") ? can : "cdc");
    if (boards.some((one) => one.rom !== undefined)) words.push("--rom", rom ?? "family");
    if (boards.some((one) => one.application !== undefined)) words.push("--application", application);
  }
  for (const name of foreign) words.push("--foreign", name);
  const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<void>((done) => {
    child.once("close", () => done());
  });
  const held: Held[] = [];
  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => said.push(line));
  const wanted = boards.length + foreign.length;
  await new Promise<void>((done, fail) => {
    createInterface(child.stdout).on("line", (text) => {
      const line = JSON.parse(text) as { readonly type: string } & Held;
      if (line.type === "board") held.push(line);
      if (held.length === wanted) done();
    });
    void ended.then(() => fail(new Error(`simulate ended: ${said.join("\n")}`)));
  });
  return {
    folder,
    held,
    async end() {
      await stopped(child, ended);
      return boards.map((_, i) => readFileSync(dump(i)));
    },
    async [Symbol.asyncDispose]() {
      await stopped(child, ended);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function stopped(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  await ended;
}

/** What `ofPlace` says of each device, as a station file. */
export function stationText(held: readonly Held[]): string {
  const lines = held.map(({ name, port, boot0, reset, entry, bitrate }) => {
    const lines = boot0 === undefined ? "" : `, boot0: "${boot0}", reset: "${reset ?? "none"}"`;
    const rate = bitrate === undefined ? "" : `, bitrate: ${bitrate}`;
    const asked = entry === undefined ? "" : `, entry: ${entry}`;
    return `  - { name: ${name}, port: "${port}"${lines}${asked}${rate} }`;
  });
  return `station: kernel-bench\nslots:\n${lines.join("\n")}\n`;
}

/** Firmware of so many bytes that a chip would start. */
export function firmware(bytes: number): Uint8Array {
  const image = new Uint8Array(bytes).map((_, i) => (i * 7 + (i >> 8)) & 0xff);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x2000_4000, true);
  view.setUint32(4, 0x0800_0101, true);
  return image;
}

/** Sizes of two firmwares that ship in products; neither is ours to keep here. */
const shippedBytes = { "vesc-60.bin": 524_280, "f103-boot20.bin": 22_268 } as const;

/** The file of that name where GANGFLASH_KERNEL_FIRMWARE names a folder that has it, an image of its size otherwise. */
export function shipped(name: keyof typeof shippedBytes): Uint8Array {
  const folder = process.env["GANGFLASH_KERNEL_FIRMWARE"];
  if (folder === undefined) return firmware(shippedBytes[name]);
  const image = new Uint8Array(readFileSync(join(folder, name)));
  console.log(`${name}: ${image.length} bytes, sha256 ${createHash("sha256").update(image).digest("hex")}`);
  return image;
}

/** A unit's own bytes, at the end of the third sector of an F405 unless the image is longer. */
const dataAt = 0xbf00;
const dataBytes = 20;

export const profileText = (more = "", images = "{ file: fw.bin, at: 0x08000000 }"): string => `profile: test
revision: A
product: { name: Test board }
chip: STM32F405
images:
  - ${images}
serial: { series: test, format: "T-{n:05}" }
data:
  - { name: serial, at: 0x0800BF00, as: ascii, length: 16, value: "{serial}" }
  - { name: check, at: 0x0800BF10, as: crc32, over: [0x0800BF00, 0x0800BF0F] }
${more}`;

/** The flash of a unit that passed: image, its serial number and the number's check, and nothing else. */
export function wantedFlash(size: number, image: Uint8Array, serial: string, at = dataAt): Uint8Array {
  const flash = new Uint8Array(size).fill(0xff);
  flash.set(image);
  const field = new Uint8Array(dataBytes);
  field.set(new TextEncoder().encode(serial));
  new DataView(field.buffer).setUint32(16, crc32(field.subarray(0, 16)), true);
  flash.set(field, at);
  return flash;
}

export interface UnitLine {
  readonly slot: string;
  readonly serial: string | null;
  readonly outcome: string;
  readonly failure: { readonly code: string; readonly message: string; readonly detail: string } | null;
  readonly ms: number;
}

export interface RunEnd {
  readonly code: number | null;
  readonly units: ReadonlyMap<string, UnitLine>;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly err: string;
  readonly ms: number;
  readonly cpuMs: number;
}

/** One `gangflash run` over files of these contents. */
export async function run(
  folder: string,
  held: readonly Held[],
  {
    batch = "WO-1",
    profile = profileText(),
    image = firmware(8192),
    prefix = "U",
    more = [] as string[],
  } = {},
): Promise<RunEnd> {
  mkdirSync(folder, { recursive: true });
  const path = (name: string): string => join(folder, name);
  writeFileSync(path("station.yaml"), stationText(held));
  writeFileSync(path("profile.yaml"), profile);
  writeFileSync(path("fw.bin"), image);
  const files = ["--station", path("station.yaml"), "--profile", path("profile.yaml")];
  const units = held.flatMap(({ name }) => ["--unit", `${name}=${prefix}-${name}`]);
  const words = ["run", ...files, "--batch", batch, ...units, "--data", path("data"), "--json", ...more];
  const { code, out, err, ms, cpuMs } = await timed(process.execPath, [program, ...words]);
  const lines = out
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const unitLines = lines.filter((line) => line["type"] === "unit") as unknown as UnitLine[];
  return { code, units: new Map(unitLines.map((unit) => [unit.slot, unit])), lines, err, ms, cpuMs };
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly ms: number;
  /** Its own and its children's. */
  readonly cpuMs: number;
}

/** Runs a program; what it takes of the CPU is asked of the shell's `time`. */
export async function timed(name: string, words: readonly string[]): Promise<ProgramEnd> {
  const begin = performance.now();
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@" 2>&3';
  const child = spawn("bash", ["-c", script, "bash", name, ...words], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const texts = ["", "", ""];
  for (const [i, stream] of [child.stdio[1], child.stdio[2], child.stdio[3]].entries())
    (stream as NodeJS.ReadableStream).on("data", (chunk: Buffer) => (texts[i] += chunk.toString("utf8")));
  const code = await new Promise<number | null>((done) => {
    child.once("close", done);
  });
  const [out = "", time = "", err = ""] = texts;
  const [, user = "NaN", system = "NaN"] = /cpu ([0-9.]+) ([0-9.]+)/.exec(time) ?? [];
  const cpuMs = (Number(user) + Number(system)) * 1000;
  return { code, out, err, ms: performance.now() - begin, cpuMs };
}

/** The option bytes of a unit's last attempt, as the books have them: wanted, before, after. */
export async function recorded(folder: string, barcode: string): Promise<Readonly<Record<string, unknown>>> {
  const words = [program, "unit", barcode, "--data", join(folder, "data"), "--json"];
  const { out } = await timed(process.execPath, words);
  const life = JSON.parse(out) as {
    readonly attempts: readonly {
      readonly options: readonly ({ readonly name: string } & Record<string, unknown>)[];
    }[];
  };
  const options = life.attempts.at(-1)?.options ?? [];
  return Object.fromEntries(
    options.map(({ name, wanted, before, after }) => [name, { wanted, before, after }]),
  );
}
