import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { databaseName } from "../../src/store/open-store.ts";
import { auditCost, closingCost, lookUps, yearCost } from "./books-measures.ts";
import { makeBooks } from "./make-books.ts";
import type { Measured } from "./measured.ts";
import { reportCost, reportForms } from "./report-measures.ts";

const help = `npm run books:million -- [--units N] [--rounds N] [--in FOLDER] [--only PART…] [--json]

Makes books of N units (1 000 000) and a fifth more attempts, and measures look-up, the report of a batch of 10 000 units,
the yield of a year, the audit and the closing of an attempt, each in a process of its own beside its bare cost on the same
machine. Needs 7 KiB of disk a unit. --in makes the books in a folder and leaves them there; books that are there are
measured. Parts: look-up, pdf, xlsx, csv, json, year, audit, closing.
`;

const { values } = parseArgs({
  options: {
    units: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "60" },
    in: { type: "string" },
    only: { type: "string", multiple: true },
    /** This process measures one part of books that are there. */
    part: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const units = Number(values.units);
const rounds = Number(values.rounds);

type Part = (folder: string, file: string) => Measured[] | Promise<Measured[]>;

const parts = new Map<string, Part>([
  ["look-up", (folder, file) => lookUps(folder, file, units)],
  ...reportForms.map((form): [string, Part] => [
    form,
    async (folder, file) => [await reportCost(folder, file, form)],
  ]),
  ["year", (folder, file) => [yearCost(folder, file)]],
  ["audit", (_, file) => [auditCost(file)]],
  [
    "closing",
    async (folder) => [
      ...(await closingCost(folder, 1, rounds)),
      ...(await closingCost(folder, 32, Math.ceil(rounds / 6))),
    ],
  ],
]);

function line({ what, ours, bare, ratio, goal, peakMiB }: Measured): string {
  const promise = goal === null ? "" : ratio <= goal ? `at most ${goal}: held` : `at most ${goal}: NOT HELD`;
  const ms = (value: number): string => `${value < 10 ? value.toFixed(3) : value.toFixed(0)} ms`.padStart(12);
  const row = `${what.padEnd(36)}${ms(ours)}${ms(bare)}${ratio.toFixed(2).padStart(9)}${peakMiB.toFixed(0).padStart(7)} MiB`;
  return `${row}  ${promise}`.trimEnd();
}

/** One part in a process of its own, so that its peak of memory is its own. */
function measureApart(folder: string, part: string): Measured[] {
  const words = [import.meta.filename, "--part", part, "--in", folder, "--units", String(units)];
  const said = execFileSync(process.execPath, [...words, "--rounds", String(rounds)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Our own process wrote it.
  return JSON.parse(said) as Measured[];
}

async function onePart(name: string): Promise<void> {
  const part = parts.get(name);
  if (part === undefined || values.in === undefined) throw new Error(`${name}: there is no such part`);
  process.stdout.write(JSON.stringify(await part(values.in, join(values.in, databaseName))));
}

function all(): void {
  const kept = values.in === undefined ? null : resolve(values.in);
  if (kept !== null) mkdirSync(kept, { recursive: true });
  const folder = kept ?? mkdtempSync(join(tmpdir(), "gangflash-million-"));
  try {
    const begin = performance.now();
    const file = join(folder, databaseName);
    const there = existsSync(file);
    if (!there)
      makeBooks(folder, units, (done) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${done} units`);
      });
    const made = { units, seconds: (performance.now() - begin) / 1000, bytes: statSync(file).size };
    if (!values.json) {
      const how = there ? "were there" : `made in ${made.seconds.toFixed(0)} s`;
      const load = loadavg().map((n) => n.toFixed(2));
      process.stdout.write(
        `${units} units, ${(made.bytes / 2 ** 20).toFixed(0)} MiB, ${how}; load ${load.join(" ")}\n`,
      );
      const head = `${"ours".padStart(12)}${"bare".padStart(12)}${"ratio".padStart(9)}${"peak".padStart(11)}`;
      process.stdout.write(`${"".padEnd(36)}${head}\n`);
    }
    const found: Measured[] = [];
    for (const name of values.only ?? parts.keys())
      for (const one of measureApart(folder, name)) {
        found.push(one);
        if (!values.json) process.stdout.write(`${line(one)}\n`);
      }
    if (values.json) process.stdout.write(`${JSON.stringify({ ...made, all: found })}\n`);
    process.exitCode = found.some(({ ratio, goal }) => goal !== null && ratio > goal) ? 1 : 0;
  } finally {
    if (kept === null) rmSync(folder, { recursive: true, force: true });
  }
}

if (values.help) process.stdout.write(help);
else if (values.part !== undefined) await onePart(values.part);
else all();
