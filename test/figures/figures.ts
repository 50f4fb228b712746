import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";

const help = `npm run figures -- [--only N…] [--share 0.1] [--seed N]

Runs the ten figures that gangflash publishes at their published counts, or at a share of them, and prints for each: its
target, what was seen, seconds, the seed that draws the same cases again, and ok or MISSED. Exit 1: one was missed, or
could not be run here. Figures 1, 3, 4 and 9 run the built program; 3 wants strace.
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    share: { type: "string", default: "1" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(help);
else process.exitCode = await main(Number(values.share), (values.only ?? []).map(Number));

async function main(share: number, only: readonly number[]): Promise<number> {
  if (!(share > 0 && share <= 1) || (values.seed !== undefined && !/^\d+$/.test(values.seed)))
    throw new Error(help);
  // Before the modules that draw cases are loaded: they read it once.
  if (values.seed !== undefined) process.env["SEED"] = values.seed;
  const { figures } = await import("./all.ts");
  const { runFigure } = await import("./run-figure.ts");
  const { rowText, verdictOf } = await import("./table.ts");
  const chosen = figures.filter(({ number }) => only.length === 0 || only.includes(number));
  if (chosen.length === 0 || only.some((n) => !figures.some(({ number }) => number === n)))
    throw new Error(help);
  const load = loadavg().map((n) => n.toFixed(2));
  process.stdout.write(
    `${share === 1 ? "published counts" : `${share} of the published counts`}; ${availableParallelism()} cores, load ${load.join(" ")}\n`,
  );
  let missed = 0;
  for (const figure of chosen) {
    const ran = await runFigure(figure, share);
    process.stdout.write(`${rowText(ran)}\n`);
    if (verdictOf(ran) !== "ok") missed += 1;
  }
  process.stdout.write(missed === 0 ? "all ok\n" : `${missed} of ${chosen.length} not ok\n`);
  return missed === 0 ? 0 : 1;
}
