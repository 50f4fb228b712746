import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { auditCost, closingCost, lookUps, yearCost, type Measured } from "./books-measures.ts";
import { makeBooks } from "./make-books.ts";

const help = `npm run books:million -- [--units N] [--rounds N] [--json]

Makes books of N units (1 000 000) and a fifth more attempts in a temporary folder, and measures audit, look-up, the yield
of a year and the closing of an attempt, each beside its bare cost on the same machine. Needs 4 KiB of disk a unit.
`;

const { values } = parseArgs({
  options: {
    units: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "60" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function line({ what, ours, bare, ratio, goal }: Measured): string {
  const promise = goal === null ? "" : ratio <= goal ? `at most ${goal}: held` : `at most ${goal}: NOT HELD`;
  const ms = (value: number): string => `${value < 10 ? value.toFixed(3) : value.toFixed(0)} ms`.padStart(12);
  return `${what.padEnd(36)}${ms(ours)}${ms(bare)}${ratio.toFixed(2).padStart(9)}  ${promise}`.trimEnd();
}

if (values.help) process.stdout.write(help);
else {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-million-"));
  try {
    const units = Number(values.units);
    const begin = performance.now();
    const file = makeBooks(folder, units, (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} units`);
    });
    const made = { units, seconds: (performance.now() - begin) / 1000, bytes: statSync(file).size };
    const rounds = Number(values.rounds);
    const all = [
      auditCost(file),
      ...lookUps(folder, file, units),
      yearCost(folder, file),
      await closingCost(folder, 1, rounds),
      await closingCost(folder, 32, Math.ceil(rounds / 6)),
    ];
    // ru_maxrss is in KiB.
    const peakMiB = process.resourceUsage().maxRSS / 1024;
    if (values.json) process.stdout.write(`${JSON.stringify({ ...made, peakMiB, all })}\n`);
    else {
      process.stdout.write(
        `${units} units, ${(made.bytes / 2 ** 20).toFixed(0)} MiB, made in ${made.seconds.toFixed(0)} s; peak memory ${peakMiB.toFixed(0)} MiB\n`,
      );
      process.stdout.write(
        `${"".padEnd(36)}${"ours".padStart(12)}${"bare".padStart(12)}${"ratio".padStart(9)}\n`,
      );
      for (const one of all) process.stdout.write(`${line(one)}\n`);
    }
    process.exitCode = all.some(({ ratio, goal }) => goal !== null && ratio > goal) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
