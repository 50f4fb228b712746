import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { runCommand } from "../../src/cli/line/run.ts";
import { someIo } from "../unit/cli/some-io.ts";

// What stands behind the name: some machines have a script there that looks for it for half a second.
const asked = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
const python = asked.status === 0 ? asked.stdout.trim() : "";
export const hasPython = python !== "";

/** What devices.json says of one loader, as it stands there: this side of the test reads the file for itself. */
export interface Device {
  readonly key: string;
  readonly productId: string;
  readonly bootloaderId?: string;
  readonly bootloaderIdAddress?: string | null;
  readonly name: string;
  readonly family: string;
  readonly wires: readonly string[];
  /** `dataBitrate` in bit/s; `null`: a loader of classic CAN. */
  readonly can?: { readonly dataBitrate: number | null } | null;
  readonly flags: readonly string[];
  readonly layouts: readonly Layout[];
  readonly systemMemory: readonly (readonly [string, string])[];
  readonly uid: { readonly address: string; readonly wordOffsets: readonly number[] };
  readonly flash: {
    readonly start: string;
    readonly knownSizesKiB: readonly number[];
    readonly erasedByte: string;
    readonly writeAlignBytes: number;
    readonly massErase: boolean;
    readonly sizeRegister: { readonly address: string };
  };
}

interface Layout {
  readonly when?: { readonly flashKiB?: readonly number[]; readonly [more: string]: unknown };
  readonly trim: string;
  /** Runs of equal units: count, bytes. */
  readonly banks: readonly { readonly sectors: readonly (readonly [number, number])[] }[];
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../../src/family", name), "utf8"));
const parts = Object.entries(read("parts.json") as Record<string, readonly [string | number, number]>);

export const { devices } = read("devices.json") as { readonly devices: readonly Device[] };

const kib = 1024;
const largest = (device: Device): number => device.flash.knownSizesKiB.at(-1) ?? 0;

/** A part number with the largest flash of this loader; `null`: none is listed yet. */
export function partOf(device: Device): string | null {
  const is = ([id, size]: readonly [string | number, number]): boolean =>
    Number(id) === Number(device.productId) && size === largest(device);
  return parts.find(([, facts]) => is(facts))?.[0] ?? null;
}

/** Erase units of the largest part, by the rules in the table's `conventions.layoutTrim`; `null`: option bits decide. */
export function unitsOf(device: Device): readonly number[] | null {
  const size = largest(device);
  const layout = device.layouts.find(
    ({ when }) => when === undefined || when.flashKiB?.includes(size) === true,
  );
  if (layout === undefined || Object.keys(layout.when ?? {}).some((key) => key !== "flashKiB")) return null;
  const banks = layout.banks.map(({ sectors }) =>
    sectors.flatMap(([count, bytes]) => Array.from({ length: count }, () => bytes)),
  );
  const filled = (units: readonly number[], bytes: number): number[] => {
    let sum = 0;
    return units.filter((unit) => (sum += unit) <= bytes);
  };
  switch (layout.trim) {
    case "truncate":
      return filled(banks.flat(), size * kib);
    case "half":
    case "fixed-bank2":
      return banks.flatMap((bank) => filled(bank, (size * kib) / banks.length));
    case "bank1-full-then-bank2":
    case "none":
      return banks.flat();
    default:
      throw new RangeError(layout.trim);
  }
}

export const uid = "0102030405060708090a0b0c";

function cellsOf(device: Device): [number, string][] {
  const words = device.uid.wordOffsets.map((offset, i): [number, string] => [
    Number(device.uid.address) + offset,
    uid.slice(8 * i, 8 * i + 8),
  ]);
  const size = Buffer.alloc(2);
  size.writeUInt16LE(largest(device));
  const cells: [number, string][] = [
    ...words,
    [Number(device.flash.sizeRegister.address), size.toString("hex")],
  ];
  if (device.bootloaderId !== undefined && typeof device.bootloaderIdAddress === "string")
    cells.push([Number(device.bootloaderIdAddress), device.bootloaderId.slice(-2)]);
  return cells;
}

export type Quirks = Readonly<Record<string, number>>;

export interface UnitEnd {
  readonly code: number;
  readonly unit: {
    readonly outcome: string;
    readonly failure: { readonly code: string; readonly detail: string } | null;
    readonly uid: string | null;
    readonly marginal: boolean;
    readonly serial: string | null;
  };
  readonly flash: Uint8Array;
  /** What the board holds against its host. */
  readonly complaints: readonly string[];
}

/** One `gangflash run` on such a board: a process apart, on a pty; over CAN with its adapter. */
export async function programmed(
  device: Device,
  image: Uint8Array,
  { wire = "uart", quirks = {}, more = "" }: { wire?: "uart" | "can"; quirks?: Quirks; more?: string } = {},
): Promise<UnitEnd> {
  const units = unitsOf(device);
  if (units === null) throw new RangeError(`${device.key}: option bits decide its sectors`);
  const folder = mkdtempSync(join(tmpdir(), "gangflash-board-"));
  const path = (name: string): string => join(folder, name);
  const facts = {
    link: path("board"),
    dump: path("flash"),
    productId: Number(device.productId),
    protocol: device.family === "F1" ? 0x22 : 0x31,
    extended: device.family !== "F1",
    start: Number(device.flash.start),
    sectors: units,
    erasedByte: Number(device.flash.erasedByte),
    align: device.flash.writeAlignBytes,
    massErase: device.flash.massErase,
    system: device.systemMemory.map((range) => range.map(Number)),
    cells: cellsOf(device),
    quirks,
  };
  writeFileSync(path("facts.json"), JSON.stringify(facts));
  writeFileSync(path("fw.bin"), image);
  writeFileSync(
    path("station.yaml"),
    `station: bench\nslots:\n  - { name: A1, port: "${wire === "can" ? "can:slcan" : "uart"}:${path("board")}" }\n`,
  );
  writeFileSync(
    path("profile.yaml"),
    `profile: test
revision: A
product: { name: Test }
chip: ${partOf(device) ?? ""}
images:
  - { file: fw.bin, at: ${device.flash.start} }
serial: { series: test, format: "T-{n:05}" }
data:
  - { name: serial, at: ${facts.start + image.length}, as: ascii, length: 8, value: "{serial}" }
${more}`,
  );
  const board = spawn(python, [join(import.meta.dirname, `${wire}-board.py`), path("facts.json")], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const gone = new Promise<void>((done) => void board.once("exit", () => done()));
  try {
    await vi.waitFor(() => {
      if (!existsSync(path("board"))) throw new Error("the board is not there yet");
    }, 20_000);
    const { io, out, err } = someIo(true);
    const code = await runCommand(
      {
        station: path("station.yaml"),
        profile: path("profile.yaml"),
        batch: "WO-1",
        units: ["A1=U-1"],
        all: false,
        panel: null,
        rework: null,
        operator: "A. Kim",
        data: path("data"),
      },
      io,
    );
    const unit = out
      .map((line) => JSON.parse(line) as { readonly type: string } & UnitEnd["unit"])
      .find(({ type }) => type === "unit");
    if (unit === undefined) throw new Error(err.join("\n"));
    board.kill("SIGTERM");
    await gone;
    return {
      code,
      unit,
      flash: Uint8Array.from(readFileSync(path("flash"))),
      complaints: readFileSync(path("flash.complaints"), "utf8")
        .split("\n")
        .filter((line) => line !== ""),
    };
  } finally {
    board.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}
