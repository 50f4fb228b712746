import type { AtWork, Call, StationView } from "../model/view.ts";
import { nextFree } from "./decide.ts";
import { barcodeIn, runningCount, type BenchState } from "./bench-state.ts";

/** What a view adds to the state of the bench. */
export interface ViewFrame {
  readonly station: string;
  readonly rows: number;
  readonly columns: number;
  readonly batch: { readonly id: string; readonly product: string; readonly revision: string };
  readonly mode: StationView["mode"];
  readonly timezone: string | null;
  readonly operator: AtWork | null;
  readonly offered: readonly string[];
}

/** The first that applies (screens.md, section 1). */
export function callOf(state: BenchState, now: number): Call {
  const running = runningCount(state);
  if (state.stopped !== null) return { kind: "stop", code: state.stopped };
  if (state.leaving > 0 && running > 0) return { kind: "leave", running, stopping: state.leaving === 2 };
  if (state.refused !== null) return { kind: "refused", ...state.refused };
  const [oldest] = state.toAcknowledge;
  const failed = state.slots.find(({ name }) => name === oldest);
  if (failed?.state.kind === "ended")
    return { kind: "failed", slot: failed.name, outcome: failed.state.outcome };
  if (state.paused) return { kind: "paused", running };
  const slot = nextFree(state);
  const armed = state.slots.filter(({ state: { kind } }) => kind === "armed").length;
  const full = state.quantity !== null && state.counts.passed >= state.quantity;
  if (full && running === 0) return { kind: "done", failed: state.counts.failed, mayClose: false };
  if (running > 0 || armed > 0)
    return { kind: "running", running: running + armed, of: usable(state), aboutMs: aboutMs(state, now) };
  return { kind: "scan", slot, armed: 0 };
}

const usable = (state: BenchState): number =>
  state.slots.filter(({ state: { kind } }) => kind !== "retired" && kind !== "foreign").length;

/** Until the last of the running boards is done, by what the last results took; `null` before the first one. */
function aboutMs(state: BenchState, now: number): number | null {
  const took = state.last.filter(({ outcome }) => outcome === "PASS").map(({ ms }) => ms);
  if (took.length === 0) return null;
  const typical = took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)] ?? 0;
  const left = state.slots.flatMap(({ state: slot }) =>
    slot.kind === "running" ? [typical - (now - slot.since)] : [],
  );
  // A board that has taken longer already makes every guess a lie.
  return left.some((ms) => ms <= 0) ? null : Math.max(0, ...left);
}

/** Everything that the screen shows. `now` is `performance.now()`, `wall` the time of day. */
export function viewOf(state: BenchState, frame: ViewFrame, now: number, wall: Date): StationView {
  const { batch, ...rest } = frame;
  const used = new Set(state.slots.map(barcodeIn));
  const rate = perHour(state.endedAt);
  const { quantity, counts } = state;
  const left = quantity === null ? null : Math.max(0, quantity - counts.passed);
  return {
    ...rest,
    slots: state.slots,
    batch: {
      ...batch,
      quantity,
      counts,
      perHour: rate,
      endsAt:
        rate === null || left === null || left === 0
          ? null
          : new Date(wall.getTime() + (left / rate) * 3_600_000),
    },
    places: Array.from({ length: frame.rows * frame.columns }, (_, i) => (i < state.slots.length ? i : null)),
    chosen: null,
    run: "pipelined",
    language: "en",
    rights: [],
    call: callOf(state, now),
    panel: null,
    keys: [],
    typing: "code",
    running: runningCount(state),
    last: state.last,
    offered: frame.offered.filter((code) => !used.has(code)),
  };
}

/** Units an hour over the results that are remembered; `null` while there are fewer than eight. */
function perHour(endedAt: readonly number[]): number | null {
  const [first] = endedAt;
  const last = endedAt.at(-1);
  if (first === undefined || last === undefined || endedAt.length < 8 || last - first < 1000) return null;
  return Math.round(((endedAt.length - 1) * 3_600_000) / (last - first));
}
