import { onTestFinished, describe, expect, test } from "vitest";
import { chipTable } from "../../../src/family/table.ts";
import { chipSpec } from "../../../src/family/table.ts";
import { baseOf } from "../../../src/job/build-job.ts";
import { readBoard } from "../../../src/job/read-board.ts";
import { plainRules, type BenchRules, type SignalName } from "../../../src/model/bench-rules.ts";
import type { Mishap } from "../../../src/model/mishap.ts";
import type { Profile } from "../../../src/model/profile.ts";
import type { Slot, Station } from "../../../src/model/station.ts";
import type { OperatorInput, StationView } from "../../../src/model/view.ts";
import { simBench } from "../../../src/sim/sim-bench.ts";
import type { Order } from "../../../src/station/order.ts";
import { runStation } from "../../../src/station/run-station.ts";
import type { RunningStation, StationOptions } from "../../../src/station/running-station.ts";
import type { Store } from "../../../src/store/store.ts";
import { profileOf } from "../../reliability/recipe.ts";
import { batchOpening, dataFolder, owned } from "../store/books.ts";

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

interface Line {
  readonly station: RunningStation;
  readonly store: Store;
  readonly signals: SignalName[];
  send(...inputs: OperatorInput[]): void;
  scan(...texts: string[]): void;
  /** Resolves with the first view that fits; a line that never gets there fails by the test's own limit. */
  until(fits: (view: StationView) => boolean): Promise<StationView>;
}

interface LineOptions {
  readonly rules?: Partial<BenchRules>;
  readonly profile?: Partial<Profile>;
  readonly folder?: string;
  readonly mishapOf?: (slot: Slot, barcode: string) => Mishap;
  readonly byCode?: boolean;
  readonly quantity?: number | null;
}

function line(options: LineOptions = {}): Line {
  const store = owned(options.folder ?? dataFolder());
  const profile: Profile = {
    ...profileOf({ chip: "STM32F405", image, dataAt: null, options: new Map() }),
    ...options.profile,
  };
  const { hash, name, revision, text } = profile;
  store.keepProfile({ hash, name, revision, text });
  const rules = { ...plainRules, ...options.rules };
  const slots = ["A1", "A2"].map(slot);
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
    placeOf: (one, barcode) => sims.place(one, barcode),
    work: options.byCode === true ? null : { order: orderOf("WO-1"), quantity },
    openWork:
      options.byCode === true
        ? async (code) =>
            await Promise.resolve(
              code === "WO-404" ? { code: "ORDER_UNKNOWN", of: code } : { order: orderOf(code), quantity },
            )
        : null,
    operator: rules.login === "none" ? { name: "op7", role: null } : null,
    rehearsal: false,
    offered: [],
    watch: null,
    readBoard: async (one, order, barcode, signal) =>
      await readBoard(sims.place(one, barcode), order.profile.chip, order.base, order.table, signal),
    findUnit: (what) => {
      const search = store.unitLife(what);
      return search.kind === "found" ? search.life : null;
    },
    checks: async () => await Promise.resolve([]),
    signalled: (signal) => signals.push(signal),
    nextMishap: () => {},
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

const passed =
  (count: number) =>
  (view: StationView): boolean =>
    view.batch?.counts.passed === count && view.running === 0;
const pattern = /^WO-[0-9]+$/u;
const orders = { pattern, profiles: null, sheet: null };

describe("a shift at the bench", () => {
  test("log in, order, first article with a second person, the next board, log out: all in the books", async () => {
    const it = line({
      byCode: true,
      rules: { login: "badge", badge: /^B-/u, orders },
      profile: { firstArticle: true },
    });
    it.store.addPerson({ name: "A. Novak", role: "operator", badge: "B-1" });
    it.store.addPerson({ name: "M. Lang", role: "lead", badge: "B-2" });
    expect((await it.until(({ call }) => call.kind === "log-in")).operator).toBeNull();
    it.scan("B-1");
    await it.until(({ call }) => call.kind === "order");
    it.scan("WO-404");
    await it.until(({ call }) => call.kind === "refused" && call.code === "ORDER_UNKNOWN");
    it.scan("WO-7", "U-1");
    const waiting = await it.until(({ call }) => call.kind === "accept");
    expect(waiting.batch).toMatchObject({ id: "WO-7", counts: { passed: 1 } });
    expect(waiting.panel).toMatchObject({
      kind: "first-article",
      article: { barcode: "U-1", madeBy: "A. Novak" },
    });
    it.scan("U-2");
    await it.until(({ call }) => call.kind === "refused" && call.code === "GATE_CLOSED");
    it.scan("B-2", "U-2");
    await it.until(passed(2));
    it.send({ type: "key", key: "log-out" }, { type: "key", key: "log-out" });
    await it.until(({ operator }) => operator === null);
    expect(it.store.deeds().map(({ kind, by }) => `${kind} ${by}`)).toEqual(
      expect.arrayContaining(["logged-in A. Novak", "first-article-accepted M. Lang", "logged-out A. Novak"]),
    );
    expect(it.store.lastAttempt("U-2", "sim")).toMatchObject({ operator: "A. Novak", batch: "WO-7" });
  });

  test("a first article that waits is still waiting after a restart", async () => {
    const folder = dataFolder();
    const options = {
      folder,
      profile: { firstArticle: true },
      rules: { login: "badge", badge: /^B-/u },
    } as const;
    const first = line(options);
    first.store.addPerson({ name: "A. Novak", role: "operator", badge: "B-1" });
    first.scan("B-1", "U-1");
    await first.until(({ call }) => call.kind === "accept");
    first.send({ type: "interrupt" });
    await first.station.left;
    first.store.close();
    const second = line(options);
    expect((await second.until(({ call }) => call.kind === "accept")).call).toMatchObject({
      slot: "A1",
      barcode: "U-1",
    });
  });
});

test("a retired slot stays retired after a restart, and gets no board", async () => {
  const folder = dataFolder();
  const first = line({ folder });
  first.send({ type: "key", key: "right" }, { type: "key", key: "slot" }, { type: "key", key: "slot" });
  await first.until(({ slots }) => slots[0]?.state.kind === "retired");
  first.send({ type: "interrupt" });
  await first.station.left;
  first.store.close();
  const second = line({ folder });
  second.scan("U-1");
  const view = await second.until(passed(1));
  expect(view.slots.map(({ state }) => state.kind)).toEqual(["retired", "ended"]);
});

test("arrows and function keys work from command cards, too", async () => {
  const it = line();
  it.scan("GF:RIGHT", "GF:RIGHT", "GF:F3");
  const { panel, chosen } = await it.until((view) => view.panel !== null);
  expect({ panel, chosen }).toEqual({ panel: { kind: "details", slot: "A2", page: 1 }, chosen: "A2" });
});

test("a look-up reads the board in its slot, writes nothing, and tells its life", async () => {
  const it = line();
  it.scan("U-1");
  await it.until(passed(1));
  it.send({ type: "key", key: "look-up" });
  it.scan("GF:SLOT:A1");
  const view = await it.until(({ panel }) => panel?.kind === "look-up" && panel.board.state === "read");
  expect(view.panel).toMatchObject({
    kind: "look-up",
    board: { slot: "A1", barcode: "U-1", life: [{ attempt: 1, outcome: "PASS" }] },
  });
  expect(it.store.attemptsOf("U-1", "sim")).toHaveLength(1);
});

test("a golden sample is read before the first board, its deed is kept, and no record comes of it", async () => {
  const it = line({ rules: { golden: { barcode: "GOLDEN-1", uid: null } } });
  it.scan("U-1");
  await it.until(({ call }) => call.kind === "refused" && call.code === "GOLDEN_FIRST");
  it.scan("GOLDEN-1");
  await it.until(({ call }) => call.kind === "scan");
  it.scan("U-1");
  await it.until(passed(1));
  expect(it.store.deeds({ kind: "golden-sample" })).toMatchObject([{ slot: "A1", detail: { good: true } }]);
  expect(it.store.lastAttempt("GOLDEN-1", "sim")).toBeNull();
});

test("a golden sample with another chip stops the station", async () => {
  const it = line({ rules: { golden: { barcode: "GOLDEN-1", uid: "00".repeat(12) } } });
  it.scan("GOLDEN-1");
  await it.until(({ call }) => call.kind === "stop" && call.code === "GOLDEN_FAILED");
  expect(it.store.deeds({ kind: "golden-sample" })).toMatchObject([{ detail: { good: false } }]);
});

test("a panel starts every slot in one gang, each with its own record", async () => {
  const it = line({
    rules: { scans: { ...plainRules.scans, panel: { pattern: /^PNL-/u, unit: "{panel}.{n:02}" } } },
  });
  it.scan("PNL-7");
  await it.until(passed(2));
  expect(["PNL-7.01", "PNL-7.02"].map((code) => it.store.lastAttempt(code, "sim"))).toMatchObject([
    { slot: "A1", panel: "PNL-7" },
    { slot: "A2", panel: "PNL-7" },
  ]);
});

test("forty scans that come at once are all answered, run or refused by name: none is lost", async () => {
  const it = line({ rules: { run: "pipelined" } });
  const codes = Array.from({ length: 40 }, (_, i) => `U-${i}`);
  const refused = new Set<string>();
  const stop = it.station.subscribe(() => {
    const { call } = it.station.view();
    if (call.kind === "refused") refused.add(call.barcode);
  });
  it.scan(...codes);
  await it.until(
    ({ batch, running }) => running === 0 && (batch?.counts.passed ?? 0) + refused.size === codes.length,
  );
  stop();
  const done = codes.filter((code) => it.store.lastAttempt(code, "sim") !== null);
  expect([...done, ...refused].toSorted()).toEqual(codes.toSorted());
});

test("lights and sounds follow the verdicts: fail, seen, refused, passed", async () => {
  const it = line({ mishapOf: (_slot, barcode) => (barcode === "U-1" ? { muteAfter: 0 } : {}) });
  it.scan("U-1");
  await it.until(({ call }) => call.kind === "failed");
  it.send({ type: "enter" });
  it.scan("U-2");
  await it.until(passed(1));
  it.scan("U-2");
  await it.until(({ call }) => call.kind === "refused");
  expect(it.signals).toEqual(["fail", "idle", "pass", "refuse"]);
});

test("the numbers behind F2 know every step and slot of this session", async () => {
  const it = line();
  it.scan("U-1", "U-2");
  await it.until(passed(2));
  it.send({ type: "key", key: "numbers" });
  const { panel } = await it.until((view) => view.panel?.kind === "numbers");
  expect(panel?.kind === "numbers" ? panel.numbers.slots : []).toEqual([
    { slot: "A1", passed: 1, tried: 1, suspect: false },
    { slot: "A2", passed: 1, tried: 1, suspect: false },
  ]);
});
