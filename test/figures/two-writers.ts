import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../reliability/random.ts";
import { builtHere, program } from "../tools/program.ts";
import { dataFolder, owned } from "../unit/store/books.ts";
import { holder, killed } from "../unit/store/holders.ts";
import { judgeRace, race, type Race } from "../unit/store/races.ts";
import { cases, NotHere, scaled, type Count, type Figure, type Seen } from "./figure.ts";

const processes = 8;
/** A second start is turned away in less, ms. */
const refusedMs = 1000;

/** `harm`: a fault that is planted between the race and its judge. */
export async function eightWriters(each: number, harm: (all: Race) => Race = (all) => all): Promise<Seen> {
  const wanted = processes * each;
  const all = harm(await race(processes, each));
  const judged = await cases("races", 1, () => judgeRace(all, wanted));
  const seen = new Set(all.told).size;
  const count: Count = { of: `numbers of ${processes} processes, each once`, wanted, seen };
  return { counts: [count], facts: [], broken: judged.broken };
}

/** A second start of the built program on a folder that is held, and the folder once its holder was killed. */
async function locks(rounds: number): Promise<Seen> {
  const folder = dataFolder();
  const profile = join(folder, "profile.yaml");
  writeFileSync(join(folder, "fw.bin"), new Uint8Array(64).fill(0xff));
  writeFileSync(
    profile,
    "profile: p\nrevision: A\nproduct: { name: X }\nchip: STM32F405\nimages: [{ file: fw.bin, at: 0x08000000 }]\n",
  );
  const data = join(folder, "data");
  const words = ["batch", "open", "WO-1", "--profile", profile, "--data", data];
  const starts: number[] = [];
  const second = await cases("second starts turned away, each lock free after kill -9", rounds, async () => {
    const held = await holder(data);
    try {
      const begin = performance.now();
      const start = spawnSync(process.execPath, [program, ...words], { encoding: "utf8" });
      starts.push(performance.now() - begin);
      must(
        start.status === 3 && start.stderr.includes(`process id ${held.pid}`),
        `exit code ${start.status}: ${start.stderr}`,
      );
    } finally {
      await killed(held);
    }
    owned(data).close();
  });
  // One of a hundred that had to wait for others on this machine says nothing about the lock.
  const middle = starts.toSorted((a, b) => a - b)[starts.length >> 1] ?? Number.NaN;
  const broken = [...second.broken];
  if (!(middle < refusedMs)) broken.push(`turned away after ${middle.toFixed(0)} ms`);
  return {
    counts: [second.count],
    facts: [
      `turned away after ${middle.toFixed(0)} ms with Node's own start (median), the longest ${Math.max(...starts).toFixed(0)} ms`,
    ],
    broken,
  };
}

export const figure: Figure = {
  number: 4,
  what: "two writers: eight processes on one series; a second start on the same data",
  target:
    "4 000 of 4 000 numbers once; exit code 3 in under 1 s (median), lock free after kill -9, 100 of 100",
  async run(share) {
    if (!builtHere()) throw new NotHere('there is no built program: "npm run build" makes it');
    const numbers = await eightWriters(scaled(500, share));
    const second = await locks(scaled(100, share));
    return {
      counts: [...numbers.counts, ...second.counts],
      facts: second.facts,
      broken: [...numbers.broken, ...second.broken],
    };
  },
};
