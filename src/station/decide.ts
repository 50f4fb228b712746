import type { BatchCounts } from "../model/batch.ts";
import type { Retirement } from "../model/deed.ts";
import type { AttemptEvent } from "../model/event.ts";
import type { LookUp } from "../model/panel.ts";
import type { Person } from "../model/person.ts";
import type { RefusalCode } from "../model/refusal.ts";
import type { Suspect } from "../model/slot-view.ts";
import type { OperatorInput } from "../model/view.ts";
import {
  bare,
  barcodeIn,
  runningCount,
  slotNamed,
  withSlot,
  type BenchState,
  type Gate,
  type OpenedOrder,
  type Presence,
} from "./bench-state.ts";
import { typicalMs } from "./call.ts";
import { refuse, stay, type Decision } from "./decision.ts";
import { ended, happened, started, type AttemptOver } from "./follow-attempt.ts";
import { labelled, type Labelled } from "./label-step.ts";
import { shown } from "./log-in.ts";
import { plugged } from "./teach.ts";
import { startPresent } from "./place-unit.ts";
import { seen } from "./see-board.ts";
import { enter, escape, takeKey } from "./take-key.ts";
import { takeScan, type Scan } from "./take-scan.ts";

/** Everything that comes to the bench, in the order it came. */
export type Input =
  | Exclude<OperatorInput, { type: "scanned" | "typed" | "key" }>
  /** `typed`: by hand. */
  | { readonly type: "scanned"; readonly text: string; readonly scan: Scan; readonly typed: boolean }
  /** The tray as it lies comes with the key: the arrows move on it. */
  | (Extract<OperatorInput, { type: "key" }> & {
      readonly places: readonly (number | null)[];
      readonly columns: number;
    })
  | { readonly type: "presence"; readonly slot: string; readonly presence: Presence }
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
  | ({ readonly type: "ended" } & AttemptOver)
  | {
      readonly type: "order-opened";
      readonly order: OpenedOrder;
      readonly counts: BatchCounts;
      readonly gate: Gate;
    }
  | {
      readonly type: "order-refused";
      readonly text: string;
      readonly code: RefusalCode;
      readonly of: string;
    }
  | { readonly type: "order-closed" }
  /** `null`: name and PIN do not belong together. */
  | { readonly type: "pin-checked"; readonly person: Person | null }
  | { readonly type: "retired"; readonly slot: string; readonly retirement: Retirement }
  /** Slots that fail more often than the others, all of them. */
  | { readonly type: "suspects"; readonly suspects: ReadonlyMap<string, Suspect> }
  /** Share of the board that is read, 0 to 1. */
  | { readonly type: "look-up-progress"; readonly share: number }
  | { readonly type: "looked-up"; readonly board: LookUp }
  | { readonly type: "golden-read"; readonly good: boolean }
  /** Teach-in: a board came onto this port. */
  | { readonly type: "plugged"; readonly port: string }
  /** `null`: the map is in the station's file. */
  | { readonly type: "taught"; readonly why: string | null }
  | { readonly type: "labelled"; readonly label: Labelled }
  /** Rehearsal: what the next board will suffer. */
  | { readonly type: "planned"; readonly words: string }
  /** A record became void. */
  | { readonly type: "recounted"; readonly counts: BatchCounts }
  | { readonly type: "fit"; readonly fit: boolean }
  /** A deed or an order could not be written down. */
  | { readonly type: "records-lost" }
  /** A refusal has stood for its 10 s, a question for its 5 s, a choice for its 10 s. */
  | { readonly type: "expired"; readonly what: "refused" | "question" | "chosen" }
  /** The terminal went away. */
  | { readonly type: "abandoned" };

/** The rules of the bench. Pure: (state, what came) to (next state, what to do). */
export function decide(state: BenchState, input: Input): Decision {
  switch (input.type) {
    case "scanned":
      return scanned({ ...state, leaving: state.leaving === 1 ? 0 : state.leaving }, input);
    case "enter":
      return enter(state);
    case "escape":
      return escape(state);
    case "pause":
      return stay({ ...state, paused: !state.paused });
    case "key":
      return takeKey({ ...state, refused: null }, input.key, input.places, input.columns);
    case "interrupt":
      return interrupt(state);
    case "expired":
      return stay({ ...state, [input.what]: null });
    case "abandoned":
      return stay({ ...state, abandoned: true }, ...(runningCount(state) === 0 ? [leave] : []));
    case "presence":
      return present(state, input.slot, input.presence);
    case "started": {
      // The board that starts has what was planned for it.
      const planned = state.planned === null ? null : "";
      return stay(
        withSlot({ ...state, planned }, input.slot, (slot) =>
          started(slot, input.serial, input.at, typicalMs(state)),
        ),
      );
    }
    case "planned":
      return stay({ ...state, planned: input.words });
    case "rejected": {
      const freed = withSlot(state, input.slot, () => bare(state, input.slot));
      const { code, barcode, of } = input;
      return stay({ ...freed, refused: { code, barcode, of } });
    }
    case "event":
      return stay(withSlot(state, input.slot, (slot) => happened(slot, input.event)));
    case "ended":
      return ended(state, input);
    case "order-opened":
      return stay(opened(state, input.order, input.counts, input.gate));
    case "order-refused":
      return refuse(state, input.code, input.text, input.of);
    case "order-closed":
      return state.ordersByCode ? stay(cleared({ ...state, order: null })) : stay(state, leave);
    case "pin-checked": {
      const asked = { ...state, nameGiven: null };
      return input.person === null ? refuse(asked, "PIN_WRONG", "") : shown(asked, input.person);
    }
    case "retired":
      return stay(withSlot(state, input.slot, () => ({ kind: "retired", ...input.retirement })));
    case "suspects":
      return stay(distrust(state, input.suspects));
    case "look-up-progress":
      return stay(
        state.open?.kind === "look-up" && state.open.board.state === "reading"
          ? { ...state, open: { ...state.open, board: { ...state.open.board, done: input.share } } }
          : state,
      );
    case "looked-up":
      return stay(
        state.open?.kind === "look-up" ? { ...state, open: { ...state.open, board: input.board } } : state,
      );
    case "golden-read":
      return stay(goldenRead(state, input.good));
    case "plugged":
      return plugged(state, input.port);
    case "taught":
      // The station begins anew with its new ports.
      return input.why === null
        ? stay({ ...state, teaching: null }, leave)
        : refuse({ ...state, teaching: null }, "TEACH_FAILED", "", input.why);
    case "labelled":
      return stay(labelled(state, input.label));
    case "recounted":
      return stay({ ...state, counts: input.counts });
    case "fit":
      return stay({ ...state, stopped: fitness(state, input.fit) });
    case "records-lost":
      return stay({ ...state, stopped: "RECORDS_LOST" });
    default:
      return input satisfies never;
  }
}

const leave = { type: "leave" } as const;

function scanned(state: BenchState, input: Extract<Input, { type: "scanned" }>): Decision {
  const { text, scan, typed } = input;
  if (scan.kind === "card") {
    const { key } = scan;
    const card = { ...state, refused: null };
    // A card answers what stood there before it was scanned.
    if (key === "enter") return enter(state);
    if (key === "escape") return escape(state);
    if (key === "pause") return stay({ ...card, paused: !state.paused });
    return takeKey(card, key, [], 1);
  }
  const decision = takeScan(state, text, scan);
  const by = decision.state.person;
  const byHand = typed && state.typing && scan.kind === "unit" && decision.state.refused === null;
  if (!byHand || by === null) return decision;
  // A damaged code that was typed is said to be typed.
  const deed = {
    kind: "override",
    by,
    barcode: scan.barcode,
    slot: null,
    detail: { what: "typed" },
  } as const;
  return { ...decision, effects: [{ type: "record", deed }, ...decision.effects] };
}

function interrupt(state: BenchState): Decision {
  const running = runningCount(state);
  if (running === 0 || state.leaving === 2) return stay(state, leave);
  if (state.leaving === 0) return stay({ ...state, leaving: 1 });
  const stopping = state.slots.map((slot) =>
    slot.state.kind === "running" ? { ...slot, state: { ...slot.state, stopping: true } } : slot,
  );
  return stay({ ...state, leaving: 2, slots: stopping }, { type: "cancel" });
}

/** Something was put in or taken out; what was scanned before may have waited for it. */
function present(state: BenchState, slot: string, came: Presence): Decision {
  // A place that holds a unit is not asked what lies in it: its run knows, or its verdict stands.
  const place = slotNamed(state, slot);
  const asked = came.kind === "looking" && place !== undefined && barcodeIn(place) === null;
  const presence: Presence = came.kind === "looking" && !asked ? { kind: "board", chip: null } : came;
  const next = seen(state, slot, presence);
  if (asked && place.state.kind !== "retired") return stay(next, { type: "peek", slot });
  const mayStart = next.rules.start === "insert" && !next.paused && next.leaving === 0 && !next.abandoned;
  return mayStart && presence.kind === "board" ? startPresent(next) : stay(next);
}

function opened(state: BenchState, order: OpenedOrder, counts: BatchCounts, gate: Gate): BenchState {
  return { ...cleared(state), order, counts, gate, refused: null };
}

/** Nothing of the last order lies on the screen any more. */
function cleared(state: BenchState): BenchState {
  return {
    ...state,
    slots: state.slots.map((slot) =>
      slot.state.kind === "retired" ? slot : { ...slot, state: bare(state, slot.name), suspect: null },
    ),
    waiting: [],
    toAcknowledge: [],
    toNotice: [],
    stillThere: new Set(),
    gate: { kind: "open" },
    endedAt: [],
    into: null,
    question: null,
    open: null,
  };
}

function distrust(state: BenchState, suspects: ReadonlyMap<string, Suspect>): BenchState {
  const fresh = [...suspects.keys()].filter((name) => slotNamed(state, name)?.suspect === null);
  return {
    ...state,
    slots: state.slots.map((slot) => ({ ...slot, suspect: suspects.get(slot.name) ?? null })),
    toNotice: [...state.toNotice.filter((name) => suspects.has(name)), ...fresh],
  };
}

function goldenRead(state: BenchState, good: boolean): BenchState {
  if (state.golden === null) return state;
  return {
    ...state,
    golden: { ...state.golden, state: good ? "good" : "bad" },
    stopped: good ? state.stopped : "GOLDEN_FAILED",
  };
}

function fitness(state: BenchState, fit: boolean): BenchState["stopped"] {
  if (!fit) return "STATION_UNFIT";
  return state.stopped === "STATION_UNFIT" ? null : state.stopped;
}
