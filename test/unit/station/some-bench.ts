import type { KnownUnit } from "../../../src/station/place-unit.ts";
import type { Outcome } from "../../../src/model/event.ts";
import { faults, type FaultCode } from "../../../src/model/fault.ts";
import { emptyBench, type BenchState } from "../../../src/station/bench-state.ts";
import { callOf } from "../../../src/station/call.ts";
import { decide, type Input } from "../../../src/station/decide.ts";
import type { Effect } from "../../../src/station/decision.ts";

export const counts = { passed: 0, failed: 0, seen: 0, firstPass: 0, firstSeen: 0, marginal: 0 };

export function emptyTray(
  names: readonly string[],
  more: Partial<BenchState> = {},
  quantity: number | null = null,
): BenchState {
  return {
    ...emptyBench,
    slots: names.map((name) => ({
      name,
      port: `sim:STM32F405:uart`,
      state: { kind: "empty" },
      suspect: null,
    })),
    person: { name: "A. Novak", role: null },
    order: {
      id: "WO-1",
      product: "VESC 60",
      revision: "C",
      quantity,
      limit: null,
      barcode: /^UNIT-[0-9]{4}$/u,
    },
    ...more,
  };
}

/** Lets things come to the bench one after another; answers with its state and all effects so far. */
export function bench(state: BenchState) {
  const effects: Effect[] = [];
  let at = state;
  const self = {
    come(...inputs: Input[]) {
      for (const input of inputs) {
        const decision = decide(at, input);
        at = decision.state;
        effects.push(...decision.effects);
      }
      return self;
    },
    state: () => at,
    slot: (name: string) => at.slots.find((slot) => slot.name === name)?.state,
    call: () => callOf(at, 0),
    started: () =>
      effects.flatMap((effect) =>
        effect.type === "start" ? effect.units.map(({ slot, barcode }) => `${slot}=${barcode}`) : [],
      ),
    effects,
  };
  return self;
}

/** A unit that the books do not know. */
export const known: KnownUnit = {
  passedHere: false,
  otherOrder: null,
  keeps: null,
  failedAs: null,
  wantsRework: false,
  barred: null,
};

export const scan = (text: string, passedHere = false, otherOrder: string | null = null): Input => ({
  type: "scanned",
  text,
  typed: false,
  scan: { kind: "unit", barcode: text, known: { ...known, passedHere, otherOrder } },
});
export const started = (slot: string, serial: string | null = null): Input => ({
  type: "started",
  slot,
  serial,
  at: 0,
});
export const pass: Outcome = { kind: "PASS", marginal: false };
export const failed = (code: FaultCode): Outcome => ({
  kind: faults[code].verdict,
  failure: { code, message: faults[code].say, detail: "" },
});
export const ended = (slot: string, outcome: Outcome, passed = 0): Input => ({
  type: "ended",
  slot,
  outcome,
  serial: "T-1",
  ms: 1000,
  facts: { uid: null, chip: null, steps: [] },
  counts: { ...counts, passed },
  at: 0,
});
