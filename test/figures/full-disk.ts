import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onSmallDisk, smallDiskBench, smallDiskHere } from "../durability/small-disk.ts";
import { random } from "../reliability/random.ts";
import { builtHere } from "../tools/program.ts";
import { fullDiskShift } from "../unit/store/full-disk.ts";
import { cases, NotHere, scaled, type Figure } from "./figure.ts";

/** Gangs of the built program whose disk fills up while they run. */
const gangs = 20;
/** What a gang of three writes at most, KiB. */
const mostKib = 320;

function gangOnFullDisk(i: number): void {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-disk-"));
  try {
    smallDiskBench(folder);
    onSmallDisk(folder, 4 * random(`disk ${i}`).below(mostKib / 4));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Shifts over a full disk, until there was no room at so many points. */
function fullShifts(wanted: number): { readonly points: number; readonly broken: readonly string[] } {
  let points = 0;
  try {
    for (let i = 0; points < wanted; i += 1) {
      const here = fullDiskShift(i);
      if (here === 0) return { points, broken: [`shift ${i}: the disk was never full`] };
      points += here;
    }
    return { points, broken: [] };
  } catch (error) {
    return { points, broken: [error instanceof Error ? error.message : String(error)] };
  }
}

export const figure: Figure = {
  number: 9,
  what: "no room on the disk: at any write of the books, and under a gang that runs",
  target: "200 points, no PASS without a row; told, exit code 3 at the next start, goes on by itself",
  async run(share) {
    if (!smallDiskHere) throw new NotHere("unshare may not mount a disk here (user namespaces)");
    if (!builtHere()) throw new NotHere('there is no built program: "npm run build" makes it');
    const wanted = scaled(200, share);
    const shifts = fullShifts(wanted);
    const runs = await cases("gangs on a disk that fills up", scaled(gangs, share), gangOnFullDisk);
    return {
      counts: [{ of: "points", wanted, seen: shifts.points }, runs.count],
      facts: [],
      broken: [...shifts.broken, ...runs.broken],
    };
  },
};
