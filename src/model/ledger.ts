import type { SerialPolicy } from "./profile.ts";

/**
 * States of a number in the serial ledger (product.md, rule 7). `returned`: no byte of it ever left the station, so
 * the next reservation may take it.
 */
export type LedgerState = "reserved" | "written" | "committed" | "void" | "returned";

const moves: Readonly<Record<LedgerState, readonly LedgerState[]>> = {
  reserved: ["written", "void", "returned", "reserved"],
  // A written number that comes back with its unit is written again, and stays the unit's.
  written: ["written", "committed", "void"],
  committed: ["written", "committed", "void"],
  void: [],
  returned: ["reserved"],
};

export function mayMove(from: LedgerState | null, to: LedgerState): boolean {
  return from === null ? to === "reserved" || to === "written" : moves[from].includes(to);
}

/** A number held for one unit, durably, before the first byte leaves. */
export interface Reservation {
  readonly series: string;
  readonly number: number;
  /** The text that goes into the chip and onto the label. */
  readonly text: string;
  readonly state: LedgerState;
}

/** Simulated boards take their numbers from a shadow of the series, and are never the line's units. */
export type Realm = "line" | "sim";

/** One kind of number that a unit needs: its serial number, or its MAC address. */
export interface NumberSpec {
  /** Which of the unit's numbers stands in the record as `serial`. */
  readonly kind: "serial" | "mac";
  readonly series: string;
  readonly start: number;
  /** Last number, itself included; `null`: no end. */
  readonly end: number | null;
  /** The text of a number, different for each. */
  readonly text: (n: number) => string;
  readonly policy: SerialPolicy;
}

export interface NumberRequest {
  readonly barcode: string;
  readonly realm: Realm;
  readonly specs: readonly NumberSpec[];
}
