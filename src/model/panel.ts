import type { BatchCounts } from "./batch.ts";
import type { Outcome, StepName } from "./event.ts";
import type { Wire } from "./family.ts";
import type { FaultCode } from "./fault.ts";
import type { LedgerState } from "./ledger.ts";
import type { ShareInterval } from "./statistics.ts";

/** What covers the tiles' rows, and nothing else (screens.md, sections 3.7 to 3.15). Facts only: words are the screen's. */
export type Panel =
  | { readonly kind: "fit"; readonly checks: readonly FitCheck[] }
  | { readonly kind: "orders"; readonly orders: readonly OpenOrder[] }
  | { readonly kind: "first-article"; readonly article: FirstArticle }
  | { readonly kind: "complete"; readonly order: CompleteOrder }
  | { readonly kind: "look-up"; readonly board: LookUp }
  | { readonly kind: "numbers"; readonly numbers: Numbers }
  /** Behind F3: everything of this slot; `page` from 1, wraps at the end. */
  | { readonly kind: "details"; readonly slot: string; readonly page: number }
  | { readonly kind: "help" };

/** One line of the station-fit list. */
export interface FitCheck {
  readonly what: "slots" | "disk" | "clock" | "records" | "outbox" | "adapters" | "permissions" | "golden";
  /** `no`: nothing may run. `look`: work goes on and the records say it. */
  readonly state: "yes" | "look" | "no";
  /** Figures by name: `found`, `of`, `retired`, `suspect`; `freeBytes`, `writeMs`; `offsetMs`; `count`, `head`; … */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** An order that is open here. */
export interface OpenOrder {
  readonly id: string;
  readonly product: string;
  readonly profile: string;
  readonly revision: string;
  readonly trial: boolean;
  readonly passed: number;
  /** `null`: open end. */
  readonly quantity: number | null;
}

/** What was wanted of the first article, and what its chip said. */
export interface FirstArticle {
  readonly slot: string;
  readonly barcode: string;
  /** Who made it; somebody else accepts it. */
  readonly madeBy: string;
  readonly rows: readonly GateRow[];
}

export interface GateRow {
  readonly what: "chip" | "image" | "serial" | "field" | "option" | "application" | "verify";
  /** Name of the field or option; "" for the others. */
  readonly name: string;
  /** Of a field in flash. */
  readonly address: number | null;
  readonly wanted: string;
  readonly found: string;
  readonly same: boolean;
}

/** A finished order. */
export interface CompleteOrder {
  readonly id: string;
  readonly product: string;
  readonly revision: string;
  readonly openedAt: Date;
  readonly openedBy: string;
  readonly lastUnitAt: Date | null;
  readonly quantity: number | null;
  readonly counts: BatchCounts;
  /** `null` before the first unit. */
  readonly firstPass: ShareInterval | null;
  /** Most first. */
  readonly failures: readonly { readonly code: FaultCode; readonly units: number }[];
  readonly slots: readonly SlotYield[];
  /** Units that passed after a rework. */
  readonly reworked: number;
  /** Attempts that are void. */
  readonly voided: number;
  readonly serials: {
    readonly committed: number;
    readonly reserved: number;
    readonly void: number;
    readonly first: string | null;
    readonly last: string | null;
  };
  /** Units whose label was printed, and scanned back; `null`: none was printed. */
  readonly labels: { readonly printed: number; readonly confirmed: number } | null;
  /** Slots that are retired now. */
  readonly retired: readonly { readonly slot: string; readonly at: Date }[];
  readonly takt: Takt | null;
  /** Records in the chain and the first digits of its head. */
  readonly records: number;
  readonly head: string;
}

/** A board that is only read (F4). */
export interface LookUp {
  /** `waiting`: the next scan or board is looked up. `failed`: `code` says why. */
  readonly state: "waiting" | "reading" | "read" | "failed";
  readonly code: FaultCode | null;
  /** Share of the board that is read, 0 to 1. */
  readonly done: number;
  /** `null`: looked up by its barcode, no board was read. */
  readonly slot: string | null;
  readonly barcode: string | null;
  readonly uid: string | null;
  readonly chip: string | null;
  readonly unit: {
    readonly product: string;
    readonly revision: string;
    readonly batch: string;
    readonly serial: string | null;
    readonly serialState: LedgerState | null;
  } | null;
  /**
   * What the chip holds now beside what the record of its pass says. `same` is `null`: not readable over this port, or,
   * where something was found, nothing in the books to hold it against.
   */
  readonly inChip: readonly {
    readonly what: "uid" | "chip" | "serial" | "mac" | "image" | "protection";
    readonly same: boolean | null;
    readonly found: string;
  }[];
  readonly life: readonly LifeLine[];
  /** Places of its attempts in our chain of records, oldest first. */
  readonly records: readonly number[];
  /** The first of them whose text is not the one that was hashed; `null`: each is. */
  readonly changed: number | null;
  /** Its records in the books of other stations that were taken in. */
  readonly elsewhere: readonly { readonly station: string; readonly seq: number }[];
  /** The wire that the board was read over; `null`: it was not read. */
  readonly wire: Wire | null;
}

/** Of a board that nothing was read of yet. */
export const unreadBoard: LookUp = {
  state: "waiting",
  code: null,
  done: 0,
  slot: null,
  barcode: null,
  uid: null,
  chip: null,
  unit: null,
  inChip: [],
  life: [],
  records: [],
  changed: null,
  elsewhere: [],
  wire: null,
};

/** One attempt or deed in the life of a unit, oldest first. */
export interface LifeLine {
  /** Number of the attempt; `null`: a deed. */
  readonly attempt: number | null;
  readonly at: Date;
  readonly station: string;
  readonly slot: string | null;
  /** Of an attempt; `null`: a deed. */
  readonly wire: Wire | null;
  readonly by: string;
  readonly outcome: Outcome["kind"] | null;
  /** A fault's code, a kind of deed, or "". */
  readonly remark: string;
}

/** Where the time of one tray goes, ms. */
export interface Takt {
  readonly units: number;
  readonly ms: number;
  readonly load: number;
  readonly scan: number;
  readonly run: number;
  readonly unload: number;
}

export type TaktPart = "load" | "scan" | "run" | "unload";

/** Yield of one slot: first attempts only would hide a bad contact, so every attempt counts. */
export interface SlotYield {
  readonly slot: string;
  readonly passed: number;
  readonly tried: number;
  readonly suspect: boolean;
}

/** Behind F2. */
export interface Numbers {
  readonly perHour: number | null;
  readonly takt: Takt | null;
  /** The longest part of a tray; `null`: not known yet. */
  readonly bottleneck: TaktPart | null;
  /** Median time of each step, longest first, ms. */
  readonly steps: readonly { readonly step: StepName; readonly ms: number }[];
  /** Units that passed in each 10 min, from `from` on. */
  readonly tenMinutes: { readonly from: Date; readonly units: readonly number[] };
  readonly counts: BatchCounts;
  readonly firstPass: ShareInterval | null;
  readonly slots: readonly SlotYield[];
  /** What another way of working would give; `null`: nothing better is known. */
  readonly better: {
    readonly way: "start-each" | "second-tray" | "panel-code";
    readonly perHour: number;
    readonly endsAt: Date | null;
  } | null;
}
