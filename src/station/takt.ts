import type { BatchCounts } from "../model/batch.ts";
import type { StepName } from "../model/event.ts";
import type { SlotCount } from "../model/facts.ts";
import type { Numbers, Takt, TaktPart } from "../model/panel.ts";
import { wilson } from "../model/statistics.ts";
import type { Suspect } from "../model/slot-view.ts";

/** Times of the trays so far; changed only by `observe`. All in ms on one clock. */
export interface TaktState {
  /** When the last tray was done; `null`: before the first. */
  readonly before: number | null;
  /** When the last board of the tray before was taken out, where that is seen. */
  readonly emptied: number | null;
  /** The same of this tray, for the next one. */
  readonly out: number | null;
  readonly firstScan: number | null;
  readonly lastScan: number | null;
  readonly lastEnd: number | null;
  readonly units: number;
  /** The last trays, oldest first. */
  readonly trays: readonly Takt[];
  /** Step times of boards that passed, newest last. */
  readonly steps: readonly (readonly { readonly step: StepName; readonly ms: number }[])[];
  /** Wall times of passes. */
  readonly passedAt: readonly number[];
}

export const noTakt: TaktState = {
  before: null,
  emptied: null,
  out: null,
  firstScan: null,
  lastScan: null,
  lastEnd: null,
  units: 0,
  trays: [],
  steps: [],
  passedAt: [],
};

/** What happened at a time `at`. */
export type TaktHappening =
  | { readonly type: "scanned"; readonly at: number; readonly busy: number }
  | { readonly type: "removed"; readonly at: number }
  | {
      readonly type: "ended";
      readonly at: number;
      readonly wall: number;
      readonly passed: boolean;
      readonly steps: readonly { readonly step: StepName; readonly ms: number }[];
    };

const mostTrays = 10;
const mostSteps = 100;
const mostPasses = 10_000;

/**
 * One tray from the end of the one before to its own: unload until the last board is out, load until the first scan,
 * scan until the last one, run until the last verdict. Where nobody sees boards leave, unload is a part of load. A
 * pause of the hands counts: it is what the tray took.
 */
export function observe(state: TaktState, happening: TaktHappening): TaktState {
  switch (happening.type) {
    case "removed":
      return state.lastEnd === null ? state : { ...state, out: happening.at };
    case "scanned": {
      const over = happening.busy === 0 && state.lastEnd !== null && state.units > 0;
      const now = over ? closed(state) : state;
      return { ...now, firstScan: now.firstScan ?? happening.at, lastScan: happening.at };
    }
    case "ended":
      return {
        ...state,
        lastEnd: happening.at,
        units: state.units + 1,
        steps: happening.passed ? [...state.steps, happening.steps].slice(-mostSteps) : state.steps,
        passedAt: happening.passed ? [...state.passedAt, happening.wall].slice(-mostPasses) : state.passedAt,
      };
    default:
      return happening satisfies never;
  }
}

/** The tray is over with the first scan of the next one: only now it is known that nothing else came. */
function closed(state: TaktState): TaktState {
  const tray = trayOf(state);
  return {
    ...state,
    before: state.lastEnd,
    emptied: state.out,
    out: null,
    firstScan: null,
    lastScan: null,
    lastEnd: null,
    units: 0,
    trays: tray === null ? state.trays : [...state.trays, tray].slice(-mostTrays),
  };
}

function trayOf({ before, emptied, firstScan, lastScan, lastEnd, units }: TaktState): Takt | null {
  if (before === null || firstScan === null || lastScan === null || lastEnd === null) return null;
  const out = emptied !== null && emptied > before && emptied < firstScan ? emptied : before;
  return {
    units,
    ms: lastEnd - before,
    unload: out - before,
    load: firstScan - out,
    scan: Math.min(lastScan, lastEnd) - firstScan,
    run: Math.max(0, lastEnd - lastScan),
  };
}

/** The mean of the last trays, the one that just ended among them; `null` before the second tray. */
export function taktOf(state: TaktState): Takt | null {
  const own = trayOf(state);
  const trays = own === null ? state.trays : [...state.trays, own];
  if (trays.length === 0) return null;
  const mean = (pick: (tray: Takt) => number): number =>
    trays.reduce((sum, tray) => sum + pick(tray), 0) / trays.length;
  return {
    units: mean(({ units }) => units),
    ms: mean(({ ms }) => ms),
    load: mean(({ load }) => load),
    scan: mean(({ scan }) => scan),
    run: mean(({ run }) => run),
    unload: mean(({ unload }) => unload),
  };
}

const parts: readonly TaktPart[] = ["load", "scan", "run", "unload"];

export const bottleneckOf = (takt: Takt): TaktPart =>
  parts.reduce((longest, part) => (takt[part] > takt[longest] ? part : longest));

/** Median of each step over the last boards that passed, longest first. */
function stepMedians(state: TaktState): Numbers["steps"] {
  const times = new Map<StepName, number[]>();
  for (const board of state.steps)
    for (const { step, ms } of board) times.set(step, [...(times.get(step) ?? []), ms]);
  return [...times]
    .map(([step, all]) => ({
      step,
      ms: all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0,
    }))
    .toSorted((a, b) => b.ms - a.ms);
}

const tenMinutes = 600_000;

function perTenMinutes(passedAt: readonly number[], wall: number): Numbers["tenMinutes"] {
  const first = passedAt[0] ?? wall;
  const from = Math.floor(first / tenMinutes) * tenMinutes;
  const units = Array.from({ length: Math.floor((wall - from) / tenMinutes) + 1 }, () => 0);
  for (const at of passedAt) {
    const bin = Math.floor((at - from) / tenMinutes);
    if (bin >= 0 && bin < units.length) units[bin] = (units[bin] ?? 0) + 1;
  }
  return { from: new Date(from), units };
}

export interface NumbersOf {
  readonly counts: BatchCounts;
  readonly slots: readonly SlotCount[];
  readonly suspects: ReadonlyMap<string, Suspect>;
  readonly perHour: number | null;
  /** Units that the order still wants; `null`: open end. */
  readonly left: number | null;
  readonly run: "pipelined" | "tray";
  readonly panels: boolean;
  /** ms since the epoch. */
  readonly wall: number;
}

/** Everything behind F2. */
export function numbersOf(state: TaktState, of: NumbersOf): Numbers {
  const takt = taktOf(state);
  return {
    perHour: of.perHour,
    takt,
    bottleneck: takt === null ? null : bottleneckOf(takt),
    steps: stepMedians(state),
    tenMinutes: perTenMinutes(state.passedAt, of.wall),
    counts: of.counts,
    firstPass: wilson(of.counts.firstPass, of.counts.firstSeen),
    slots: of.slots.map(({ slot, passed, failed }) => ({
      slot,
      passed,
      tried: passed + failed,
      suspect: of.suspects.has(slot),
    })),
    better: takt === null ? null : betterWay(takt, of),
  };
}

/**
 * What another way of working would give with the hands as fast as they are: scanning while boards run already, one
 * code for the whole tray, or a second tray that is loaded while the first one runs. Only a tenth more is worth a word.
 */
function betterWay(takt: Takt, of: NumbersOf): Numbers["better"] {
  const bottleneck = bottleneckOf(takt);
  const hands = takt.load + takt.unload;
  const ways = [
    ...(of.run === "tray" ? [{ way: "start-each", ms: hands + Math.max(takt.scan, takt.run) } as const] : []),
    ...(of.panels || bottleneck !== "scan" ? [] : [{ way: "panel-code", ms: takt.ms - takt.scan } as const]),
    ...(bottleneck === "run"
      ? []
      : [{ way: "second-tray", ms: Math.max(hands, takt.scan + takt.run) } as const]),
  ];
  const best = ways.toSorted((a, b) => a.ms - b.ms)[0];
  if (best === undefined || best.ms <= 0 || best.ms > takt.ms / 1.1) return null;
  const perHour = Math.round((takt.units * 3_600_000) / best.ms);
  if (perHour === 0) return null;
  const endsAt = of.left === null ? null : new Date(of.wall + (of.left / perHour) * 3_600_000);
  return { way: best.way, perHour, endsAt };
}
