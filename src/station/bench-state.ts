import type { BatchCounts } from "../model/batch.ts";
import type { BenchRules } from "../model/bench-rules.ts";
import type { FaultCode } from "../model/fault.ts";
import type { LookUp } from "../model/panel.ts";
import { rightsOf, type Right } from "../model/person.ts";
import type { Question } from "../model/call.ts";
import type { RefusalCode, StopCode } from "../model/refusal.ts";
import type { SlotState, SlotView } from "../model/slot-view.ts";
import type { BenchLabel } from "./label-step.ts";
import type { Teaching } from "./teach.ts";
import type { AtWork, LastResult } from "../model/view.ts";

/** What is seen at a slot's port by itself; a slot that nobody watches has none. */
export type Presence =
  | { readonly kind: "none" }
  | { readonly kind: "looking" }
  | { readonly kind: "board"; readonly chip: string | null }
  | { readonly kind: "foreign"; readonly name: string }
  | { readonly kind: "unreadable" };

/** The first article of an order. `open`: every unit may run. */
export type Gate =
  | { readonly kind: "open" }
  /** One unit may run: the first article. `by`: who started it. */
  | { readonly kind: "wanted"; readonly by: string | null }
  | {
      readonly kind: "waiting";
      readonly slot: string;
      readonly barcode: string;
      readonly madeBy: string;
    };

/** A view that covers the tiles because somebody asked for it. */
export type OpenView =
  | { readonly kind: "help" }
  | { readonly kind: "numbers" }
  | { readonly kind: "details"; readonly slot: string; readonly page: number }
  | { readonly kind: "look-up"; readonly board: LookUp };

export interface Golden {
  readonly barcode: string;
  readonly state: "due" | "reading" | "good" | "bad";
}

/** What is made: fixed while an order is open. */
export interface OpenedOrder {
  readonly id: string;
  readonly product: string;
  readonly revision: string;
  /** Units wanted; `null`: open end. */
  readonly quantity: number | null;
  /** Most units that the profile lets pass in one order; `null`: no limit. */
  readonly limit: number | null;
  readonly barcode: RegExp | null;
}

/** The tray and everything that the rules of the bench look at: a value, changed only by `decide`. */
export interface BenchState {
  readonly rules: Pick<BenchRules, "login" | "run" | "start">;
  readonly slots: readonly SlotView[];
  /** By slot; a slot that is not watched is not in it. */
  readonly presence: ReadonlyMap<string, Presence>;
  /** Slots with a result whose device was seen since, so that its leaving is the board's. */
  readonly stillThere: ReadonlySet<string>;
  /** `null`: nobody is logged in. */
  readonly person: AtWork | null;
  /** A name that waits for its PIN. */
  readonly nameGiven: string | null;
  /** `null`: no order is open. */
  readonly order: OpenedOrder | null;
  /** Orders are opened by their code, so that the station stays when one is closed. */
  readonly ordersByCode: boolean;
  readonly counts: BatchCounts;
  readonly gate: Gate;
  readonly golden: Golden | null;
  readonly refused: { readonly code: RefusalCode; readonly barcode: string; readonly of: string } | null;
  readonly question: Question | null;
  readonly open: OpenView | null;
  /** Ctrl-C was pressed so many times while boards ran. */
  readonly leaving: 0 | 1 | 2;
  readonly paused: boolean;
  /** Nobody is at the screen any more: what runs is finished, nothing is begun. */
  readonly abandoned: boolean;
  /** Why the station is not fit; `null`: it is. */
  readonly stopped: StopCode | null;
  /** Slots that are scanned and wait for their start, in the order of their scans. */
  readonly waiting: readonly string[];
  /** Panel code of a slot's unit, until it starts. */
  readonly panels: ReadonlyMap<string, string>;
  /** How the unit of a slot failed before this attempt. */
  readonly failedAs: ReadonlyMap<string, FaultCode | null>;
  /** Slots in the order in which they last got a unit, the longest ago first: results are replaced in this order. */
  readonly turns: readonly string[];
  /** A slot's code was scanned: the next unit goes there. */
  readonly into: string | null;
  /** Teach-in runs: ports are given to slots. */
  readonly teaching: Teaching | null;
  /** The station has a file that a map can be written to. */
  readonly teachable: boolean;
  /** A rehearsal whose F8 plans trouble: what it planned for the next board, "" for none. `null`: no rehearsal. */
  readonly planned: string | null;
  /** Chosen with the arrows. */
  readonly chosen: string | null;
  /** F7: the next code is typed. */
  readonly typing: boolean;
  /** Slots whose verdict wants Enter, oldest first. */
  readonly toAcknowledge: readonly string[];
  /** Slots that became suspect and were not seen to be, oldest first. */
  readonly toNotice: readonly string[];
  /** Labels of units that passed which are not done with, oldest first. */
  readonly labels: readonly BenchLabel[];
  /** Newest first. */
  readonly last: readonly LastResult[];
  /** Times of results in this session, ms since its start, oldest first. */
  readonly endedAt: readonly number[];
}

/** A bench with nothing on it. */
export const emptyBench: BenchState = {
  rules: { login: "none", run: "pipelined", start: "enter" },
  slots: [],
  presence: new Map(),
  stillThere: new Set(),
  person: null,
  nameGiven: null,
  order: null,
  ordersByCode: false,
  counts: { passed: 0, failed: 0, seen: 0, firstPass: 0, firstSeen: 0, marginal: 0 },
  gate: { kind: "open" },
  golden: null,
  refused: null,
  question: null,
  open: null,
  leaving: 0,
  paused: false,
  abandoned: false,
  stopped: null,
  waiting: [],
  panels: new Map(),
  failedAs: new Map(),
  turns: [],
  into: null,
  teaching: null,
  teachable: false,
  planned: null,
  chosen: null,
  typing: false,
  toAcknowledge: [],
  toNotice: [],
  labels: [],
  last: [],
  endedAt: [],
};

export function rightsAt({ person }: BenchState): readonly Right[] {
  return person === null ? [] : rightsOf(person.role);
}

function isRunning(slot: SlotView): boolean {
  return slot.state.kind === "running";
}

export function runningCount(state: BenchState): number {
  return state.slots.filter(isRunning).length;
}

/** Boards that run or are about to. */
export function busyCount(state: BenchState): number {
  return state.slots.filter((slot) => isRunning(slot) || slot.state.kind === "armed").length;
}

/** The barcode that a place holds, or `null`. */
export function barcodeIn({ state }: SlotView): string | null {
  switch (state.kind) {
    case "armed":
    case "running":
    case "ended":
      return state.barcode;
    case "empty":
    case "looking":
    case "unreadable":
    case "board":
    case "foreign":
    case "retired":
      return null;
    default:
      return state satisfies never;
  }
}

export function slotNamed(state: BenchState, name: string): SlotView | undefined {
  return state.slots.find((slot) => slot.name === name);
}

export function withSlot(
  state: BenchState,
  name: string,
  change: (slot: SlotState) => SlotState,
): BenchState {
  return {
    ...state,
    slots: state.slots.map((slot) => (slot.name === name ? { ...slot, state: change(slot.state) } : slot)),
  };
}

/** A place without a unit: what its port shows. */
export function bare(state: BenchState, name: string): SlotState {
  const presence = state.presence.get(name);
  return presence === undefined || presence.kind === "none" ? { kind: "empty" } : presence;
}
