import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { databaseName } from "../../store/open-store.ts";
import { check, noComplaints, same, type Checks } from "./check.ts";
import type { SelftestBench } from "./bench.ts";
import { holdBoards } from "./held-boards.ts";
import { ledgerComplaints, numberComplaints, passComplaints, type ChipEnd } from "./judge-numbers.ts";
import { killedRun, type Moment, type RunEnd, type Span, type UnitLine } from "./killed-runs.ts";
import { readBooks, type RawBooks } from "./read-books.ts";
import { firstDifference, imageBytes, imageOf, layFiles, numbersIn, slotName, unitName } from "./recipe.ts";

const slots = 4;
const chip = "STM32F103C8";
const baud = 460_800;
/** Runs that may end before their kill comes, on a machine that does other things as well; each is made up for. */
const spareRuns = 4;
/** Runs without a kill at most, until the last boards have passed. */
const lastRuns = 3;

/** What the killed runs came to. */
export interface KilledRuns {
  /** Units that were in a slot, in their order. */
  readonly units: readonly string[];
  /** Those whose attempt was killed and that never came back: their number must turn up nowhere else. */
  readonly scrapped: ReadonlySet<string>;
  readonly ends: readonly RunEnd[];
  readonly books: RawBooks;
}

/** Gang runs of the program as it is started on the line, killed at random moments and started again. */
export async function* durability(bench: SelftestBench): Checks {
  const { kills, dice, io, commands, program } = bench;
  const folder = join(bench.folder, "killed");
  mkdirSync(folder, { mode: 0o750 });
  const image = imageOf(dice);
  const count = slots * (kills + 1 + spareRuns);
  await using held = await holdBoards(program, { chip, count, folder, baud }, io.signal);
  const ports = "none" in held ? Array.from({ length: count }, () => `sim:${chip}:uart`) : held.ports;
  const runs = await killRuns({ ...bench, folder }, image, ports);
  const { units, scrapped, ends, books } = runs;
  const said = ends.flatMap((end) => end.units);
  const killed = ends.filter((end) => end.killed).length;
  const cut = books.records.filter(({ code }) => code === "STOPPED_BY_POWER").length;

  const enough = Math.ceil(kills / 2);
  yield await check(
    `The running program is killed (SIGKILL) at ${kills} random moments`,
    `at least ${enough} before its end, and attempts are cut off`,
    () => ({
      seen: `${killed} before its end, ${cut} attempts cut off`,
      passed: killed >= enough && cut > 0,
    }),
  );
  yield await noComplaints(
    "It starts again after each kill, and nobody mends anything",
    `all ${units.length - scrapped.size} boards that came back pass, ${scrapped.size} did not come back`,
    () => startComplaints(runs),
  );
  yield await noComplaints(
    "No acknowledged unit without its record",
    `each PASS that was told (${said.filter(({ outcome }) => outcome === "PASS").length}) is in the books`,
    () => saidComplaints(said, books),
  );
  yield await noComplaints("No attempt is left open", "each attempt has its record", () =>
    books.open.map((text) => `${text} has no record`),
  );
  const flashes = "none" in held ? null : await held.end();
  if (flashes === null)
    yield await noComplaints(
      `No number twice, by the books and what was told (${"none" in held ? held.none : ""}: flash outlives no kill here)`,
      "none in two units",
      () => [...ledgerComplaints(books), ...toldTwice(said)],
    );
  else {
    const chips = units.map((barcode, i): ChipEnd => ({
      barcode,
      numbers: numbersIn(flashes[i] ?? new Uint8Array()),
    }));
    yield await noComplaints(
      "No number twice, by the flash of the boards, which outlived the kills",
      "none in two chips",
      () => [...numberComplaints(chips, books), ...toldTwice(said)],
    );
    yield await noComplaints(
      "A board that passed has the number of its record, and its image",
      `so have all of ${units.length - scrapped.size}`,
      () => [
        ...passComplaints(chips, books),
        ...flashes.slice(0, units.length).flatMap((flash, i) => {
          const why = firstDifference(flash.subarray(0, imageBytes), image);
          return why === null || scrapped.has(units[i] ?? "") ? [] : [`${units[i]}: ${why}`];
        }),
      ],
    );
  }
  yield await same("The chain of records after all kills", `whole, ${books.records.length} records`, () => {
    const report = commands.audit(join(folder, "data", databaseName));
    return report.kind === "whole"
      ? `whole, ${report.rows} records`
      : `broken at row ${report.broken.seq}: ${report.broken.why}`;
  });
}

async function killRuns(
  { folder, kills, dice, io, program }: SelftestBench,
  image: Uint8Array,
  ports: readonly string[],
): Promise<KilledRuns> {
  const data = join(folder, "data");
  const units = ports.map((_, i) => unitName(i + 1));
  const passed = new Set<string>();
  const scrapped = new Set<string>();
  const seats: string[] = [];
  const ends: RunEnd[] = [];
  let fresh = 0;
  async function gang(kill: { readonly moment: Moment; readonly usual: Span } | null): Promise<RunEnd> {
    const own = seats.map((barcode) => ports[units.indexOf(barcode)] ?? "");
    const recipe = { chip, image, policy: "consume-on-success", more: "" } as const;
    const { station, profile } = layFiles(folder, recipe, own, `, baud: ${baud}`);
    const words = ["--station", station, "--profile", profile, "--batch", "SELFTEST", "--data", data];
    const asked = seats.flatMap((barcode, i) => ["--unit", `${slotName(i)}=${barcode}`]);
    const end = await killedRun(program, [...words, ...asked], kill, io.signal);
    io.signal.throwIfAborted();
    ends.push(end);
    // What was cut off may have passed without a word: the books say.
    for (const { outcome, barcode } of readBooks(join(data, databaseName)).records)
      if (outcome === "PASS") passed.add(barcode);
    seats.splice(0, seats.length, ...seats.filter((barcode) => !passed.has(barcode)));
    return end;
  }
  /** Another order in each run: a number that came back by mistake then goes to another unit. */
  function turn(): void {
    const first = seats.shift();
    if (first !== undefined) seats.push(first);
  }
  function fill(): void {
    turn();
    while (seats.length < slots && fresh < units.length) {
      seats.push(units[fresh] ?? "");
      fresh += 1;
    }
  }
  fill();
  // In this hour, with this load.
  let usual = (await gang(null)).span;
  let killed = 0;
  for (let tries = 0; killed < kills && tries < kills + spareRuns; tries += 1) {
    fill();
    // Every fifth while it starts: there are the locks and the recovery.
    const of = killed % 5 === 4 ? "start" : "work";
    const end = await gang({ moment: { of, share: 0.05 + 0.8 * dice.roll() }, usual });
    // The first one was slower than they are now.
    if (!end.killed) usual = end.span;
    else {
      killed += 1;
      const gone = seats.shift();
      if (gone !== undefined) scrapped.add(gone);
    }
  }
  for (let i = 0; i < lastRuns && seats.length > 0; i += 1) {
    turn();
    await gang(null);
  }
  return { units: units.slice(0, fresh), scrapped, ends, books: readBooks(join(data, databaseName)) };
}

/** Runs that were not killed ended by themselves with every unit passed, and all boards that came back have passed. */
export function startComplaints({ units, scrapped, ends, books }: KilledRuns): string[] {
  const passed = new Set(
    books.records.flatMap(({ outcome, barcode }) => (outcome === "PASS" ? [barcode] : [])),
  );
  return [
    ...ends.flatMap(({ killed, code, err }) =>
      killed || code === 0 ? [] : [`a run ended with ${code}: ${err.trim().split("\n").at(-1) ?? ""}`],
    ),
    ...units.flatMap((barcode) =>
      passed.has(barcode) || scrapped.has(barcode) ? [] : [`${barcode} has not passed`],
    ),
  ];
}

export function saidComplaints(said: readonly UnitLine[], { records }: RawBooks): string[] {
  const kept = new Set(
    records.map(({ barcode, attempt, serial, outcome }) => `${barcode} ${attempt} ${serial} ${outcome}`),
  );
  return said.flatMap(({ barcode, attempt, serial, outcome }) =>
    kept.has(`${barcode} ${attempt} ${serial} ${outcome}`)
      ? []
      : [
          `${barcode} attempt ${attempt}: ${outcome} with ${serial ?? "no number"} was told, and is in no record`,
        ],
  );
}

function toldTwice(said: readonly UnitLine[]): string[] {
  const told = new Map<string, string>();
  return said.flatMap(({ outcome, serial, barcode }) => {
    if (outcome !== "PASS" || serial === null) return [];
    const other = told.get(serial);
    told.set(serial, barcode);
    return other === undefined || other === barcode ? [] : [`${serial} was told for ${other} and ${barcode}`];
  });
}
