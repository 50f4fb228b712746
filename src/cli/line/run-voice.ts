import { count } from "../../lib/count.ts";
import { visibleJson } from "../../lib/clean-text.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import type { Printed } from "../../model/label.ts";
import type { AttemptEvent } from "../../model/event.ts";
import type { Order, UnitStart } from "../../station/order.ts";
import type { SlotResult } from "../../station/run-slot.ts";
import type { Running } from "../../station/start-gang.ts";
import { realmOf } from "../../station/order.ts";
import type { Io } from "../io.ts";

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly ms: number;
}

/** What a gang run says while it runs: JSON lines (contract, `run --json`), or a line a unit for people. */
export interface RunVoice {
  began(): void;
  happened(unit: UnitStart, event: AttemptEvent): void;
  ended(unit: Running, result: SlotResult): void;
  /** What became of the label of a unit that passed. */
  labelled(record: AttemptRecord, printed: Printed): void;
  /** Something that people should look at; no outcome hangs on it. */
  warning(text: string): void;
  summary(sum: Summary): void;
}

export function runVoice(io: Io, order: Order, units: readonly UnitStart[]): RunVoice {
  return io.json ? jsonVoice(io, order, units) : plainVoice(io, order, units);
}

function jsonVoice(io: Io, order: Order, units: readonly UnitStart[]): RunVoice {
  const say = (line: object): void => io.out(visibleJson(line));
  // A line a per cent of a step is plenty; each of 2 000 blocks of eight slots is not.
  const told = new Map<string, string>();
  return {
    began() {
      const { batch, profile } = order;
      say({
        type: "run",
        batch,
        profile: profile.name,
        revision: profile.revision,
        slots: units.map(({ slot }) => slot.name),
      });
    },
    happened({ slot }, event) {
      if (event.type === "progress") {
        const { step, done, total } = event;
        const mark = `${step} ${total === 0 ? 100 : Math.floor((100 * done) / total)}`;
        if (told.get(slot.name) === mark) return;
        told.set(slot.name, mark);
        say({ type: "progress", slot: slot.name, step, done, total });
      } else if (event.type === "step") {
        const { step, state } = event;
        say({
          type: "step",
          slot: slot.name,
          step,
          state,
          bytes: state === "start" ? 0 : event.bytes,
          ms: state === "start" ? 0 : Math.round(event.took),
        });
      } else if (event.type === "note") say({ type: "note", slot: slot.name, text: event.text });
    },
    ended(one, result) {
      say({ type: "unit", ...unitLine(order, one, result) });
    },
    labelled({ slot, barcode }, printed) {
      const why = printed.kind === "printed" ? null : printed.why;
      say({ type: "label", slot, barcode, printed: why === null, why });
    },
    warning: (text) => say({ type: "warning", message: text }),
    summary: (sum) => say({ type: "summary", ...sum }),
  };
}

/** The contract's unit line, from the durable record where there is one. */
function unitLine(
  order: Order,
  { unit, serial, attempt }: Running,
  { record, outcome, ms }: SlotResult,
): object {
  return {
    slot: unit.slot.name,
    barcode: unit.barcode,
    serial: record === null ? serial : record.serial,
    uid: record?.uid ?? null,
    chip: record?.chip?.name ?? null,
    outcome: outcome.kind,
    failure: outcome.kind === "PASS" ? null : outcome.failure,
    ms: Math.round(ms),
    attempt: record?.attempt ?? attempt,
    marginal: outcome.kind === "PASS" && outcome.marginal,
    trial: order.trial,
    simulated: realmOf(unit.slot) === "sim",
  };
}

function plainVoice(io: Io, order: Order, units: readonly UnitStart[]): RunVoice {
  const marks = [
    order.trial ? "TRIAL" : "",
    units.some(({ slot }) => realmOf(slot) === "sim") ? "SIMULATED" : "",
  ];
  const width = Math.max(...units.map(({ barcode }) => barcode.length));
  return {
    began() {
      const { batch, profile } = order;
      io.out(
        [
          `batch ${batch}, ${profile.name} revision ${profile.revision}, ${count(units.length, "unit")}`,
          ...marks.filter((m) => m !== ""),
        ].join(", "),
      );
    },
    happened() {},
    ended({ unit, serial }, { record, outcome, ms }) {
      const text = record === null ? serial : record.serial;
      const code =
        outcome.kind === "PASS"
          ? outcome.marginal
            ? "marginal"
            : ""
          : `${outcome.failure.code}: ${outcome.failure.message}`;
      const cells = [
        unit.slot.name.padEnd(4),
        unit.barcode.padEnd(width),
        outcome.kind.padEnd(7),
        `${(ms / 1000).toFixed(1)} s`.padStart(8),
      ];
      io.out([...cells, text ?? "", code].filter((cell) => cell !== "").join("  "));
      if (outcome.kind !== "PASS") io.out(`     ${outcome.failure.detail}`);
    },
    labelled({ barcode }, printed) {
      if (printed.kind === "printed") return;
      io.err(
        `warning: ${barcode} passed and has no label: ${printed.why}. Print it later: gangflash label ${barcode} --label FILE`,
      );
    },
    warning: (text) => io.err(`warning: ${text}`),
    summary({ passed, failed, skipped, ms }) {
      io.out(`${passed} passed, ${failed} failed, ${skipped} skipped in ${(ms / 1000).toFixed(1)} s`);
    },
  };
}
