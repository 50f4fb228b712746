import { Inbox } from "../lib/inbox.ts";
import { Fault } from "../model/fault.ts";
import type { BatchCounts } from "../model/batch.ts";
import type { OperatorInput, RefusalCode, SlotFacts, StationView } from "../model/view.ts";
import { portText } from "../model/port.ts";
import type { BenchState } from "./bench-state.ts";
import type { Books } from "./books.ts";
import { decide, type Effect, type Input } from "./decide.ts";
import { realmOf, type Order, type PlaceOf } from "./order.ts";
import type { SlotResult } from "./run-slot.ts";
import { starter, UnitDataError, type Running } from "./start-gang.ts";
import { viewOf, type ViewFrame } from "./view.ts";

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

export interface StationOptions {
  readonly order: Order;
  readonly books: Books;
  readonly placeOf: PlaceOf;
  readonly quantity: number | null;
  readonly mode: StationView["mode"];
  /** Barcodes that a demonstration offers to type. */
  readonly offered: readonly string[];
  /** A signal from outside: boards that run are brought to a safe state, then the station is left. */
  readonly signal: AbortSignal;
}

const refusalMs = 10_000;
const noCounts: BatchCounts = { passed: 0, failed: 0, seen: 0, firstPass: 0, firstSeen: 0, marginal: 0 };

/**
 * The bench with a person at it: one inbox, one reader; `decide` says what to do, this does it. All rules run one after
 * another, slots only run hardware.
 */
export function runStation(options: StationOptions): RunningStation {
  const { order, books, placeOf } = options;
  const { station, profile } = order;
  const inbox = new Inbox<Input>();
  const stop = new AbortController();
  const gangs = starter(order, books, placeOf);
  const watchers = new Set<() => void>();
  const running = new Set<Promise<void>>();
  const begin = performance.now();
  const frame: ViewFrame = {
    station: station.name,
    rows: station.rows,
    columns: station.columns,
    batch: { id: order.batch, product: profile.product.name, revision: profile.revision },
    mode: options.mode,
    timezone: station.timezone,
    operator: { name: order.operator, role: null },
    offered: options.offered,
  };
  let state: BenchState = {
    slots: station.slots.map((slot) => ({
      name: slot.name,
      port: portText(slot.port),
      state: { kind: "empty" },
      suspect: null,
    })),
    counts: books.batchCounts(order.batch) ?? noCounts,
    quantity: options.quantity,
    barcode: profile.barcode,
    refused: null,
    leaving: 0,
    paused: false,
    abandoned: false,
    stopped: null,
    toAcknowledge: [],
    last: [],
    endedAt: [],
  };
  let refusal: NodeJS.Timeout | null = null;

  function perform(effect: Effect): void {
    switch (effect.type) {
      case "start":
        return startOne(effect.slot, effect.barcode);
      case "cancel":
        return stop.abort(new Fault("INTERRUPTED", "Ctrl-C was pressed twice"));
      case "leave":
        return inbox.close();
      default:
        return effect satisfies never;
    }
  }

  function startOne(name: string, barcode: string): void {
    const slot = station.slots.find((one) => one.name === name);
    if (slot === undefined) return;
    try {
      const [one] = gangs.start(
        [{ slot, barcode, panel: null, reworkReason: null }],
        (_unit, event) => inbox.post({ type: "event", slot: name, event }),
        stop.signal,
      );
      if (one === undefined) return;
      const at = performance.now();
      inbox.post({ type: "started", slot: name, serial: one.serial, at });
      const end = finish(name, one, at);
      running.add(end);
      void end.finally(() => running.delete(end));
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      inbox.post({
        type: "rejected",
        slot: name,
        barcode,
        code: refusalOf(error),
        of: said,
      });
    }
  }

  async function finish(name: string, one: Running, since: number): Promise<void> {
    const result = await one.result;
    const now = performance.now();
    inbox.post({
      type: "ended",
      slot: name,
      outcome: result.outcome,
      serial: result.record === null ? one.serial : result.record.serial,
      ms: now - since,
      facts: factsOf(result),
      counts: countsNow(),
      at: now - begin,
    });
  }

  function countsNow(): BatchCounts {
    try {
      return books.batchCounts(order.batch) ?? noCounts;
    } catch {
      // The books cannot be read: the attempt's own verdict has said so already.
      return state.counts;
    }
  }

  function known(text: string): { passedHere: boolean; otherOrder: string | null } {
    const [slot] = station.slots;
    if (slot === undefined) return { passedHere: false, otherOrder: null };
    try {
      return { passedHere: books.passedInBatch(order.batch, text, realmOf(slot)), otherOrder: null };
    } catch {
      // Books that cannot be read refuse the start itself, with their own words.
      return { passedHere: false, otherOrder: null };
    }
  }

  function expireRefusal(before: BenchState): void {
    if (before.refused === state.refused) return;
    if (refusal !== null) clearTimeout(refusal);
    refusal = state.refused === null ? null : setTimeout(() => inbox.post({ type: "expired" }), refusalMs);
  }

  async function loop(): Promise<void> {
    for await (const input of inbox) {
      const before = state;
      const decision = decide(state, input);
      ({ state } = decision);
      for (const effect of decision.effects) perform(effect);
      expireRefusal(before);
      for (const changed of watchers) changed();
    }
    if (refusal !== null) clearTimeout(refusal);
    stop.abort(new Fault("INTERRUPTED", "the station was left"));
    await Promise.all(running);
  }

  const interrupted = (): void => {
    stop.abort(
      new Fault(
        "INTERRUPTED",
        options.signal.reason instanceof Error ? options.signal.reason.message : "stopped",
      ),
    );
    void Promise.all(running).finally(() => inbox.close());
  };
  if (options.signal.aborted) interrupted();
  else options.signal.addEventListener("abort", interrupted, { once: true });

  const left = loop();
  return {
    view: () => viewOf(state, frame, performance.now(), new Date()),
    subscribe(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    send(input) {
      inbox.post(
        input.type === "scanned" || input.type === "typed"
          ? { type: "scanned", text: input.text, known: known(input.text) }
          : input,
      );
    },
    abandon: () => inbox.post({ type: "abandoned" }),
    left,
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
