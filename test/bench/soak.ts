import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { audit } from "../../src/store/audit/audit.ts";
import { databaseName } from "../../src/store/open-store.ts";
import { takeSeat, type Seat } from "./screen-seat.ts";

const help = `npm run soak -- [--attempts N] [--parts N] [--json]

A long shift at the operator's screen, in one process: eight simulated boards on USB, UART and CAN that are as fast as the
machine, boards scanned into free slots, mild faults (a block refused once, a read spoilt once, slow erases), records on this
disk. After each part: memory, open files, what keeps the process awake, stalls of the event loop, attempts a second; at the
end the audit of the books. 100 000 attempts take about an hour, 20 000 a sixth of it.
`;

const { values } = parseArgs({
  options: {
    attempts: { type: "string", default: "20000" },
    parts: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** The state after a part of the shift. */
interface Sample {
  readonly attempts: number;
  readonly perSecond: number;
  readonly residentMiB: number;
  readonly heapMiB: number;
  readonly files: number;
  readonly resources: number;
  readonly stallMs: number;
  readonly stallP99Ms: number;
  readonly booksMiB: number;
}

const wires = ["usb", "uart", "usb", "can", "usb", "uart", "usb", "can"] as const;
const mishaps = [
  "",
  "nackWrite: 3",
  "noiseRead: 2",
  "",
  "slowErase: 2.5",
  "noiseRead: 1",
  "",
  "nackWrite: 1",
];
const slot = (place: number): string => {
  const mishap = mishaps[place % mishaps.length] ?? "";
  const trouble = mishap === "" ? "" : `, mishap: { ${mishap} }`;
  return `port: "sim:STM32F405:${wires[place % wires.length]}"${trouble}`;
};

const mib = (bytes: number): number => bytes / 2 ** 20;

async function shift(seat: Seat, folder: string, attempts: number, parts: number): Promise<Sample[]> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const { running } = seat;
  const samples: Sample[] = [];
  const done = (): number => running.view().batch?.counts.seen ?? 0;
  let scanned = 0;
  for (let part = 1; part <= parts; part += 1) {
    const before = done();
    const until = Math.round((attempts * part) / parts);
    const begin = performance.now();
    delay.reset();
    delay.enable();
    while (done() < until) {
      if (running.view().running < wires.length && scanned - done() < wires.length)
        seat.scan(`UNIT-${String((scanned += 1)).padStart(6, "0")}`);
      await new Promise((turn) => void setTimeout(turn, 1));
    }
    delay.disable();
    const seconds = (performance.now() - begin) / 1000;
    // Where the program was started with --expose-gc, what is garbage does not count.
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    samples.push({
      attempts: done(),
      perSecond: (done() - before) / seconds,
      residentMiB: mib(rss),
      heapMiB: mib(heapUsed),
      files: readdirSync("/proc/self/fd").length,
      resources: process.getActiveResourcesInfo().length,
      stallMs: delay.max / 1e6,
      stallP99Ms: delay.percentile(99) / 1e6,
      booksMiB: mib(statSync(join(folder, "data", databaseName)).size),
    });
    if (!values.json) process.stdout.write(`${row(samples.at(-1))}\n`);
  }
  return samples;
}

const columns: readonly (readonly [head: string, key: keyof Sample, digits: number])[] = [
  ["attempts", "attempts", 0],
  ["a second", "perSecond", 1],
  ["memory MiB", "residentMiB", 0],
  ["heap MiB", "heapMiB", 1],
  ["open files", "files", 0],
  ["resources", "resources", 0],
  ["stall ms", "stallMs", 0],
  ["99 % below", "stallP99Ms", 1],
  ["books MiB", "booksMiB", 0],
];

function row(sample: Sample | undefined): string {
  return columns
    .map(([head, key, digits]) => (sample === undefined ? head : sample[key].toFixed(digits)).padStart(11))
    .join("");
}

async function soak(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-soak-"));
  try {
    if (!values.json) process.stdout.write(`Load ${(loadavg()[0] ?? 0).toFixed(1)}\n${row(undefined)}\n`);
    const seat = await takeSeat({
      folder,
      books: { longestMs: 0, sumMs: 0 },
      rows: 2,
      columns: 4,
      slot,
      kib: 8,
      window: { columns: 80, rows: 24 },
      heard: () => {},
      shown: () => {},
    });
    const samples = await shift(seat, folder, Number(values.attempts), Number(values.parts));
    await seat.leave();
    const report = audit(join(folder, "data", databaseName));
    if (report.kind !== "whole") throw new Error(`the books are broken: ${report.broken.why}`);
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ samples, rows: report.rows })}\n`
        : `The audit finds ${report.rows} records whole.\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.help) process.stdout.write(help);
else {
  await soak();
  process.exit();
}
