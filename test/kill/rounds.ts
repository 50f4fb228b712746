import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SerialPolicy } from "../../src/model/profile.ts";
import { holdBoards } from "../tools/hold-boards.ts";
import { random } from "../reliability/random.ts";
import {
  baud,
  chip,
  firmware,
  profileText,
  slotName,
  slowErase,
  stationText,
  type Place,
} from "./bench-files.ts";
import { gangProcess, type GangEnd, type Moment, type Span } from "./gang-process.ts";
import { chipEnd, type ChipEnd, type Printed } from "./judge.ts";
import { snapshot, type Snapshot } from "./snapshot.ts";

export interface RoundsOptions {
  readonly rounds: number;
  readonly slots: number;
  readonly policy: SerialPolicy;
  /** Of the draw of its moments, where several are drawn from one seed. */
  readonly name?: string;
  /** A folder of its own: data folder, ports, dumps. */
  readonly folder: string;
  /** Told after each kill. */
  readonly happened?: (kills: number) => void;
}

/** How one kill found the gang. */
export interface Kill {
  /** Share of the unkilled run's time at which it was to come. */
  readonly share: number;
  /** The run had ended by itself before. */
  readonly late: boolean;
  readonly reserved: number;
  readonly written: number;
  readonly committed: number;
  /** Committed, and the line that says so did not come out. */
  readonly unsaid: number;
}

export interface RoundsEnd {
  readonly kills: readonly Kill[];
  /** Durations of the unkilled runs, ms. */
  readonly unkilled: readonly number[];
  readonly chips: readonly ChipEnd[];
  readonly printed: readonly Printed[];
  /** Killed attempts whose board never came back. */
  readonly scrapped: number;
  readonly retries: number;
  readonly complaints: readonly string[];
}

interface Board {
  readonly barcode: string;
  readonly link: string;
  readonly dump: string;
  tries: number;
}

/** Boards that one process holds at a time: each costs a look at its port, a hundred times a second. */
const boardsAtOnce = 60;
/** A board whose attempt was killed goes to scrap: its number must then never turn up anywhere else. */
const scrapShare = 1 / 8;
/** Unkilled runs at most until the last boards have passed. */
const lastRuns = 3;

/** Rounds of gang runs that are killed, over boards that know nothing of it; the last runs are not killed. */
export async function killRounds(options: RoundsOptions): Promise<RoundsEnd> {
  const { rounds, slots, policy, folder } = options;
  const dice = random(options.name ?? "kills");
  const image = firmware();
  const data = join(folder, "data");
  const copies = join(folder, "copies");
  for (const one of [data, copies, join(folder, "ports"), join(folder, "dumps")]) mkdirSync(one);
  writeFileSync(join(folder, "fw.bin"), image);
  for (const place of ["a", "b"] as const)
    writeFileSync(join(folder, `${place}.yaml`), profileText(place, policy));

  // Every share of the run's time has its kill, in no order.
  const shares = Array.from({ length: rounds }, (_, i) => (i + dice.below(1000) / 1000) / rounds);
  for (let i = shares.length - 1; i > 0; i -= 1) {
    const j = dice.below(i + 1);
    [shares[i], shares[j]] = [shares[j] ?? 0, shares[i] ?? 0];
  }

  const kills: Kill[] = [];
  const unkilled: number[] = [];
  const chips: ChipEnd[] = [];
  const printed: Printed[] = [];
  const complaints: string[] = [];
  let scrapped = 0;
  let retries = 0;
  let born = 0;
  let session = 0;

  async function gang(seats: readonly Board[], place: Place, kill: Moment | null): Promise<GangEnd> {
    for (const board of seats) {
      if (board.tries > 0) retries += 1;
      board.tries += 1;
    }
    writeFileSync(join(folder, "station.yaml"), stationText(seats.map(({ link }) => link)));
    const end = await gangProcess(
      [
        `--station=${join(folder, "station.yaml")}`,
        `--profile=${join(folder, `${place}.yaml`)}`,
        `--batch=WO-${place}`,
        `--data=${data}`,
        ...seats.flatMap(({ barcode }, i) => ["--unit", `${slotName(i)}=${barcode}`]),
      ],
      kill,
    );
    for (const unit of end.units) {
      if (unit.outcome === "PASS") printed.push(unit);
      else complaints.push(`${unit.barcode} did not pass: ${JSON.stringify(unit.failure)}`);
    }
    if (!end.killed && end.units.length < seats.length)
      complaints.push(`a run ended with ${end.code} and ${end.units.length} lines: ${end.err}`);
    return end;
  }

  function look(end: GangEnd): Snapshot {
    const found = snapshot(data, copies, session);
    session = Math.max(session, found.session);
    complaints.push(...found.complaints);
    for (const { barcode, attempt } of end.units.filter(({ outcome }) => outcome === "PASS"))
      if (!found.passed.some((record) => record.barcode === barcode && record.attempt === attempt))
        complaints.push(`${barcode} attempt ${attempt}: PASS was shown, and the kill took the record`);
    return found;
  }

  /** One process of boards, for as long as it has new ones. */
  async function shelf(): Promise<void> {
    const stock = Array.from({ length: boardsAtOnce }, (): Board => {
      born += 1;
      const barcode = `KILL-${String(born).padStart(4, "0")}`;
      return {
        barcode,
        link: join(folder, "ports", barcode),
        dump: join(folder, "dumps", barcode),
        tries: 0,
      };
    });
    const plans = stock.map(({ link, dump }, i) => ({
      chip,
      link,
      dump,
      mishap: `slowErase=${slowErase(i)}`,
    }));
    await using held = await holdBoards(plans, { pace: "real", baud });
    let fresh = 0;
    const seats: Board[] = [];
    const fill = (): void => {
      for (; seats.length < slots && fresh < stock.length; fresh += 1) {
        const board = stock[fresh];
        if (board !== undefined) seats.push(board);
      }
    };
    const leave = (barcode: string): void => {
      const i = seats.findIndex((board) => board.barcode === barcode);
      if (i >= 0) seats.splice(i, 1);
    };
    const turn = (): Place => (kills.length % 2 === 0 ? "a" : "b");
    const whole = async (): Promise<Span> => {
      const end = await gang(seats, turn(), null);
      for (const { barcode } of look(end).passed) leave(barcode);
      unkilled.push(end.span.start + end.span.work);
      return end.span;
    };

    fill();
    // In this hour, with this load: once to be measured, and now and then again.
    const span = await whole();
    for (fill(); kills.length < rounds && seats.length === slots; fill()) {
      const share = shares[kills.length] ?? 0;
      const end = await gang(seats, turn(), { share, of: span });
      const found = look(end);
      kills.push({
        share,
        late: !end.killed,
        reserved: found.reserved.length,
        written: found.written.length,
        committed: found.passed.length,
        unsaid: found.passed.length - end.units.length,
      });
      for (const { barcode } of found.passed) leave(barcode);
      if (end.killed)
        for (const { barcode } of seats.slice())
          if (dice.chance(scrapShare)) {
            leave(barcode);
            scrapped += 1;
          }
      options.happened?.(kills.length);
    }
    if (kills.length === rounds) for (let i = 0; i < lastRuns && seats.length > 0; i += 1) await whole();
    scrapped += seats.length;
    await held.end();
    complaints.push(...held.complaints.map((line) => `the chip complains: ${line}`));
    for (const { barcode, dump, tries } of stock) {
      if (tries > 0) chips.push(chipEnd(barcode, readFileSync(dump), image));
      rmSync(dump);
    }
  }

  while (kills.length < rounds) await shelf();
  return { kills, unkilled, chips, printed, scrapped, retries, complaints };
}
