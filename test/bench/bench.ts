import { spawnSync } from "node:child_process";
import { copyFileSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { needBuilt } from "../tools/program.ts";
import { blankShare, firmware } from "./image.ts";
import { files, measure, profileText, stationText, type Figures, type Programmer } from "./measure.ts";
import { summary, tableText } from "./table.ts";

const help = `npm run bench -- [--image FILE] [--rounds N] [--baud RATE] [--together] [--json]

Times the built gangflash beside Debian's stm32flash, each programming and verifying the same simulated chip through a
pty. Without --image: 512 KiB, 42 % of its blocks blank. The image of a profile lies beside it, so FILE is linked into a
temporary folder, or copied there where it cannot be linked; the folder is gone at the end. Takes about 4 minutes a
round for 512 KiB. A machine that is busy now and then is unjust to one of the two: --together runs them side by side.
`;

const { values } = parseArgs({
  options: {
    image: { type: "string" },
    rounds: { type: "string", default: "1" },
    baud: { type: "string", default: "115200" },
    together: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(help);
else await bench(values);

async function bench(given: typeof values): Promise<void> {
  const { image: path = null, together, json } = given;
  const [rounds, baud] = [Number(given.rounds), Number(given.baud)];
  if (!(Number.isInteger(rounds) && rounds > 0 && Number.isInteger(baud) && baud > 0)) throw new Error(help);
  needBuilt();
  const folder = mkdtempSync(join(tmpdir(), "gangflash-bench-"));
  try {
    const image = join(folder, files.image);
    if (path === null) writeFileSync(image, firmware(512 * 1024));
    else placeBeside(path, image);
    writeFileSync(join(folder, files.profile), profileText);
    writeFileSync(join(folder, files.station), stationText(folder, baud));
    const installed = spawnSync("stm32flash", ["-h"]).error === undefined;
    const both: readonly Programmer[] = installed ? ["gangflash", "stm32flash"] : ["gangflash"];
    const measured: ReadonlyMap<Programmer, Figures>[] = [];
    for (let i = 0; i < rounds; i += 1) {
      // Who goes first takes turns: what else the machine does comes and goes.
      measured.push(await measure(folder, i % 2 === 0 ? both : both.toReversed(), baud, together));
      if (rounds > 1) process.stderr.write(`round ${i + 1} of ${rounds}\n`);
    }
    const bytes = readFileSync(image);
    const name = path === null ? "generated" : basename(path);
    const sum = summary({ name, bytes: bytes.length, blankShare: blankShare(bytes) }, baud, measured);
    process.stdout.write(`${json ? JSON.stringify(sum) : tableText(sum)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function placeBeside(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
