import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chipSpec } from "../../family/table.ts";
import type { Place } from "../../job/run-attempt.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import type { Outcome } from "../../model/event.ts";
import type { Mishap } from "../../model/mishap.ts";
import type { SimBoard } from "../../sim/board.ts";
import { simBench } from "../../sim/sim-bench.ts";
import type { Books } from "../../station/books.ts";
import { starter } from "../../station/start-gang.ts";
import { openStore } from "../../store/open-store.ts";
import type { Store } from "../../store/store.ts";
import type { Io } from "../io.ts";
import { openOrder, profileOf, stationOf, storedProfile } from "../order/open-order.ts";
import { toolVersion } from "../version.ts";
import { layFiles, slotName, type BenchFiles, type Recipe } from "./recipe.ts";

/** One unit of a gang, and the trouble that is planned for its board. */
export interface StandUnit {
  readonly barcode: string;
  readonly mishap?: Mishap;
  /** What a new board has in its flash already, from its start; blank otherwise. */
  readonly flash?: Uint8Array;
}

export interface StandEnd {
  readonly barcode: string;
  /** As the contract spells it: `PASS`, `PASS marginal`, `FAIL VERIFY_MISMATCH`. */
  readonly word: string;
  /** What the engineer reads of it; "" for a pass. */
  readonly detail: string;
  readonly serial: string | null;
  readonly record: AttemptRecord | null;
}

/** Simulated boards before the very engine and books of the line, in a folder of its own. */
export interface Stand extends Disposable {
  readonly data: string;
  readonly files: BenchFiles;
  readonly store: Store;
  /** The board of a barcode, once it was in a slot. */
  board(barcode: string): SimBoard;
  /** A gang, a slot a unit, in their order. */
  run(units: readonly StandUnit[]): Promise<readonly StandEnd[]>;
}

/** What stands between the checks and what they hold to account; tests put faulty parts in their place. */
export interface Seams {
  readonly books: (store: Store) => Books;
  readonly place: (inner: Place, board: () => SimBoard) => Place;
}

export const noSeams: Seams = { books: (store) => store, place: (inner) => inner };

export const standBatch = "SELFTEST";
const operator = "selftest";

export const wordOf = (outcome: Outcome): string =>
  outcome.kind === "PASS"
    ? outcome.marginal
      ? "PASS marginal"
      : "PASS"
    : `${outcome.kind} ${outcome.failure.code}`;

export interface StandOptions {
  /** Made here; nothing else lies in it. */
  readonly folder: string;
  readonly recipe: Recipe;
  readonly slots: number;
  readonly seams: Seams;
  readonly io: Io;
}

/** Opens books, releases the profile, opens a work order. Throws CommandError, StoreError. */
export async function openStand({ folder, recipe, slots, seams, io }: StandOptions): Promise<Stand> {
  mkdirSync(folder, { mode: 0o750 });
  const { chip, wire } = recipe;
  const files = layFiles(
    folder,
    recipe,
    Array.from({ length: slots }, () => `sim:${chip}:${wire}`),
  );
  const station = stationOf(files.station);
  const profile = await profileOf(files.profile, io);
  const data = join(folder, "data");
  const store = openStore(data, {
    mode: "owner",
    station: station.name,
    timezone: station.timezone,
    toolVersion,
  });
  store.release(storedProfile(profile), profile.irreversible, operator, new Date());
  const order = openOrder(store, station, profile, standBatch, operator);

  const boards = new Map<string, SimBoard>();
  const plans = new Map<string, StandUnit>();
  const bench = simBench({
    specOf: chipSpec,
    mishapOf: (_, barcode) => plans.get(barcode)?.mishap ?? {},
    made(barcode, board) {
      boards.set(barcode, board);
      board.chip().flash.set(plans.get(barcode)?.flash ?? []);
    },
  });
  function board(barcode: string): SimBoard {
    const found = boards.get(barcode);
    if (found === undefined) throw new Error(`${barcode} was in no slot`);
    return found;
  }
  const gangs = starter(
    () => order,
    seams.books(store),
    (slot, barcode) => seams.place(bench.place(slot, barcode), () => board(barcode)),
  );
  return {
    data,
    files,
    store,
    board,
    async run(units) {
      for (const unit of units) plans.set(unit.barcode, unit);
      const starts = units.map(({ barcode }, i) => {
        const slot = station.slots.find(({ name }) => name === slotName(i));
        if (slot === undefined) throw new RangeError(`${units.length} units, ${slots} slots`);
        return { slot, barcode, panel: null, reworkReason: null };
      });
      const running = gangs.start(starts, () => {}, io.signal);
      return await Promise.all(
        running.map(async ({ unit: { barcode }, serial, result }): Promise<StandEnd> => {
          const { outcome, record } = await result;
          const detail = outcome.kind === "PASS" ? "" : outcome.failure.detail;
          return { barcode, word: wordOf(outcome), detail, serial: record?.serial ?? serial, record };
        }),
      );
    },
    [Symbol.dispose]: () => store.close(),
  };
}
