import { cleanText, isClean } from "../lib/clean-text.ts";
import type { BatchCounts } from "../model/batch.ts";
import type { AttemptEvent, Outcome } from "../model/event.ts";
import type { OperatorInput, RefusalCode, SlotFacts, SlotState, SlotView } from "../model/view.ts";
import { barcodeIn, runningCount, type BenchState } from "./bench-state.ts";

/** What the books know of a scanned unit. */
export interface KnownUnit {
  readonly passedHere: boolean;
  /** The order that the unit belongs to, when it is another one. */
  readonly otherOrder: string | null;
}

/** Everything that comes to the bench, in the order it came. */
export type Input =
  | Exclude<OperatorInput, { type: "scanned" | "typed" }>
  | { readonly type: "scanned"; readonly text: string; readonly known: KnownUnit }
  | { readonly type: "started"; readonly slot: string; readonly serial: string | null; readonly at: number }
  /** The books or the unit's data refused the start; nothing was touched. */
  | {
      readonly type: "rejected";
      readonly slot: string;
      readonly barcode: string;
      readonly code: RefusalCode;
      readonly of: string;
    }
  | { readonly type: "event"; readonly slot: string; readonly event: AttemptEvent }
  | {
      readonly type: "ended";
      readonly slot: string;
      readonly outcome: Outcome;
      readonly serial: string | null;
      /** Wall time at the bench, ms. */
      readonly ms: number;
      readonly facts: SlotFacts;
      readonly counts: BatchCounts;
      /** ms since the session began. */
      readonly at: number;
    }
  /** A refusal has stood for its 10 s. */
  | { readonly type: "expired" }
  /** The terminal went away. */
  | { readonly type: "abandoned" };

export type Effect =
  | { readonly type: "start"; readonly slot: string; readonly barcode: string }
  | { readonly type: "cancel" }
  | { readonly type: "leave" };

export interface Decision {
  readonly state: BenchState;
  readonly effects: readonly Effect[];
}

const mostLast = 8;
const mostTimes = 64;

const stay = (state: BenchState): Decision => ({ state, effects: [] });

/** The rules of the bench. Pure: (state, what came) to (next state, what to do). */
export function decide(state: BenchState, input: Input): Decision {
  switch (input.type) {
    case "scanned":
      return scanned(
        { ...state, refused: null, leaving: state.leaving === 1 ? 0 : state.leaving },
        input.text,
        input.known,
      );
    case "enter":
      return stay(acknowledge(state));
    case "escape":
      return stay({ ...state, refused: null, leaving: state.leaving === 1 ? 0 : state.leaving });
    case "key":
      return stay(state);
    case "pause":
      return stay({ ...state, paused: !state.paused });
    case "interrupt":
      return interrupt(state);
    case "expired":
      return stay({ ...state, refused: null });
    case "abandoned":
      return {
        state: { ...state, abandoned: true },
        effects: runningCount(state) === 0 ? [{ type: "leave" }] : [],
      };
    case "started":
      return stay(withSlot(state, input.slot, (slot) => started(slot, input.serial, input.at)));
    case "rejected": {
      const freed = withSlot(state, input.slot, () => ({ kind: "empty" }));
      const { code, barcode, of } = input;
      return stay({ ...freed, refused: { code, barcode, of } });
    }
    case "event":
      return stay(withSlot(state, input.slot, (slot) => happened(slot, input.event)));
    case "ended":
      return ended(state, input);
    default:
      return input satisfies never;
  }
}

function scanned(state: BenchState, text: string, known: KnownUnit): Decision {
  const refuse = (code: RefusalCode, of = ""): Decision =>
    stay({ ...state, refused: { code, barcode: cleanText(text, 40), of } });
  if (!isClean(text) || text.length > 100 || (state.barcode !== null && !state.barcode.test(text)))
    return refuse("SCAN_FORMAT");
  if (state.leaving === 2 || state.paused || state.abandoned) return refuse("STATION_PAUSED");
  const place = state.slots.find((slot) => barcodeIn(slot) === text);
  if (place !== undefined) return againIn(state, place, text, refuse);
  if (known.passedHere) return refuse("SCAN_PASSED");
  if (known.otherOrder !== null) return refuse("SCAN_OTHER_ORDER", known.otherOrder);
  if (state.quantity !== null && state.counts.passed + runningCount(state) >= state.quantity)
    return refuse("SCAN_FULL");
  const free = nextFree(state);
  if (free === null) {
    const [oldest] = state.toAcknowledge;
    return oldest === undefined ? refuse("SCAN_NO_SLOT") : refuse("ACK_FIRST", oldest);
  }
  return start(state, free, text);
}

/** A unit that lies in the tray: only one whose verdict was seen, and was not a pass, runs again where it lies. */
function againIn(
  state: BenchState,
  place: SlotView,
  text: string,
  refuse: (code: RefusalCode, of?: string) => Decision,
): Decision {
  if (place.state.kind !== "ended") return refuse("SCAN_IN_TRAY", place.name);
  if (place.state.outcome.kind === "PASS") return refuse("SCAN_PASSED");
  if (!place.state.acknowledged) return refuse("ACK_FIRST", place.name);
  return start(state, place.name, text);
}

function start(state: BenchState, slot: string, barcode: string): Decision {
  return {
    state: withSlot(state, slot, () => ({ kind: "armed", barcode, chip: null, keeps: null })),
    effects: [{ type: "start", slot, barcode }],
  };
}

/** The next place in tray order: one that is free, else one whose result has been seen. */
export function nextFree(state: BenchState): string | null {
  const free = state.slots.find(({ state: { kind } }) => kind === "empty" || kind === "board");
  const seen = state.slots.find(({ state: slot }) => slot.kind === "ended" && slot.acknowledged);
  return (free ?? seen)?.name ?? null;
}

function acknowledge(state: BenchState): BenchState {
  if (state.refused !== null) return { ...state, refused: null };
  const [oldest, ...rest] = state.toAcknowledge;
  if (oldest === undefined) return state;
  const seen = withSlot(state, oldest, (slot) =>
    slot.kind === "ended" ? { ...slot, acknowledged: true } : slot,
  );
  return { ...seen, toAcknowledge: rest };
}

function interrupt(state: BenchState): Decision {
  const running = runningCount(state);
  if (running === 0 || state.leaving === 2) return { state, effects: [{ type: "leave" }] };
  if (state.leaving === 0) return stay({ ...state, leaving: 1 });
  const stopping = state.slots.map((slot) =>
    slot.state.kind === "running" ? { ...slot, state: { ...slot.state, stopping: true } } : slot,
  );
  return { state: { ...state, leaving: 2, slots: stopping }, effects: [{ type: "cancel" }] };
}

function started(slot: SlotState, serial: string | null, at: number): SlotState {
  if (slot.kind !== "armed") return slot;
  return {
    kind: "running",
    barcode: slot.barcode,
    serial,
    step: null,
    done: 0,
    away: false,
    retries: 0,
    since: at,
    expectedMs: null,
    stopping: false,
  };
}

function happened(slot: SlotState, event: AttemptEvent): SlotState {
  if (slot.kind !== "running") return slot;
  switch (event.type) {
    case "step":
      return event.state === "start"
        ? { ...slot, step: event.step, done: 0 }
        : { ...slot, retries: slot.retries + event.retries, done: event.state === "done" ? 1 : slot.done };
    case "progress":
      return { ...slot, step: event.step, done: event.total === 0 ? 1 : event.done / event.total };
    case "data":
      return event.serial === null ? slot : { ...slot, serial: event.serial };
    case "chip":
    case "bound":
    case "verified":
    case "options":
    case "note":
    case "ended":
      return slot;
    default:
      return event satisfies never;
  }
}

function ended(state: BenchState, input: Extract<Input, { type: "ended" }>): Decision {
  const place = state.slots.find(({ name }) => name === input.slot);
  const before = place?.state;
  const barcode = place === undefined ? null : barcodeIn(place);
  if (place === undefined || before === undefined || barcode === null) return stay(state);
  const { outcome, serial, ms, facts } = input;
  const retries = before.kind === "running" ? before.retries : 0;
  const good = outcome.kind === "PASS" || outcome.kind === "SKIPPED";
  const closed = withSlot(state, input.slot, () => ({
    kind: "ended",
    barcode,
    serial,
    outcome,
    ms,
    retries,
    acknowledged: good,
    facts,
  }));
  const code = outcome.kind === "PASS" ? null : outcome.failure.code;
  const next: BenchState = {
    ...closed,
    counts: input.counts,
    toAcknowledge: good ? closed.toAcknowledge : [...closed.toAcknowledge, input.slot],
    last: [{ slot: input.slot, barcode, outcome: outcome.kind, code, ms, retries }, ...closed.last].slice(
      0,
      mostLast,
    ),
    endedAt: [...closed.endedAt, input.at].slice(-mostTimes),
    // A record that cannot be written stops the station: nothing more is begun.
    stopped: code === "RECORD_FAILED" ? "RECORDS_LOST" : closed.stopped,
  };
  const over = runningCount(next) === 0;
  const effects: Effect[] = [];
  if (over && (next.leaving === 2 || next.abandoned)) effects.push({ type: "leave" });
  return { state: { ...next, leaving: over && next.leaving === 1 ? 0 : next.leaving }, effects };
}

function withSlot(state: BenchState, name: string, change: (slot: SlotState) => SlotState): BenchState {
  return {
    ...state,
    slots: state.slots.map((slot) => (slot.name === name ? { ...slot, state: change(slot.state) } : slot)),
  };
}
