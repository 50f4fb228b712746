import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { runCommand } from "../../src/cli/line/run.ts";
import { firmware } from "./image.ts";

const help = `npm run bench:gang -- [--kib N] [--wire can|uart|usb] [--json]

One run with 8 CAN channels, 8 serial ports and 16 USB boards, all simulated at the pace of a bench in one process:
each slot's time over the time of one of its kind alone, the longest stall of the event loop and the CPU time per slot.
`;
const all = [
  { wire: "can", count: 8, more: ", bitrate: 1000000" },
  { wire: "uart", count: 8, more: "" },
  { wire: "usb", count: 16, more: "" },
] as const;
type WireKind = (typeof all)[number];

const { values } = parseArgs({
  options: {
    kib: { type: "string", default: "128" },
    wire: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const kinds = all.filter(({ wire }) => values.wire === undefined || values.wire === wire);

interface Run {
  /** Milliseconds of each slot. */
  readonly slots: ReadonlyMap<string, number>;
  readonly stallMs: number;
  readonly cpuMs: number;
}

const names = ({ wire, count }: WireKind, most: number = count): string[] =>
  Array.from({ length: Math.min(most, count) }, (_, i) => `${wire}${i + 1}`);

async function run(folder: string, wanted: readonly string[], batch: string): Promise<Run> {
  const slots = new Map<string, number>();
  const failed: string[] = [];
  const stalls = monitorEventLoopDelay({ resolution: 1 });
  const cpu = process.cpuUsage();
  stalls.enable();
  const code = await runCommand(
    {
      station: join(folder, "station.yaml"),
      profile: join(folder, "profile.yaml"),
      batch,
      units: wanted.map((slot) => `${slot}=${batch}-${slot}`),
      all: false,
      panel: null,
      rework: null,
      operator: "bench",
      data: join(folder, batch),
    },
    {
      json: true,
      stdout: process.stdout,
      out(line) {
        const said = JSON.parse(line) as {
          readonly type: string;
          readonly slot: string;
          readonly ms: number;
          readonly outcome: string;
        };
        if (said.type !== "unit") return;
        slots.set(said.slot, said.ms);
        if (said.outcome !== "PASS") failed.push(`${said.slot} ${said.outcome}`);
      },
      err: (line) => process.stderr.write(`${line}\n`),
      signal: new AbortController().signal,
    },
  );
  stalls.disable();
  const used = process.cpuUsage(cpu);
  if (code !== 0) throw new Error(`the run ended with ${code}: ${failed.join(", ")}`);
  return { slots, stallMs: stalls.max / 1e6, cpuMs: (used.user + used.system) / 1000 };
}

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-gang-"));
  try {
    writeFileSync(join(folder, "fw.bin"), firmware(Number(values.kib) * 1024));
    writeFileSync(
      join(folder, "profile.yaml"),
      "profile: gang\nrevision: A\nproduct: { name: Gang }\nchip: STM32F405\nimages:\n  - { file: fw.bin, at: 0x08000000 }\n",
    );
    const lines = kinds.flatMap((kind) =>
      names(kind).map(
        (name) => `  - { name: ${name}, port: "sim:STM32F405:${kind.wire}", pace: real${kind.more} }`,
      ),
    );
    writeFileSync(
      join(folder, "station.yaml"),
      `station: gang\ntray: { rows: 4, columns: 8 }\nsupply: 3.3\nslots:\n${lines.join("\n")}\n`,
    );
    // The first run of a process pays for what is loaded and compiled.
    for (const kind of kinds) await run(folder, names(kind, 1), `warm-${kind.wire}`);
    const alone = new Map<string, number>();
    for (const kind of kinds)
      alone.set(
        kind.wire,
        [...(await run(folder, names(kind, 1), `alone-${kind.wire}`)).slots.values()][0] ?? 0,
      );
    const gang = await run(
      folder,
      kinds.flatMap((kind) => names(kind)),
      "gang",
    );
    const rows = kinds.map((kind) => {
      const ms = names(kind).map((name) => gang.slots.get(name) ?? Number.NaN);
      const one = alone.get(kind.wire) ?? Number.NaN;
      return {
        wire: kind.wire,
        slots: kind.count,
        aloneMs: one,
        slowestMs: Math.max(...ms),
        ratio: Math.max(...ms) / one,
      };
    });
    const sum = {
      kib: Number(values.kib),
      rows,
      stallMs: gang.stallMs,
      cpuMsPerSlot: gang.cpuMs / gang.slots.size,
    };
    process.stdout.write(values.json ? `${JSON.stringify(sum)}\n` : table(sum));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Sum {
  readonly kib: number;
  readonly rows: readonly {
    readonly wire: string;
    readonly slots: number;
    readonly aloneMs: number;
    readonly slowestMs: number;
    readonly ratio: number;
  }[];
  readonly stallMs: number;
  readonly cpuMsPerSlot: number;
}

function table({ kib, rows, stallMs, cpuMsPerSlot }: Sum): string {
  const head = ["wire", "slots", "alone s", "slowest s", "ratio"];
  const cells = rows.map(({ wire, slots, aloneMs, slowestMs, ratio }) => [
    wire,
    String(slots),
    (aloneMs / 1000).toFixed(2),
    (slowestMs / 1000).toFixed(2),
    ratio.toFixed(3),
  ]);
  const text = [head, ...cells].map((row) => row.map((cell) => cell.padStart(10)).join("")).join("\n");
  return (
    `${kib} KiB into each of ${rows.reduce((n, { slots }) => n + slots, 0)} boards in one process\n${text}\n` +
    `longest stall of the event loop ${stallMs.toFixed(1)} ms, CPU time per slot ${(cpuMsPerSlot / 1000).toFixed(2)} s\n`
  );
}

if (values.help) process.stdout.write(help);
else await bench();
