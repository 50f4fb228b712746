import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { SerialPolicy } from "../../src/model/profile.ts";
import { seed } from "../reliability/random.ts";
import { needBuilt } from "../tools/program.ts";
import { judgedKills } from "./judged.ts";
import { lackingHits, tableText } from "./table.ts";

const policies: readonly SerialPolicy[] = ["consume-on-success", "burn-on-failure", "keep-existing"];

const help = `npm run kill -- [--rounds 200] [--slots 6] [--policy ${policies.join("|")}] [--keep]

Kills gang runs of the built gangflash with SIGKILL, at moments spread over the length of a run; the boards are held by
another process. In the end the flash of the chips is compared with the books. SEED=… draws the same moments again.
--keep leaves the folder of a run with a broken promise where it is. Exit 1: a promise is broken, or too few kills hit.
`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "200" },
    slots: { type: "string", default: "6" },
    policy: { type: "string", default: "consume-on-success" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(help);
else process.exitCode = await main(Number(values.rounds), Number(values.slots), values.policy, values.keep);

async function main(rounds: number, slots: number, word: string, keep: boolean): Promise<number> {
  const policy = policies.find((one) => one === word);
  if (!(rounds > 0 && slots > 0) || policy === undefined) throw new Error(help);
  needBuilt();
  const folder = mkdtempSync(join(tmpdir(), "gangflash-kill-"));
  const begin = performance.now();
  process.stdout.write(`SEED=${seed}, ${rounds} rounds of ${slots} slots, ${policy}\n`);
  const { end, books, complaints, audit } = await judgedKills({
    rounds,
    slots,
    policy,
    folder,
    happened: (kills) => void (kills % 20 === 0 && process.stderr.write(`${kills} kills\n`)),
  });
  const seconds = (performance.now() - begin) / 1000;
  process.stdout.write(`${tableText(end, books, complaints, audit, seconds)}\n`);
  const lacking = lackingHits(end);
  for (const text of lacking) process.stdout.write(`${text}\n`);
  if (keep && complaints.length > 0) process.stdout.write(`left in ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
  return complaints.length + lacking.length > 0 ? 1 : 0;
}
