import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join, resolve } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { bundle } from "../../scripts/bundle.ts";
import type { LatencyFigures } from "./screen-latency.ts";
import type { LoadFigures } from "./screen-load.ts";
import { median } from "./table.ts";

const help = `npm run bench:screen -- [--seconds N] [--rounds N] [--units N] [--json]

What the operator's screen costs the line: 64 simulated boards at the pace of a bench in one process, all at work, 512 KiB each,
with records on this disk, and a scan each 50 ms; with the screen at 160x50 and without, in turn, each in a process of its
own. A terminal that takes everything at once counts the frames. A scan is late by the time from when its Enter came to
when the station looks it up.
Then eight serial boards under the screen at 80x24: the time from a scan's Enter to the first byte on the wire, and from
the last byte to PASS on the screen.
It measures the sources as they are now, bundled as the program is.
`;

const checkout = resolve(import.meta.dirname, "../..");
// Two below the root, as bundle wants it, and where packages are found.
const folder = join(checkout, "node_modules/.gangflash-bench");

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "15" },
    rounds: { type: "string", default: "3" },
    units: { type: "string", default: "24" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(help);
else await compare();

async function child(what: "load-screen" | "load-headless" | "latency", amount: string): Promise<unknown> {
  const run = spawn(process.execPath, [join(folder, "child.js"), what, amount], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = await text(run.stdout);
  if (!said.startsWith("{")) throw new Error(`${what}: figures were expected, not ${said}`);
  return JSON.parse(said);
}

async function compare(): Promise<void> {
  await bundle({ child: join(import.meta.dirname, "screen-child.ts") }, folder, null);
  try {
    const load = loadavg()[0] ?? Number.NaN;
    // This process only waits: what stops it is the machine.
    const machine = monitorEventLoopDelay({ resolution: 1 });
    machine.enable();
    const rounds: Round[] = [];
    for (let i = 0; i < Number(values.rounds); i += 1)
      rounds.push({
        screen: (await child("load-screen", values.seconds)) as LoadFigures, // the child's own words
        headless: (await child("load-headless", values.seconds)) as LoadFigures,
      });
    machine.disable();
    const idleStallMs = machine.max / 1e6;
    const latency = (await child("latency", values.units)) as LatencyFigures;
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ load, idleStallMs, rounds, latency })}\n`
        : table(rounds, latency, idleStallMs, load),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Round {
  readonly screen: LoadFigures;
  readonly headless: LoadFigures;
}

function table(rounds: readonly Round[], latency: LatencyFigures, idleStallMs: number, load: number): string {
  const most = (values: readonly number[]): number => Math.max(...values);
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  const row = (
    name: string,
    key: keyof LoadFigures,
    of: (values: readonly number[]) => number,
    digits = 1,
  ): string => {
    const cell = (who: keyof Round): string =>
      of(rounds.map((round) => round[who][key]))
        .toFixed(digits)
        .padStart(10);
    return `${name.padEnd(40)}${cell("screen")}${cell("headless")}`;
  };
  const added = median(rounds.map(({ screen, headless }) => screen.cpuPercent - headless.cpuPercent));
  const times = median(rounds.map(({ screen, headless }) => screen.cpuPercent / headless.cpuPercent));
  const late = (name: string, ms: readonly number[]): string =>
    `${name.padEnd(40)}${median(ms).toFixed(0).padStart(10)}${most(ms).toFixed(0).padStart(10)}`;
  return `${[
    `64 boards, 160x50, ${rounds.length} rounds of ${values.seconds} s${"screen".padStart(16)}${"none".padStart(10)}`,
    row("processor, % of a core, median", "cpuPercent", median),
    row("boards at work at the end", "running", median, 0),
    row("boards finished meanwhile", "ended", median, 0),
    row("frames a second, least", "framesPerSecond", (values) => Math.min(...values)),
    row("longest stall, ms", "stallMs", most),
    row("longest without waiting for others, ms", "ownStallMs", most),
    row("99 % of stalls below, ms", "stallP99Ms", most),
    row("longest call into the records, ms", "recordMs", most),
    row("share of the time in the records, %", "recordPercent", median),
    row("scans", "scans", sum, 0),
    row("scans lost", "scansLost", sum, 0),
    row("latest scan, ms", "latestScanMs", most),
    `The screen adds ${added.toFixed(1)} % of a core: ${times.toFixed(2)} times what the same work takes without it.`,
    "",
    `${latency.toWire.length} units, 80x24, ms${"median".padStart(30)}${"most".padStart(10)}`,
    late("Enter to the first byte on the wire", latency.toWire),
    late("  of it in calls into the records", latency.toWireRecords),
    late("  of it in the board's reset and start", latency.toWireReset),
    late("last byte on the wire to PASS shown", latency.toScreen),
    late("  of it in calls into the records", latency.toScreenRecords),
    `Load ${load.toFixed(1)} at the beginning; a process that only waits stood still for up to ${idleStallMs.toFixed(0)} ms meanwhile.`,
  ].join("\n")}\n`;
}
