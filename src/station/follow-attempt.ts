import type { BatchCounts } from "../model/batch.ts";
import type { AttemptEvent, Outcome } from "../model/event.ts";
import { failedTwice, type FaultCode } from "../model/fault.ts";
import type { SlotFacts, SlotState } from "../model/slot-view.ts";
import { barcodeIn, runningCount, slotNamed, withSlot, type BenchState } from "./bench-state.ts";
import { stay, type Decision, type Effect } from "./decision.ts";

/** What one attempt came to. */
export interface AttemptOver {
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

const mostLast = 8;
const mostTimes = 64;

/** `expectedMs`: what boards took before it; `null`: nothing is known yet. */
export function started(
  slot: SlotState,
  serial: string | null,
  at: number,
  expectedMs: number | null,
): SlotState {
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
    expectedMs,
    stopping: false,
  };
}

export function happened(slot: SlotState, event: AttemptEvent): SlotState {
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

/** A verdict stays in its place until the board leaves or the next scan takes it. */
export function ended(state: BenchState, over: AttemptOver): Decision {
  const place = slotNamed(state, over.slot);
  const before = place?.state;
  const barcode = place === undefined ? null : barcodeIn(place);
  if (place === undefined || before === undefined || barcode === null) return stay(state);
  const { serial, ms, facts } = over;
  const outcome = twice(over.outcome, state.failedAs.get(over.slot) ?? null);
  const retries = before.kind === "running" ? before.retries : 0;
  const good = outcome.kind === "PASS" || outcome.kind === "SKIPPED";
  const closed = withSlot(state, over.slot, () => ({
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
    counts: over.counts,
    gate: gateAfter(state, over.slot, barcode, outcome),
    toAcknowledge: good ? closed.toAcknowledge : [...closed.toAcknowledge, over.slot],
    stillThere: afterEnd(state, over.slot, outcome),
    // What needs hands closes any open view.
    open: good ? closed.open : null,
    last: [{ slot: over.slot, barcode, outcome: outcome.kind, code, ms, retries }, ...closed.last].slice(
      0,
      mostLast,
    ),
    endedAt: [...closed.endedAt, over.at].slice(-mostTimes),
    // A record that cannot be written stops the station: nothing more is begun.
    stopped: code === "RECORD_FAILED" ? "RECORDS_LOST" : closed.stopped,
  };
  const idle = runningCount(next) === 0;
  const effects: Effect[] = [];
  if (idle && (next.leaving === 2 || next.abandoned)) effects.push({ type: "leave" });
  return { state: { ...next, leaving: idle && next.leaving === 1 ? 0 : next.leaving }, effects };
}

/** A board that did not pass stays in its loader, so that its leaving will be seen. */
function afterEnd(state: BenchState, slot: string, outcome: Outcome): ReadonlySet<string> {
  const there = new Set(state.stillThere);
  if (outcome.kind !== "PASS" && state.presence.get(slot)?.kind === "board") there.add(slot);
  return there;
}

/** The second time in a row with the same code another try is no help. ERROR and ABORTED say nothing of the board. */
function twice(outcome: Outcome, before: FaultCode | null): Outcome {
  if (outcome.kind !== "FAIL" && outcome.kind !== "TIMEOUT") return outcome;
  const { failure } = outcome;
  return failure.code === before ? { ...outcome, failure: { ...failure, message: failedTwice } } : outcome;
}

function gateAfter(state: BenchState, slot: string, barcode: string, outcome: Outcome): BenchState["gate"] {
  const { gate } = state;
  if (gate.kind !== "wanted" || outcome.kind !== "PASS") return gate;
  return { kind: "waiting", slot, barcode, madeBy: gate.by ?? "" };
}
