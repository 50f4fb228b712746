import { Inbox } from "../lib/inbox.ts";
import { Fault } from "../model/fault.ts";
import type { BatchCounts } from "../model/batch.ts";
import type { SignalName } from "../model/bench-rules.ts";
import type { FitCheck } from "../model/panel.ts";
import type { BoardRead } from "../job/read-board.ts";
import type { AtWork, OperatorInput, RefusalCode, SlotFacts, StationView, Suspect } from "../model/view.ts";
import { portText } from "../model/port.ts";
import type { Slot, Station } from "../model/station.ts";
import { askBooks } from "./ask-books.ts";
import { completeOrder, noCounts, openOrders } from "./bench-facts.ts";
import { busyCount, emptyBench, type BenchState, type Presence } from "./bench-state.ts";
import type { Books } from "./books.ts";
import { callOf } from "./call.ts";
import { decide, type Input } from "./decide.ts";
import type { BenchDeed, Effect, Start } from "./decision.ts";
import { articleOf, gateOf } from "./first-article.ts";
import { lookUp, type FindUnit } from "./look-up.ts";
import type { Order, PlaceOf } from "./order.ts";
import type { SlotResult } from "./run-slot.ts";
import { signalsOf } from "./signals.ts";
import { starter, UnitDataError, type Running } from "./start-gang.ts";
import { suspects } from "./suspect.ts";
import { noTakt, numbersOf, observe, type TaktState } from "./takt.ts";
import { perHour, viewOf, type BenchFacts, type ViewFrame } from "./view.ts";

/** A station that a screen is put on. */
export interface RunningStation {
  /** What the screen shows now. */
  view(): StationView;
  /** Called after each change, at once; the screen paces itself. */
  subscribe(changed: () => void): () => void;
  send(input: OperatorInput): void;
  /** The terminal went away: the running tray is finished, then the station is left. */
  abandon(): void;
  /** Resolves when the station was left and every slot has its record. */
  readonly left: Promise<void>;
}

/** An order that is open in the books. */
export interface Work {
  readonly order: Order;
  /** Units wanted; `null`: open end. */
  readonly quantity: number | null;
}

/** Why an order's code opens nothing. */
export interface WorkRefusal {
  readonly code: RefusalCode;
  readonly of: string;
}

export interface StationOptions {
  readonly station: Station;
  readonly books: Books;
  readonly placeOf: PlaceOf;
  /** What is made from the start; `null`: the first order is scanned. */
  readonly work: Work | null;
  /** Opens the order of a code; `null`: this start has one order. */
  readonly openWork: ((text: string, by: string) => Promise<Work | WorkRefusal>) | null;
  /** `null`: somebody logs in. */
  readonly operator: AtWork | null;
  readonly rehearsal: boolean;
  /** Barcodes that a demonstration offers to type. */
  readonly offered: readonly string[];
  /** Tells what lies in slots, at once and after each change; `null`: nobody looks. */
  readonly watch: ((seen: (slot: string, presence: Presence) => void) => Disposable) | null;
  /** Reads the board in a slot and writes nothing; `null`: no way to. `barcode`: of a simulated board. */
  readonly readBoard:
    | ((slot: Slot, order: Order, barcode: string, signal: AbortSignal) => Promise<BoardRead>)
    | null;
  readonly findUnit: FindUnit;
  readonly checks: () => Promise<readonly FitCheck[]>;
  /** A stack light, a sound. */
  readonly signalled: (signal: SignalName) => void;
  /** Rehearsal: the next board has other trouble. */
  readonly nextMishap: () => void;
  /** A signal from outside: boards that run are brought to a safe state, then the station is left. */
  readonly signal: AbortSignal;
}

const standsMs = { refused: 10_000, question: 5_000, chosen: 10_000 } as const;
type Standing = keyof typeof standsMs;

/**
 * The bench with a person at it: one inbox, one reader; `decide` says what to do, this does it. All rules run one after
 * another, slots only run hardware.
 */
export function runStation(options: StationOptions): RunningStation {
  const { station, books, placeOf } = options;
  const inbox = new Inbox<Input | OperatorInput>();
  const stop = new AbortController();
  const watchers = new Set<() => void>();
  const running = new Set<Promise<void>>();
  const timers = new Map<Standing, NodeJS.Timeout>();
  const begin = performance.now();
  const frame: ViewFrame = {
    station: station.name,
    rows: station.rows,
    columns: station.columns,
    places: station.places,
    timezone: station.timezone,
    language: station.rules.language,
  };
  let work = options.work;
  let takt: TaktState = noTakt;
  let suspicious: ReadonlyMap<string, Suspect> = new Map();
  let checks: readonly FitCheck[] = [];
  let state = firstState(options);
  let facts = factsNow();

  const gangs = starter(orderNow, books, placeOf);

  /** The order with who works now. Only asked while there is one. */
  function orderNow(): Order {
    if (work === null) throw new Error("a start without an order");
    return { ...work.order, operator: state.person?.name ?? work.order.operator };
  }

  /** Does it; an answer that comes at once is the next thing that comes to the bench. */
  async function perform(effect: Effect): Promise<Input | null> {
    switch (effect.type) {
      case "start":
        startUnits(effect.units);
        return null;
      case "cancel":
        stop.abort(new Fault("INTERRUPTED", "Ctrl-C was pressed twice"));
        return null;
      case "leave":
        inbox.close();
        return null;
      case "record":
        return record(effect.deed);
      case "check-pin":
        return await checkPin(effect.name, effect.pin);
      case "open-order":
        return await openOrder(effect.text);
      case "close-order":
        return closeOrder(effect.by);
      case "look-up":
        keep(look(effect.slot, effect.barcode));
        return null;
      case "read-golden":
        keep(readGolden(effect.slot));
        return null;
      case "check-fit":
        return await checkFit();
      case "next-mishap":
        options.nextMishap();
        return null;
      default:
        return effect satisfies never;
    }
  }

  function keep(doing: Promise<void>): void {
    running.add(doing);
    void doing.finally(() => running.delete(doing));
  }

  function startUnits(units: readonly Start[]): void {
    try {
      const started = gangs.start(
        units.flatMap(({ slot: name, barcode, panel }) => {
          const slot = station.slots.find((one) => one.name === name);
          return slot === undefined ? [] : [{ slot, barcode, panel, reworkReason: null }];
        }),
        (unit, event) => inbox.post({ type: "event", slot: unit.slot.name, event }),
        stop.signal,
      );
      const at = performance.now();
      for (const one of started) {
        inbox.post({ type: "started", slot: one.unit.slot.name, serial: one.serial, at });
        keep(finish(one, at));
      }
    } catch (error) {
      const of = error instanceof Error ? error.message : String(error);
      const guilty = error instanceof UnitDataError ? error.unit.slot.name : units.at(-1)?.slot;
      // Nobody of the gang was started; the one that it hung on is told last, and stays to be read.
      for (const { slot, barcode } of units.toSorted((a) => (a.slot === guilty ? 1 : -1)))
        inbox.post({ type: "rejected", slot, barcode, code: refusalOf(error), of });
    }
  }

  async function finish(one: Running, since: number): Promise<void> {
    const result = await one.result;
    const now = performance.now();
    const found = factsOf(result);
    takt = observe(takt, {
      type: "ended",
      at: now - begin,
      wall: Date.now(),
      passed: result.outcome.kind === "PASS",
      steps: found.steps,
    });
    inbox.post({
      type: "ended",
      slot: one.unit.slot.name,
      outcome: result.outcome,
      serial: result.record === null ? one.serial : result.record.serial,
      ms: now - since,
      facts: found,
      counts: countsNow(),
      at: now - begin,
    });
    suspicious = suspectsNow();
    inbox.post({ type: "suspects", suspects: suspicious });
  }

  function suspectsNow(): ReadonlyMap<string, Suspect> {
    try {
      return work === null ? new Map() : suspects(books.slotCounts(work.order.batch));
    } catch {
      return suspicious;
    }
  }

  function countsNow(): BatchCounts {
    try {
      return work === null ? noCounts : (books.batchCounts(work.order.batch) ?? noCounts);
    } catch {
      // The books cannot be read: the attempt's own verdict has said so already.
      return state.counts;
    }
  }

  function record(deed: BenchDeed): Input | null {
    const { kind, by, barcode, slot, detail } = deed;
    const at = new Date();
    try {
      books.record({
        kind,
        at,
        by: by.name,
        role: by.role,
        realm: null,
        batch: work?.order.batch ?? null,
        barcode,
        slot,
        detail: { ...detail, station: station.name },
      });
    } catch {
      return { type: "records-lost" };
    }
    if (kind !== "slot-retired" || slot === null) return null;
    const reason = String(detail["reason"] ?? "");
    return { type: "retired", slot, retirement: { reason, by: by.name, at } };
  }

  async function checkPin(name: string, pin: string): Promise<Input> {
    try {
      return { type: "pin-checked", person: await books.personByPin(name, pin) };
    } catch {
      // Too many wrong ones: everybody waits for this name.
      return { type: "pin-checked", person: null };
    }
  }

  async function openOrder(text: string): Promise<Input> {
    const no = (code: RefusalCode, of = ""): Input => ({ type: "order-refused", text, code, of });
    if (options.openWork === null) return no("SCAN_FORMAT");
    try {
      const opened = await options.openWork(text, state.person?.name ?? "");
      if (!("order" in opened)) return no(opened.code, opened.of);
      work = opened;
      takt = noTakt;
      suspicious = suspectsNow();
      return orderOpened(opened, books);
    } catch (error) {
      return no("ORDER_BROKEN", error instanceof Error ? error.message : String(error));
    }
  }

  function closeOrder(by: AtWork): Input {
    if (work === null) return { type: "order-closed" };
    try {
      books.closeBatch(work.order.batch, by.name, new Date());
    } catch {
      return { type: "records-lost" };
    }
    work = null;
    return { type: "order-closed" };
  }

  async function look(slot: string | null, barcode: string | null): Promise<void> {
    const read = work === null || options.readBoard === null ? null : readSlot;
    const board = await lookUp({ slot, barcode }, read, options.findUnit, books);
    const { person } = state;
    if (person !== null && board.barcode !== null)
      record({ kind: "looked-up", by: person, barcode: board.barcode, slot, detail: { uid: board.uid } });
    inbox.post({ type: "looked-up", board });
  }

  async function readSlot(name: string): Promise<BoardRead> {
    const slot = station.slots.find((one) => one.name === name);
    const place = state.slots.find((one) => one.name === name)?.state;
    if (slot === undefined || options.readBoard === null) throw new Fault("STATION_BUG", `no slot ${name}`);
    const barcode = place !== undefined && "barcode" in place ? place.barcode : name;
    return await options.readBoard(slot, orderNow(), barcode, stop.signal);
  }

  async function readGolden(name: string): Promise<void> {
    const slot = station.slots.find((one) => one.name === name);
    const { golden } = station.rules;
    if (slot === undefined || golden === null || options.readBoard === null) return;
    let found: BoardRead | null = null;
    let code = "";
    try {
      found = await options.readBoard(slot, orderNow(), golden.barcode, stop.signal);
    } catch (error) {
      code = error instanceof Fault ? error.code : "STATION_BUG";
    }
    const good = found !== null && (golden.uid === null || golden.uid === found.uid);
    const { person } = state;
    const detail = { good, uid: found?.uid ?? null, chip: found?.chip ?? null, code };
    const lost =
      person === null
        ? null
        : record({ kind: "golden-sample", by: person, barcode: golden.barcode, slot: name, detail });
    inbox.post(lost ?? { type: "golden-read", good });
  }

  async function checkFit(): Promise<Input> {
    try {
      checks = await options.checks();
    } catch {
      checks = [{ what: "permissions", state: "no", facts: {} }];
    }
    return { type: "fit", fit: checks.every((check) => check.state !== "no") };
  }

  /** Asked after each input, and only of what the call or the person wants to see: a frame asks nothing. */
  function factsNow(before?: BenchFacts, input?: Input): BenchFacts {
    const call = callOf(state, performance.now()).kind;
    const order = work?.order ?? null;
    const mode = options.rehearsal ? "rehearsal" : order?.trial === true ? "trial" : "production";
    const base = { mode, checks, offered: options.offered } as const;
    const none = { orders: [], article: null, complete: null, numbers: null };
    try {
      return {
        ...base,
        orders: call === "order" ? (kept(before?.orders) ?? openOrders(books)) : none.orders,
        article:
          call === "accept" && order !== null
            ? (before?.article ?? articleOf(books, order, state.gate))
            : null,
        complete:
          call === "done" && order !== null
            ? (before?.complete ?? completeOrder(books, order, takt, suspicious))
            : null,
        numbers: state.open?.kind === "numbers" ? (stillTrue(before, input) ?? numbersNow()) : null,
      };
    } catch {
      return { ...base, ...none };
    }
  }

  function numbersNow(): BenchFacts["numbers"] {
    const quantity = state.order?.quantity ?? null;
    return numbersOf(takt, {
      counts: state.counts,
      slots: work === null ? [] : books.slotCounts(work.order.batch),
      suspects: suspicious,
      perHour: perHour(state.endedAt),
      left: quantity === null ? null : Math.max(0, quantity - state.counts.passed),
      run: state.rules.run,
      panels: station.rules.scans.panel !== null,
      wall: Date.now(),
    });
  }

  /** A scan is asked about when it is its turn: the order may have changed since it came. */
  function asked(input: Input | OperatorInput): Input {
    switch (input.type) {
      case "typed":
        return asScan(input.text, true);
      case "scanned":
        return "scan" in input ? input : asScan(input.text, false);
      case "key":
        return { ...input, places: station.places, columns: station.columns };
      default:
        return input;
    }
  }

  function asScan(text: string, typed: boolean): Input {
    const scan = askBooks(text, state, station, work?.order ?? null, books);
    const isKey =
      scan.kind === "card" && scan.key !== "enter" && scan.key !== "escape" && scan.key !== "pause";
    return isKey
      ? { type: "key", key: scan.key, places: station.places, columns: station.columns }
      : { type: "scanned", text, typed, scan };
  }

  function observed(before: BenchState, input: Input): void {
    const at = performance.now() - begin;
    if (input.type === "scanned" && busyCount(state) > busyCount(before))
      takt = observe(takt, { type: "scanned", at, busy: busyCount(before) });
    if (input.type === "presence" && input.presence.kind === "none")
      takt = observe(takt, { type: "removed", at });
    for (const signal of signalsOf(before, state)) options.signalled(signal);
  }

  function expire(before: BenchState): void {
    for (const what of Object.keys(standsMs) as Standing[]) {
      if (before[what] === state[what]) continue;
      clearTimeout(timers.get(what));
      if (state[what] !== null)
        timers.set(
          what,
          setTimeout(() => inbox.post({ type: "expired", what }), standsMs[what]),
        );
    }
  }

  async function take(input: Input): Promise<void> {
    const before = state;
    const decision = decide(state, input);
    ({ state } = decision);
    observed(before, input);
    expire(before);
    const answers: Input[] = [];
    for (const effect of decision.effects) {
      const answer = await perform(effect);
      if (answer !== null) answers.push(answer);
    }
    for (const answer of answers) await take(answer);
  }

  async function loop(): Promise<void> {
    for (const [slot, retirement] of books.retiredSlots(station.name))
      inbox.post({ type: "retired", slot, retirement });
    using _watch = options.watch?.((slot, presence) => inbox.post({ type: "presence", slot, presence }));
    inbox.post(await checkFit());
    for await (const input of inbox) {
      const came = asked(input);
      await take(came);
      facts = factsNow(facts, came);
      for (const changed of watchers) changed();
    }
    for (const timer of timers.values()) clearTimeout(timer);
    stop.abort(new Fault("INTERRUPTED", "the station was left"));
    await Promise.all(running);
  }

  const interrupted = (): void => {
    const why = options.signal.reason instanceof Error ? options.signal.reason.message : "stopped";
    stop.abort(new Fault("INTERRUPTED", why));
    void Promise.all(running).finally(() => inbox.close());
  };
  if (options.signal.aborted) interrupted();
  else options.signal.addEventListener("abort", interrupted, { once: true });

  const left = loop();
  return {
    view: () => viewOf(state, frame, facts, performance.now(), new Date()),
    subscribe(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    send: (input) => inbox.post(input),
    abandon: () => inbox.post({ type: "abandoned" }),
    left,
  };
}

/** The numbers change with a result; the progress of 64 boards must not ask the books for them. */
const stillTrue = (before: BenchFacts | undefined, input: Input | undefined): BenchFacts["numbers"] =>
  input?.type === "suspects" ? null : (before?.numbers ?? null);

const kept = <T>(list: readonly T[] | undefined): readonly T[] | null =>
  list === undefined || list.length === 0 ? null : list;

function firstState({ station, work, books, operator, openWork }: StationOptions): BenchState {
  const { login, run, start, golden } = station.rules;
  const bench: BenchState = {
    ...emptyBench,
    rules: { login, run, start },
    slots: station.slots.map((slot) => ({
      name: slot.name,
      port: portText(slot.port),
      state: { kind: "empty" },
      suspect: null,
    })),
    person: operator,
    ordersByCode: openWork !== null,
    golden: golden === null ? null : { barcode: golden.barcode, state: "due" },
  };
  return work === null ? bench : decide(bench, orderOpened(work, books)).state;
}

function orderOpened({ order, quantity }: Work, books: Books): Input & { type: "order-opened" } {
  const { profile, batch } = order;
  return {
    type: "order-opened",
    order: {
      id: batch,
      product: profile.product.name,
      revision: profile.revision,
      quantity,
      barcode: profile.barcode,
    },
    counts: books.batchCounts(batch) ?? noCounts,
    gate: gateOf(books, order),
  };
}

/** The books name their refusals; the bench does not know them as classes. */
function refusalOf(error: unknown): RefusalCode {
  if (error instanceof UnitDataError) return "SCAN_FORMAT";
  return error instanceof Error && error.name === "SerialsOut" ? "SERIALS_OUT" : "RECORDS_REFUSED";
}

function factsOf({ record }: SlotResult): SlotFacts {
  if (record === null) return { uid: null, chip: null, steps: [] };
  return {
    uid: record.uid,
    chip: record.chip?.name ?? null,
    steps: record.steps.map(({ step, ms }) => ({ step, ms })),
  };
}
