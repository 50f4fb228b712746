import type { Call } from "../model/call.ts";
import { rightsAt, runningCount, slotNamed, type BenchState } from "./bench-state.ts";
import type { LabelDue } from "../model/label.ts";
import { labelCalling } from "./label-step.ts";
import { isDone } from "./log-in.ts";
import { nextFree } from "./place-unit.ts";
import { taughtNext } from "./teach.ts";
import { failureShows } from "./take-key.ts";

/** The first that applies (screens.md, section 1). */
export function callOf(state: BenchState, now: number): Call {
  const running = runningCount(state);
  if (state.stopped !== null) return { kind: "stop", code: state.stopped };
  if (state.leaving > 0 && running > 0) return { kind: "leave", running, stopping: state.leaving === 2 };
  if (state.refused !== null) return { kind: "refused", ...state.refused };
  if (state.question !== null) return { kind: "ask", question: state.question };
  const [oldest] = state.toAcknowledge;
  const failed = oldest === undefined ? undefined : slotNamed(state, oldest);
  if (failureShows(state) && failed?.state.kind === "ended")
    return { kind: "failed", slot: failed.name, outcome: failed.state.outcome };
  return quietCall(state, running, now);
}

/** What is left when nothing is wrong. */
function quietCall(state: BenchState, running: number, now: number): Call {
  const { person, nameGiven, rules, gate, golden, order, teaching } = state;
  if (teaching !== null) {
    const { places } = teaching;
    return { kind: "teach", slot: taughtNext(state, teaching), of: state.slots.length, places };
  }
  if (state.open?.kind === "look-up") return { kind: "look-up" };
  if (gate.kind === "waiting" && running === 0 && nameGiven === null)
    return { kind: "accept", slot: gate.slot, barcode: gate.barcode };
  if (nameGiven !== null) return { kind: "log-in", ask: "pin", name: nameGiven };
  const [notice] = state.toNotice;
  const suspect = notice === undefined ? null : (slotNamed(state, notice)?.suspect ?? null);
  if (notice !== undefined && suspect !== null) return { kind: "suspect", slot: notice, suspect };
  const label = person === null ? undefined : labelCalling(state);
  if (label?.step === "pending") return { kind: "label", ...calling(label) };
  const armed = state.slots.filter(({ state: { kind } }) => kind === "armed").length;
  if (state.paused) return { kind: "paused", running };
  if (label !== undefined) return { kind: "label", ...calling(label) };
  const waits = state.waiting.length;
  if (isDone(state)) {
    const mayClose = person !== null && rightsAt(state).includes("close-order");
    return { kind: "done", failed: state.counts.failed, mayClose };
  }
  if (running > 0 || armed > waits)
    return {
      kind: "running",
      running: running + armed - waits,
      of: usable(state),
      aboutMs: aboutMs(state, now),
    };
  if (person === null) return { kind: "log-in", ask: rules.login === "pin" ? "name" : "badge", name: "" };
  if (order === null) return { kind: "order" };
  if (golden !== null && golden.state !== "good")
    return { kind: "golden", slot: nextFree(state) ?? "", barcode: golden.barcode };
  return scanOrLoad(state, waits);
}

const calling = ({ slot, barcode, step }: LabelDue) => ({ slot, barcode, step });

function scanOrLoad(state: BenchState, armed: number): Call {
  const [only] = state.slots;
  if (state.slots.length === 1 && only?.state.kind === "ended" && only.state.outcome.kind === "PASS")
    return { kind: "passed", slot: only.name };
  const slot = nextFree(state);
  const watched = state.slots.filter(
    ({ name, state: { kind } }) => state.presence.has(name) && kind !== "retired",
  );
  const next = slot === null ? undefined : slotNamed(state, slot);
  // Where boards are seen by themselves, there is nothing to scan before one lies there.
  const empty = next?.state.kind === "empty" && state.presence.has(next.name);
  if (!empty || armed > 0 || state.into !== null) return { kind: "scan", slot, armed };
  const there = watched.filter(({ state: { kind } }) => kind === "board").length;
  const look = watched.flatMap(({ name, state: { kind } }) =>
    kind === "foreign" || kind === "unreadable" ? [name] : [],
  );
  return { kind: "load", found: there, of: watched.length, look };
}

const usable = (state: BenchState): number =>
  state.slots.filter(({ state: { kind } }) => kind !== "retired" && kind !== "foreign").length;

/** Until the last of the running boards is done, by what the last results took; `null` before the first one. */
function aboutMs(state: BenchState, now: number): number | null {
  const typical = typicalMs(state);
  if (typical === null) return null;
  const left = state.slots.flatMap(({ state: slot }) =>
    slot.kind === "running" ? [typical - (now - slot.since)] : [],
  );
  // A board that has taken longer already makes every guess a lie.
  return left.some((ms) => ms <= 0) ? null : Math.max(0, ...left);
}

/** What a board that passes takes: the median of the last ones. */
export function typicalMs(state: BenchState): number | null {
  const took = state.last.filter(({ outcome }) => outcome === "PASS").map(({ ms }) => ms);
  return took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)] ?? null;
}
