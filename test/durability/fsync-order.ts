import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { needBuilt } from "../tools/program.ts";
import { unitLines } from "./order.ts";
import { straceHere, tracedRun } from "./traced-run.ts";

const help = `npm run fsync-order -- [--units 8] [--runs 1]

Watches gang runs of the built gangflash with strace. For each unit line on standard output, database and log are put
together from what an fsync had confirmed before the line began: the unit's record must be in them. Exit 1 if one is not.
`;

const { values } = parseArgs({
  options: {
    units: { type: "string", default: "8" },
    runs: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(help);
else process.exitCode = main(Number(values.units), Number(values.runs));

function main(units: number, runs: number): number {
  if (!(units > 0 && runs > 0)) throw new Error(help);
  if (!straceHere) throw new Error("strace is not installed, or may not trace here");
  needBuilt();
  let lines = 0;
  let early = 0;
  for (let i = 0; i < runs; i += 1) {
    const folder = mkdtempSync(join(tmpdir(), "gangflash-order-"));
    try {
      const run = tracedRun(folder, units);
      const found = unitLines(run.events, run.database, run.base, folder);
      if (found.length !== run.unitLines)
        throw new Error(`${run.unitLines} unit lines came out, the trace has ${found.length}`);
      for (const { slot, barcode, outcome, synced, said, durable } of found) {
        const order = `fsync returned at line ${synced ?? "-"} of the trace, line began at ${said}`;
        process.stdout.write(
          `${slot.padEnd(4)} ${barcode.padEnd(8)} ${outcome.padEnd(5)} ${order}  ${durable ? "durable" : "EARLY"}\n`,
        );
        if (!durable) early += 1;
      }
      lines += found.length;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  process.stdout.write(`${lines} unit lines, ${early} before their record was durable\n`);
  return early > 0 || lines !== units * runs ? 1 : 0;
}
