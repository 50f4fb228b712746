import { count } from "../lib/count.ts";
/**
 * Why the books cannot be used:
 * - `held`: another gangflash, or another program, has the data folder
 * - `missing`: there is no database to read yet
 * - `older`, `newer`: it belongs to another version of the program
 * - `damaged`: it is not a database, not ours, or its pages or rows do not hold together
 * - `full`: no room left
 * - `unwritable`: rights, a read-only disk, an input/output error, or a disk that does not do as it is told
 * - `conflict`: what was asked contradicts what is in the books; the books are right
 */
export type StoreErrorKind =
  | "held"
  | "missing"
  | "older"
  | "newer"
  | "damaged"
  | "full"
  | "unwritable"
  | "conflict";

/** The books refuse. `message` is a sentence for people; nothing was changed by the call that threw it. */
export class StoreError extends Error {
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.kind = kind;
  }
}

/** Another process has the data folder. Who it is comes from a file beside the lock, so it may be unknown. */
export class StationHeld extends StoreError {
  readonly pid: number | null;
  readonly since: Date | null;

  constructor(folder: string, pid: number | null, since: Date | null) {
    const who = pid === null ? "another gangflash" : `gangflash with process id ${pid}`;
    const when = since === null ? "" : ` since ${since.toISOString()}`;
    super("held", `the data folder ${folder} is in use by ${who}${when}`);
    this.name = "StationHeld";
    this.pid = pid;
    this.since = since;
  }
}

/** A range of numbers cannot serve the whole gang. Nobody got one. */
export class SerialsOut extends StoreError {
  readonly series: string;
  /** Numbers that the range could still give. */
  readonly left: number;
  /** New numbers that this gang needs. */
  readonly wanted: number;

  constructor(series: string, left: number, wanted: number) {
    super(
      "conflict",
      `series ${series}: this gang needs ${count(wanted, "new number")} and ${left} ${left === 1 ? "is" : "are"} left; nobody was started`,
    );
    this.name = "SerialsOut";
    this.series = series;
    this.left = left;
    this.wanted = wanted;
  }
}

/** What is wrong with a row of an import: line of the file, from 1, and the column that says it. */
export interface Refusal {
  readonly line: number;
  readonly key: "number" | "barcode";
  readonly why: string;
}

/** Rows of an import contradict the ledger. Nothing of the file was taken. */
export class ImportRefused extends StoreError {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[]) {
    super("conflict", refusals.map(({ why }) => why).join("; "));
    this.name = "ImportRefused";
    this.refusals = refusals;
  }
}
