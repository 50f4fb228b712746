import { chipTable } from "../../src/family/table.ts";
import { baseOf } from "../../src/job/build-job.ts";
import { plainRules } from "../../src/model/bench-rules.ts";
import type { AttemptRecord } from "../../src/model/attempt.ts";
import type { AttemptEvent, Outcome } from "../../src/model/event.ts";
import type { Wire } from "../../src/model/family.ts";
import type { Profile } from "../../src/model/profile.ts";
import type { Slot } from "../../src/model/station.ts";
import type { Books } from "../../src/station/books.ts";
import type { Order, PlaceOf, UnitStart } from "../../src/station/order.ts";
import { starter } from "../../src/station/start-gang.ts";
import { batchOpening, dataFolder, owned } from "../unit/store/books.ts";
import type { Store } from "../../src/store/store.ts";
import { profileOf, type Recipe } from "./recipe.ts";
import { baud, never, seat, type Seat, type Tamper } from "./seat.ts";

/** A line of simulated boards over real books: one seat a barcode. */
export interface Line {
  readonly order: Order;
  readonly store: Store;
  seatOf(barcode: string): Seat;
  /** A gang, one slot a unit; `books` stand before the store where given. */
  run(barcodes: readonly string[], books?: Books): Promise<readonly LineEnd[]>;
}

export interface LineEnd {
  readonly barcode: string;
  readonly word: string;
  readonly outcome: Outcome;
  readonly ms: number;
  readonly serial: string | null;
  readonly record: AttemptRecord | null;
}

export interface LineOptions {
  readonly wire?: Wire;
  readonly seatOf?: (barcode: string) => Seat;
  readonly tamperOf?: (barcode: string) => Tamper;
  readonly more?: Partial<Profile>;
  readonly show?: (unit: UnitStart, event: AttemptEvent) => void;
  readonly placeOf?: (inner: PlaceOf) => PlaceOf;
}

const wordOf = (outcome: Outcome): string =>
  outcome.kind === "PASS" ? (outcome.marginal ? "PASS marginal" : "PASS") : outcome.failure.code;

const uidOf = (barcode: string): Uint8Array =>
  Uint8Array.from(
    { length: 12 },
    (_, i) => 0x30 + ((barcode.charCodeAt(i % barcode.length) * (i + 3)) & 0x3f),
  );

export function slotOf(name: string, chip: string, wire: Wire): Slot {
  return {
    name,
    port: { kind: "sim", chip, wire },
    baud,
    boot0: "none",
    reset: "none",
    entry: null,
    bitrate: 500_000,
    supply: 3.3,
    power: null,
    bus: null,
    pace: "fast",
    mishap: {},
  };
}

export function lineOf(one: Recipe, options: LineOptions = {}): Line {
  const wire = options.wire ?? "uart";
  const profile = { ...profileOf(one), ...options.more };
  const store = owned(dataFolder());
  store.openBatch(
    batchOpening("WO-1", {
      profile: { hash: profile.hash, name: profile.name, revision: profile.revision, text: profile.text },
    }),
  );
  const order: Order = {
    station: {
      name: "line1-bench",
      rows: 3,
      columns: 3,
      timezone: "Europe/Berlin",
      places: [],
      slots: [],
      rules: plainRules,
      hash: "cd".repeat(32),
    },
    profile,
    base: baseOf(profile),
    batch: "WO-1",
    trial: false,
    releasedBy: "eng",
    irreversible: [],
    operator: "op7",
    toolVersion: "0.1.0",
    table: chipTable,
  };
  const seats = new Map<string, Seat>();
  function seatOf(barcode: string): Seat {
    const known =
      seats.get(barcode) ?? options.seatOf?.(barcode) ?? seat(one.chip, wire, { uid: uidOf(barcode) });
    seats.set(barcode, known);
    return known;
  }
  const inner: PlaceOf = (_, barcode) => seatOf(barcode).place(options.tamperOf?.(barcode));
  const placeOf = options.placeOf?.(inner) ?? inner;
  return {
    order,
    store,
    seatOf,
    async run(barcodes, books = store) {
      const units = barcodes.map((barcode, i): UnitStart => ({
        slot: slotOf(`A${i + 1}`, one.chip, wire),
        barcode,
        panel: null,
        reworkReason: null,
      }));
      const running = starter(() => order, books, placeOf).start(units, options.show ?? (() => {}), never);
      return await Promise.all(
        running.map(async ({ unit: { barcode }, serial, result }) => {
          const { outcome, ms, record } = await result;
          return { barcode, word: wordOf(outcome), outcome, ms, serial, record };
        }),
      );
    },
  };
}
