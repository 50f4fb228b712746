import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unitLines } from "../durability/order.ts";
import { straceHere, tracedRun } from "../durability/traced-run.ts";
import { builtHere } from "../tools/program.ts";
import { cases, NotHere, scaled, type Figure } from "./figure.ts";

/** Boards of one gang: as many as a station has at most. */
const gang = 128;

/** A gang under strace: says how many of its units passed behind the fsync of their record; throws for one before it. */
function tracedGang(units: number): number {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-order-"));
  try {
    const run = tracedRun(folder, units);
    const lines = unitLines(run.events, run.database, run.base, folder);
    if (lines.length !== units || run.unitLines !== units)
      throw new Error(`${run.unitLines} unit lines came out, the trace has ${lines.length} of ${units}`);
    const early = lines.filter(({ durable }) => !durable);
    if (early.length > 0)
      throw new Error(early.map(({ barcode, said }) => `${barcode}, line ${said} of the trace`).join("; "));
    return lines.filter(({ outcome }) => outcome === "PASS").length;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const figure: Figure = {
  number: 3,
  what: "PASS is said after the fsync of its record has returned (strace)",
  target: "10 000 units, no PASS before its fsync",
  async run(share) {
    if (!straceHere || !builtHere())
      throw new NotHere('it needs strace, and the built program: "npm run build"');
    const wanted = scaled(10_000, share);
    let passed = 0;
    const gangs = await cases("gangs", Math.ceil(wanted / gang), (i) => {
      passed += tracedGang(Math.min(gang, wanted - i * gang));
    });
    return {
      counts: [{ of: "units that passed", wanted, seen: passed }],
      facts: [`${gangs.count.seen} gangs`],
      broken: gangs.broken,
    };
  },
};
