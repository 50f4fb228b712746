import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { needBuilt, program } from "../tools/program.ts";
import { median } from "./table.ts";

const help = `npm run bench:start -- [--rounds N] [--json]

The time from the command to its first word, in rounds that alternate: Node importing Ink and React and nothing else;
the demonstration's first frame; the first event line of "gangflash run --json"; and an empty Node. Each runs in a terminal
of script(1), from util-linux. The first round, which fills the caches, is not counted. Node keeps compiled code of gangflash
in a folder of its own for this bench; "cold" is a start without it, as the first one after an installation.
`;

const checkout = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** One thing that starts, and the words by which it is seen to have started. */
interface Start {
  readonly name: string;
  readonly words: readonly string[];
  readonly seen: string;
  readonly env: Readonly<Record<string, string>>;
}

if (values.help) process.stdout.write(help);
else await measure(Number(values.rounds));

function startsIn(folder: string): readonly Start[] {
  const env = { XDG_CACHE_HOME: folder };
  const cold = { ...env, NODE_DISABLE_COMPILE_CACHE: "1" };
  const demo = "--station stations/demo.yaml --profile profiles/demo.yaml --batch START --unit A1=DEMO-0001";
  const run = [
    program,
    "run",
    "--json",
    "--data",
    join(folder, "data"),
    "--rework",
    "bench",
    ...demo.split(" "),
  ];
  const alone = 'await import("ink"); await import("react"); process.stdout.write("READY")';
  const module = ["--input-type=module", "-e"];
  return [
    { name: "node, Ink and React alone", words: [...module, alone], seen: "READY", env: {} },
    { name: "gangflash, first frame", words: [program], seen: "SCAN>", env },
    { name: "gangflash, first frame, cold", words: [program], seen: "SCAN>", env: cold },
    { name: "gangflash run, first line", words: run, seen: '"type":"run"', env },
    { name: "gangflash run, first line, cold", words: run, seen: '"type":"run"', env: cold },
    { name: "node alone", words: [...module, 'process.stdout.write("READY")'], seen: "READY", env: {} },
  ];
}

/** ms from the command until it is seen. The program is then asked to end, and waited for. */
async function timed({ name, words, seen, env }: Start): Promise<number> {
  const command = [process.execPath, ...words].map((word) => `'${word}'`).join(" ");
  const begin = performance.now();
  const child = spawn("script", ["-qfec", `stty cols 80 rows 24; exec ${command}`, "/dev/null"], {
    cwd: checkout,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_ENV: "production", TERM: "xterm-256color", ...env },
  });
  const ended = new Promise<void>((done) => void child.once("close", () => done()));
  let shown = "";
  const took = await new Promise<number>((done, fail) => {
    child.once("error", fail);
    child.stdout.on("data", (piece: Buffer) => {
      shown += piece.toString();
      if (shown.includes(seen)) done(performance.now() - begin);
    });
    void ended.then(() => fail(new Error(`${name}: ended and never said ${seen}: ${shown}`)));
  });
  // It ends as a person ends it, and so keeps what it compiled.
  child.stdin.write("\x03");
  await ended;
  return took;
}

async function measure(rounds: number): Promise<void> {
  needBuilt();
  if (spawnSync("script", ["--version"]).error !== undefined)
    throw new Error("script(1) of util-linux is not here, and with it no terminal to start in");
  const folder = mkdtempSync(join(tmpdir(), "gangflash-start-"));
  try {
    const starts = startsIn(folder);
    const load = loadavg()[0] ?? Number.NaN;
    const took = starts.map((): number[] => []);
    for (let round = 0; round <= rounds; round += 1)
      for (const [i, start] of starts.entries()) {
        const ms = await timed(start);
        if (round > 0) took[i]?.push(ms);
      }
    report(starts, took, load);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(starts: readonly Start[], took: readonly (readonly number[])[], load: number): void {
  const alone = took[0] ?? [];
  const rows = starts.map(({ name }, i) => {
    const ms = took[i] ?? [];
    // Neighbours in a round saw the same load.
    const ratio = median(ms.map((one, round) => one / (alone[round] ?? Number.NaN)));
    return { name, ms: median(ms), least: Math.min(...ms), most: Math.max(...ms), ratio };
  });
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ load, rows })}\n`);
    return;
  }
  const cells = (name: string, ...rest: readonly string[]): string =>
    `${name.padEnd(34)}${rest.map((one) => one.padStart(9)).join("")}`;
  process.stdout.write(
    `${[
      cells("start to its first word, ms", "median", "least", "most", "of Ink"),
      ...rows.map(({ name, ms, least, most, ratio }) =>
        cells(name, ms.toFixed(0), least.toFixed(0), most.toFixed(0), ratio.toFixed(2)),
      ),
      `${alone.length} rounds, load ${load.toFixed(1)} at the beginning`,
    ].join("\n")}\n`,
  );
}
