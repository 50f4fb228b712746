import type { FaultCode } from "../model/fault.ts";
import type { RefusalCode } from "../model/refusal.ts";
import type { SlotView } from "../model/slot-view.ts";
import { barcodeIn, busyCount, runningCount, slotNamed, withSlot, type BenchState } from "./bench-state.ts";
import { refuse, stay, type Decision, type Start } from "./decision.ts";
import { labelHolds } from "./label-step.ts";

/** What the books know of a scanned unit. */
export interface KnownUnit {
  readonly passedHere: boolean;
  /** The open order that the unit belongs to, when it is another one. */
  readonly otherOrder: string | null;
  /** The number that it has already; `null`: it gets a new one. */
  readonly keeps: string | null;
  /** How it failed the last time; `null`: it did not, or was reworked since. */
  readonly failedAs: FaultCode | null;
  /** Its last verdict sent it to the red bin, and no rework is noted. */
  readonly wantsRework: boolean;
  /** Why no unit of this order may start now: the profile's days and limit. */
  readonly barred: { readonly code: RefusalCode; readonly of: string } | null;
}

/** A unit of a panel and its place. */
export interface PanelUnit {
  readonly slot: string;
  readonly barcode: string;
  readonly known: KnownUnit;
}

const takes = ({ state, suspect }: SlotView): boolean =>
  suspect === null &&
  (state.kind === "empty" ||
    state.kind === "board" ||
    state.kind === "looking" ||
    state.kind === "unreadable");

/**
 * The next place in tray order: where a board was seen, or nobody looks; else one that is empty; else one whose result
 * has been seen, the longest ago first: what has just passed is not taken before what lay there all along. A slot that fails too often is left out: only its own code chooses it.
 */
export function nextFree(state: BenchState): string | null {
  if (state.into !== null) return state.into;
  const free = state.slots.filter(takes);
  const ready = free.find(
    ({ name, state: { kind } }) =>
      kind === "board" || kind === "looking" || (kind === "empty" && !state.presence.has(name)),
  );
  const seen = state.slots
    .filter(
      ({ name, state: slot, suspect }) =>
        suspect === null && slot.kind === "ended" && slot.acknowledged && !labelHolds(state, name),
    )
    .toSorted((a, b) => state.turns.indexOf(a.name) - state.turns.indexOf(b.name))[0];
  return (ready ?? free.find(({ state: { kind } }) => kind === "empty") ?? seen)?.name ?? null;
}

/** Units that may still begin where so many are wanted or allowed; those that run may pass. `null`: no end. */
const roomIn = (state: BenchState, most: number | null): number | null =>
  most === null ? null : Math.max(0, most - state.counts.passed - busyCount(state));

/** Why no further unit of this order may begin: all that are wanted, or all that the profile allows, have. */
function full(state: BenchState, no: (code: RefusalCode, of?: string) => Decision): Decision | null {
  const limit = state.order?.limit ?? null;
  if (roomIn(state, limit) === 0) return no("PROFILE_LIMIT", String(limit));
  return roomIn(state, state.order?.quantity ?? null) === 0 ? no("SCAN_FULL") : null;
}

/** Units that the order still takes; `null`: no end. */
function wanted(state: BenchState): number | null {
  const ends = [state.order?.quantity, state.order?.limit].flatMap(
    (most) => roomIn(state, most ?? null) ?? [],
  );
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Why nothing of this order may start now, whatever the unit, or `null`. */
export function shut(state: BenchState): { code: RefusalCode; of: string } | null {
  if (state.order === null) return { code: "ORDER_FIRST", of: "" };
  if (state.golden !== null && state.golden.state !== "good")
    return { code: "GOLDEN_FIRST", of: state.golden.barcode };
  if (state.gate.kind === "waiting") return { code: "GATE_CLOSED", of: "" };
  if (state.gate.kind === "wanted" && busyCount(state) > 0) return { code: "GATE_CLOSED", of: "" };
  if (state.rules.run === "tray" && runningCount(state) > 0)
    return { code: "BOARDS_RUN", of: String(runningCount(state)) };
  return null;
}

/** A unit goes to its place, and starts when the station's way of working says so. */
export function placeUnit(state: BenchState, barcode: string, known: KnownUnit): Decision {
  const no = (code: RefusalCode, of = ""): Decision => refuse(state, code, barcode, of);
  const place = state.slots.find((slot) => barcodeIn(slot) === barcode);
  if (place !== undefined) {
    const why = againIn(place);
    if (why !== null) return no(why.code, why.of);
  } else if (known.passedHere) return no("SCAN_PASSED");
  else if (known.wantsRework) return no("SCAN_REWORK");
  if (known.otherOrder !== null) return no("SCAN_OTHER_ORDER", known.otherOrder);
  if (known.barred !== null) return no(known.barred.code, known.barred.of);
  const isFull = full(state, no);
  if (isFull !== null) return isFull;
  const free = place?.name ?? nextFree(state);
  if (free === null) {
    const [oldest] = state.toAcknowledge;
    if (oldest !== undefined) return no("ACK_FIRST", oldest);
    const label = state.labels.find(({ slot }) => labelHolds(state, slot));
    return label === undefined ? no("SCAN_NO_SLOT") : no("LABEL_FIRST", label.slot);
  }
  const taken = takenBy(slotNamed(state, free));
  if (taken !== null) return no(taken, free);
  if (labelHolds(state, free)) return no("LABEL_FIRST", free);
  return begin(arm({ ...state, into: null }, free, barcode, null, known), [free]);
}

/** A unit that lies in the tray: only one whose verdict was seen, and was not a pass, runs again where it lies. */
function againIn({ name, state }: SlotView): { code: RefusalCode; of: string } | null {
  if (state.kind !== "ended") return { code: "SCAN_IN_TRAY", of: name };
  if (state.outcome.kind === "PASS") return { code: "SCAN_PASSED", of: "" };
  return state.acknowledged ? null : { code: "ACK_FIRST", of: name };
}

/** Why a chosen slot takes no unit. */
export function takenBy(slot: SlotView | undefined): RefusalCode | null {
  if (slot === undefined) return "SCAN_FORMAT";
  switch (slot.state.kind) {
    case "retired":
      return "SLOT_RETIRED";
    case "armed":
    case "running":
    case "foreign":
      return "SLOT_TAKEN";
    case "ended":
      return slot.state.acknowledged ? null : "ACK_FIRST";
    case "empty":
    case "looking":
    case "board":
    case "unreadable":
      return null;
    default:
      return slot.state satisfies never;
  }
}

/** Every slot gets its unit by its place. Units that passed or want rework are left out: a panel comes
 * back for the others. */
export function placePanel(state: BenchState, code: string, units: readonly PanelUnit[]): Decision {
  const no = (why: RefusalCode, of = ""): Decision => refuse(state, why, code, of);
  const usable = units.filter(({ slot }) => {
    const place = slotNamed(state, slot);
    return place !== undefined && place.state.kind !== "retired" && place.state.kind !== "foreign";
  });
  const barred = usable.find(({ known }) => known.barred !== null)?.known.barred;
  if (barred !== undefined && barred !== null) return no(barred.code, barred.of);
  const other = usable.find(({ known }) => known.otherOrder !== null);
  if (other !== undefined) return no("SCAN_OTHER_ORDER", other.known.otherOrder ?? "");
  const left = usable.filter(({ known }) => !known.passedHere && !known.wantsRework);
  if (left.length === 0)
    return no(usable.some(({ known }) => known.wantsRework) ? "SCAN_REWORK" : "SCAN_PASSED");
  for (const { slot } of left) {
    const taken = takenBy(slotNamed(state, slot));
    if (taken !== null) return no(taken, slot);
    if (labelHolds(state, slot)) return no("LABEL_FIRST", slot);
  }
  const { order } = state;
  const wrong = left.find(({ barcode }) => order !== null && order.barcode?.test(barcode) === false);
  if (wrong !== undefined) return no("SCAN_FORMAT");
  const isFull = full(state, no);
  if (isFull !== null) return isFull;
  const room = state.gate.kind === "wanted" ? 1 : (wanted(state) ?? left.length);
  const chosen = left.slice(0, room);
  const armed = chosen.reduce((at, { slot, barcode, known }) => arm(at, slot, barcode, code, known), state);
  return begin(
    armed,
    chosen.map(({ slot }) => slot),
  );
}

function arm(
  state: BenchState,
  slot: string,
  barcode: string,
  panel: string | null,
  { keeps, failedAs }: KnownUnit,
): BenchState {
  const presence = state.presence.get(slot);
  const chip = presence?.kind === "board" ? presence.chip : null;
  const panels = new Map(state.panels);
  if (panel === null) panels.delete(slot);
  else panels.set(slot, panel);
  const stillThere = new Set(state.stillThere);
  stillThere.delete(slot);
  const before = slotNamed(state, slot);
  // A unit that runs again where it lies keeps its turn.
  const again = before !== undefined && barcodeIn(before) === barcode && state.turns.includes(slot);
  return {
    ...withSlot(state, slot, () => ({ kind: "armed", barcode, chip, keeps })),
    panels,
    failedAs: new Map(state.failedAs).set(slot, failedAs),
    turns: again ? state.turns : [...state.turns.filter((one) => one !== slot), slot],
    stillThere,
    chosen: null,
    gate: state.gate.kind === "wanted" ? { kind: "wanted", by: state.person?.name ?? null } : state.gate,
  };
}

/** Slots that were just scanned start now, or wait for their board, their key or the rest of the tray. */
function begin(state: BenchState, slots: readonly string[]): Decision {
  const { run, start } = state.rules;
  const all = { ...state, waiting: [...state.waiting, ...slots] };
  if (start === "key") return stay(all);
  if (run === "tray") return nextFree(all) === null || wanted(all) === 0 ? startAll(all) : stay(all);
  return start === "insert" ? startPresent(all) : startWaiting(all, slots);
}

/** Starts what waits and lies there; where nobody looks, a scan is all that there is. */
export function startPresent(state: BenchState): Decision {
  const there = state.waiting.filter((slot) => {
    const presence = state.presence.get(slot);
    return presence === undefined || presence.kind === "board";
  });
  return startWaiting(state, there);
}

export const startAll = (state: BenchState): Decision => startWaiting(state, state.waiting);

function startWaiting(state: BenchState, slots: readonly string[]): Decision {
  const units = slots.flatMap((name): Start[] => {
    const slot = slotNamed(state, name);
    return slot?.state.kind === "armed"
      ? [{ slot: name, barcode: slot.state.barcode, panel: state.panels.get(name) ?? null }]
      : [];
  });
  const next = { ...state, waiting: state.waiting.filter((slot) => !slots.includes(slot)) };
  return units.length === 0 ? stay(next) : stay(next, { type: "start", units });
}
