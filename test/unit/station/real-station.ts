import { onTestFinished } from "vitest";
import { unitFinder } from "../../../src/cli/line/find-unit.ts";
import { chipTable } from "../../../src/family/table.ts";
import { chipSpec } from "../../../src/family/table.ts";
import { baseOf } from "../../../src/job/build-job.ts";
import { readBoard } from "../../../src/job/read-board.ts";
import { plainRules, type BenchRules, type SignalName } from "../../../src/model/bench-rules.ts";
import type { Mishap } from "../../../src/model/mishap.ts";
import type { Profile } from "../../../src/model/profile.ts";
import type { LabelDesk } from "../../../src/model/label.ts";
import type { RefusalCode } from "../../../src/model/refusal.ts";
import type { Slot, Station } from "../../../src/model/station.ts";
import type { OperatorInput, StationView } from "../../../src/model/view.ts";
import { simBench, type SimPlace } from "../../../src/sim/sim-bench.ts";
import type { Order } from "../../../src/station/order.ts";
import { runStation } from "../../../src/station/run-station.ts";
import type { RunningStation, StationOptions } from "../../../src/station/running-station.ts";
import type { Teacher } from "../../../src/station/teach.ts";
import type { Store } from "../../../src/store/store.ts";
import { profileOf } from "../../reliability/recipe.ts";
import { batchOpening, dataFolder, owned } from "../store/books.ts";

/** Orders that open nothing. */
const noOrder: Readonly<Record<string, RefusalCode>> = {
  "WO-404": "ORDER_UNKNOWN",
  "WO-405": "ORDER_CLOSED",
  "WO-406": "ORDER_BROKEN",
};

const image = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) & 0xff);

function slot(name: string): Slot {
  return {
    name,
    port: { kind: "sim", chip: "STM32F405", wire: "uart" },
    baud: 115_200,
    boot0: "none",
    reset: "none",
    bitrate: 500_000,
    supply: 3.3,
    bus: null,
    pace: "fast",
    mishap: {},
    entry: null,
    power: null,
  };
}

/** A real station with real books, on simulated boards. */
export interface Line {
  readonly station: RunningStation;
  readonly store: Store;
  readonly signals: SignalName[];
  send(...inputs: OperatorInput[]): void;
  scan(...texts: string[]): void;
  /** Resolves with the first view that fits; a line that never gets there fails by the test's own limit. */
  until(fits: (view: StationView) => boolean): Promise<StationView>;
}

export interface LineOptions {
  readonly rules?: Partial<BenchRules>;
  readonly profile?: Partial<Profile>;
  readonly folder?: string;
  readonly mishapOf?: (slot: Slot, barcode: string) => Mishap;
  /** Of every slot, where it is not an STM32F405 behind a serial adapter. */
  readonly slot?: Partial<Slot>;
  /** What lies in a slot, where it is no board of the rehearsal's own. */
  readonly placeOf?: (slot: Slot, barcode: string, place: SimPlace) => SimPlace;
  /** Bench time for boards that are to run for a while. */
  readonly pace?: Slot["pace"];
  readonly byCode?: boolean;
  readonly quantity?: number | null;
  /** Offset of the unit's own data; left out: none. */
  readonly dataAt?: number;
  /** What a look-up holds the image against, where it is not the order's. */
  readonly spoil?: (base: Order["base"]) => Order["base"];
  readonly labels?: LabelDesk;
  readonly watch?: NonNullable<StationOptions["watch"]>;
  readonly peek?: NonNullable<StationOptions["peek"]>;
  readonly teach?: Teacher;
}

const chipOf = ({ slot: one }: LineOptions): string =>
  one?.port?.kind === "sim" ? one.port.chip : "STM32F405";

export function line(options: LineOptions = {}): Line {
  const store = owned(options.folder ?? dataFolder());
  const profile: Profile = {
    ...profileOf({ chip: chipOf(options), image, dataAt: options.dataAt ?? null, options: new Map() }),
    ...options.profile,
  };
  const { hash, name, revision, text } = profile;
  store.keepProfile({ hash, name, revision, text });
  const rules = { ...plainRules, ...options.rules };
  const pace = options.pace ?? "fast";
  const slots = ["A1", "A2"].map((name): Slot => ({ ...slot(name), pace, ...options.slot }));
  const station: Station = {
    name: "line1-bench",
    rows: 1,
    columns: 2,
    places: [0, 1],
    timezone: "UTC",
    slots,
    rules,
    hash: "cd".repeat(32),
  };
  const orderOf = (batch: string): Order => {
    if (store.findBatch(batch) === null)
      store.openBatch(batchOpening(batch, { profile: { hash, name, revision, text } }));
    return {
      station,
      profile,
      base: baseOf(profile),
      batch,
      trial: false,
      releasedBy: null,
      irreversible: [],
      operator: "op7",
      toolVersion: "test",
      table: chipTable,
    };
  };
  const sims = simBench({
    specOf: chipSpec,
    ...(options.mishapOf === undefined ? {} : { mishapOf: options.mishapOf }),
  });
  const signals: SignalName[] = [];
  const quantity = options.quantity ?? null;
  const given: StationOptions = {
    station,
    books: store,
    placeOf: (one, barcode) => {
      const place = sims.place(one, barcode);
      return options.placeOf?.(one, barcode, place) ?? place;
    },
    work: options.byCode === true ? null : { order: orderOf("WO-1"), quantity },
    openWork:
      options.byCode === true
        ? async (code) =>
            await Promise.resolve(
              noOrder[code] === undefined
                ? { order: orderOf(code), quantity }
                : { code: noOrder[code], of: code },
            )
        : null,
    operator: rules.login === "none" ? { name: "op7", role: null } : null,
    boards: "real",
    offered: [],
    labels: options.labels ?? null,
    teach: options.teach ?? null,
    watch: options.watch ?? null,
    peek: options.peek ?? null,
    readBoard: async (one, order, barcode, progress, signal) =>
      await readBoard(
        sims.place(one, barcode),
        {
          choice: order.profile.chip,
          base: options.spoil?.(order.base) ?? order.base,
          data: order.profile.data,
        },
        order.table,
        progress,
        signal,
      ),
    findUnit: unitFinder(store),
    checks: async () => await Promise.resolve([]),
    signalled: (signal) => signals.push(signal),
    nextMishap: null,
    signal: new AbortController().signal,
  };
  const running = runStation(given);
  onTestFinished(async () => {
    running.send({ type: "interrupt" });
    await running.left;
  });
  const self: Line = {
    station: running,
    store,
    signals,
    send: (...inputs) => inputs.forEach((input) => running.send(input)),
    scan: (...texts) => texts.forEach((text) => running.send({ type: "scanned", text })),
    async until(fits) {
      const { promise, resolve } = Promise.withResolvers<StationView>();
      const look = (): void => {
        const view = running.view();
        if (fits(view)) resolve(view);
      };
      const stop = running.subscribe(look);
      look();
      try {
        return await promise;
      } finally {
        stop();
      }
    },
  };
  return self;
}
