import { spawn, spawnSync } from "node:child_process";
import { performance, monitorEventLoopDelay } from "node:perf_hooks";
import { resolve } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { parseArgs } from "node:util";
import type { SlotView } from "../../src/model/slot-view.ts";
import type { StationView } from "../../src/model/view.ts";
import { needBuilt, program } from "../tools/program.ts";
import { median } from "./table.ts";

const help = `npm run bench:screen -- [--seconds N] [--rounds N] [--json]

What the operator's screen costs: 64 slots at 160x50, all in progress, 640 changes a second of the station's view, and a
scan each 50 ms; once with the screen and once without, each in a process of its own. Then the time from the command to
the first frame, beside node importing Ink alone (needs script(1) of util-linux and the built program).
The slots' figures are made up: what the simulated boards themselves cost is not in it.
`;

interface Figures {
  readonly cpuPercent: number;
  readonly framesPerSecond: number;
  readonly stallMs: number;
  readonly stallP99Ms: number;
  readonly scans: number;
  readonly scansLost: number;
  readonly latestScanMs: number;
}

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "5" },
    child: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

if (values.help) process.stdout.write(help);
else if (values.child !== undefined)
  process.stdout.write(`${JSON.stringify(await measured(values.child === "screen"))}\n`);
else await compare();

/** 64 boards that run, each at another place of its job. */
function slotsAt(tick: number): readonly SlotView[] {
  return Array.from({ length: 64 }, (_, i): SlotView => {
    const name = `${"ABCDEFGH".charAt(Math.floor(i / 8))}${(i % 8) + 1}`;
    const done = ((tick + i * 37) % 1000) / 1000;
    return {
      name,
      port: `sim:${name}`,
      suspect: null,
      state: {
        kind: "running",
        barcode: `UNIT-0${1153 + i}`,
        serial: `V60-2647-0${1131 + i}`,
        step: i % 3 === 0 ? "write" : i % 3 === 1 ? "verify" : "erase",
        done,
        away: false,
        retries: 0,
        since: performance.now() - done * 15_000,
        expectedMs: 15_000,
        stopping: false,
      },
    };
  });
}

function viewAt(tick: number): StationView {
  return {
    station: "line1-bench",
    rows: 8,
    columns: 8,
    places: Array.from({ length: 64 }, (_, i) => i),
    slots: slotsAt(tick),
    chosen: null,
    batch: null,
    mode: "production",
    run: "pipelined",
    timezone: "Europe/Berlin",
    language: "en",
    operator: { name: "A. Novak", role: "operator" },
    rights: ["run"],
    call: { kind: "running", running: 64, of: 64, aboutMs: 12_000 - (tick % 1000) },
    panel: null,
    keys: [{ key: "Space", does: "pause" }],
    typing: "code",
    running: 64,
    last: [],
    labels: [],
    offered: [],
  };
}

/** A terminal that takes everything and counts frames: each of Ink's writes is one. */
function countingTerminal() {
  let frames = 0;
  const stdout = Object.assign(
    new Writable({
      write(_piece: Buffer, _encoding, done) {
        frames += 1;
        done();
      },
    }),
    { columns: 160, rows: 50, isTTY: true },
  );
  return { stdout, frames: () => frames };
}

async function measured(withScreen: boolean): Promise<Figures> {
  process.env["NODE_ENV"] ??= "production";
  const built = new URL("../../dist/ui/app.js", import.meta.url).href;
  const { mountScreen } = (await import(built)) as typeof import("../../src/ui/app.tsx"); // the built one
  const { stdout, frames } = countingTerminal();
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const listeners = new Set<() => void>();
  let tick = 0;
  let view = viewAt(tick);
  const late: number[] = [];
  let begin = performance.now();
  const heard = (text: string): void => {
    late.push(performance.now() - (begin + Number(text.slice(5)) * 50));
  };
  const screen = withScreen
    ? mountScreen({
        stdin,
        stdout,
        view: () => view,
        subscribe(changed) {
          listeners.add(changed);
          return () => listeners.delete(changed);
        },
        send: (input) => {
          if (input.type === "scanned") heard(input.text);
        },
        colour: "256",
      })
    : null;
  // Without the screen the same scans and the same changes, told to nobody.
  if (screen === null) stdin.on("data", (piece: Buffer) => heard(piece.toString().trim()));
  await new Promise((done) => void setTimeout(done, 1000));

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const before = frames();
  begin = performance.now();
  let scans = 0;
  const changes = setInterval(() => {
    // Ten slots changed since: each of 64 ten times a second.
    tick += 1;
    view = viewAt(tick);
    for (let i = 0; i < 10; i += 1) for (const changed of listeners) changed();
  }, 15);
  const scanner = setInterval(() => {
    while (begin + (scans + 1) * 50 <= performance.now()) {
      scans += 1;
      stdin.write(`UNIT-${scans}\r`);
    }
  }, 5);
  await new Promise((done) => void setTimeout(done, seconds * 1000));
  clearInterval(changes);
  clearInterval(scanner);
  const wallMs = performance.now() - begin;
  const used = process.cpuUsage(cpu);
  delay.disable();
  const drawn = frames() - before;
  await new Promise((done) => void setTimeout(done, 500));
  screen?.stop();
  await screen?.done;
  return {
    cpuPercent: (100 * (used.user + used.system)) / 1000 / wallMs,
    framesPerSecond: (1000 * drawn) / wallMs,
    stallMs: delay.max / 1e6,
    stallP99Ms: delay.percentile(99) / 1e6,
    scans,
    scansLost: scans - late.length,
    latestScanMs: Math.max(0, ...late),
  };
}

function child(mode: "screen" | "headless"): Figures {
  const words = [resolve(import.meta.filename), "--child", mode, "--seconds", String(seconds)];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return JSON.parse(stdout) as Figures; // the child's own words
}

/** ms from the command to the first row of the screen; `null` without script(1). */
async function firstFrameMs(): Promise<number | null> {
  const begin = performance.now();
  const run = spawn(
    "script",
    ["-qfec", `stty cols 80 rows 24; exec "${process.execPath}" "${program}"`, "/dev/null"],
    {
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...process.env, TERM: "xterm-256color" },
    },
  );
  const took = await new Promise<number | null>((done) => {
    let seen = "";
    run.on("error", () => done(null));
    run.on("close", () => done(null));
    run.stdout.on("data", (piece: Buffer) => {
      seen += piece.toString();
      if (seen.includes("SCAN>")) done(performance.now() - begin);
    });
  });
  run.stdin.write("\x03");
  const killer = setTimeout(() => run.kill(), 3000);
  if (run.exitCode === null) await new Promise((done) => run.once("close", done));
  clearTimeout(killer);
  return took;
}

function inkAloneMs(): number {
  const begin = performance.now();
  spawnSync(process.execPath, ["--input-type=module", "-e", 'await import("ink")'], {
    cwd: resolve(import.meta.dirname, "../.."),
    env: { ...process.env, NODE_ENV: "production" },
  });
  return performance.now() - begin;
}

async function compare(): Promise<void> {
  needBuilt();
  const screen = child("screen");
  const headless = child("headless");
  const starts: number[] = [];
  const imports: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const frame = await firstFrameMs();
    if (frame !== null) starts.push(frame);
    imports.push(inkAloneMs());
  }
  const startMs = starts.length === 0 ? null : median(starts);
  const importMs = median(imports);
  const sum = { screen, headless, startMs, importMs };
  if (values.json) {
    process.stdout.write(`${JSON.stringify(sum)}\n`);
    return;
  }
  const row = (name: string, a: number | null, b: number | null, digits = 1): string =>
    `${name.padEnd(34)}${(a === null ? "-" : a.toFixed(digits)).padStart(10)}${(b === null ? "-" : b.toFixed(digits)).padStart(12)}`;
  process.stdout.write(
    `${[
      `64 slots, 160x50, ${seconds} s${"with".padStart(15)}${"without".padStart(14)}`,
      row("processor, % of a core", screen.cpuPercent, headless.cpuPercent),
      row("frames a second", screen.framesPerSecond, null),
      row("longest stall, ms", screen.stallMs, headless.stallMs),
      row("99 % of stalls below, ms", screen.stallP99Ms, headless.stallP99Ms),
      row("scans", screen.scans, headless.scans, 0),
      row("scans lost", screen.scansLost, headless.scansLost, 0),
      row("latest scan, ms", screen.latestScanMs, headless.latestScanMs),
      row("first frame, node with Ink, ms", startMs, importMs, 0),
      row("first frame over Ink alone", startMs === null ? null : startMs / importMs, null, 2),
    ].join("\n")}\n`,
  );
}
