import type { Deadlines, FlashTimes } from "../model/family.ts";
import type { DeviceFacts, TimingFacts } from "./facts.ts";

/**
 * Expected times where no source gives a figure (U3, WBA, H5, C5, H7RS, H7A3): those of a 2 KiB page of the L4 class,
 * the slowest of the page-wise parts. They feed estimates and simulated chips; limits stand in `timeouts`.
 */
const unknown: TimingFacts = {
  erase: [{ bytes: null, typMs: 22, maxMs: 100, widthBytes: null }],
  mass: null,
  program: { bytes: 16, typUs: 118 },
};

/** Typical time of one flash word where a family's timings leave it open (H7), µs. */
const wordUs = 200;

type EraseRow = FlashTimes["erase"][number];

/** Sizes of every erase unit in any layout, smallest first. */
function unitSizes(facts: DeviceFacts): number[] {
  const runs = facts.layouts.flatMap((layout) => layout.banks.flatMap((bank) => bank.sectors));
  return [...new Set(runs.map((run) => run.size))].sort((a, b) => a - b);
}

/**
 * A size without a row of its own takes the next larger one's worst time, and as much of its typical time as its size
 * is of the larger size; above the largest row both grow with the size.
 */
function rowsFor(size: number, timing: TimingFacts): EraseRow[] {
  const own = timing.erase.filter((row) => row.bytes === null || row.bytes === size);
  if (own.length > 0) return own.map(({ typMs, maxMs, widthBytes }) => ({ size, typMs, maxMs, widthBytes }));
  const sized = timing.erase
    .flatMap((row) => (row.bytes === null ? [] : [{ ...row, bytes: row.bytes }]))
    .sort((a, b) => a.bytes - b.bytes);
  const near = sized.find((row) => row.bytes > size) ?? sized.at(-1);
  if (near === undefined) return [];
  const part = size / near.bytes;
  return [
    { size, typMs: near.typMs * part, maxMs: near.maxMs * Math.max(1, part), widthBytes: near.widthBytes },
  ];
}

/** What the flash takes, from the family's timings or what stands in for them. */
export function flashTimes(facts: DeviceFacts, timing: TimingFacts | null): FlashTimes {
  const { mass, program } = timing ?? unknown;
  const erase = unitSizes(facts).flatMap((size) => rowsFor(size, timing ?? unknown));
  const banks = mass?.perBank === true ? Math.max(...facts.layouts.map((layout) => layout.banks.length)) : 1;
  // Without a mass erase of its own, a whole chip is as many units as its largest layout has.
  const units = Math.max(...facts.layouts.map(unitCount));
  const slowest = (pick: (row: EraseRow) => number): number => Math.max(...erase.map(pick));
  const massMaxMs = mass === null ? units * slowest((row) => row.maxMs) : mass.maxMs * banks;
  const massTypMs = mass === null ? units * slowest((row) => row.typMs) : (mass.typMs ?? mass.maxMs) * banks;
  return {
    erase,
    massTypMs: Math.min(massTypMs, facts.timeouts.unprotectMs / 2),
    massMaxMs: Math.min(massMaxMs, facts.timeouts.unprotectMs),
    programBytes: timing === null ? facts.flash.programBytes : program.bytes,
    programTypUs: program.typUs ?? wordUs,
  };
}

function unitCount(layout: DeviceFacts["layouts"][number]): number {
  return layout.banks.reduce((sum, bank) => sum + bank.sectors.reduce((n, run) => n + run.count, 0), 0);
}

/** Host limits: those of the table; each unit more in one command gets the worst time of any unit. */
export function deadlinesOf(facts: DeviceFacts, times: FlashTimes): Deadlines {
  const { eraseUnitMs, massEraseMs, writeBlockMs, unprotectMs } = facts.timeouts;
  return {
    eraseUnitMs,
    nextUnitMs: Math.ceil(Math.max(...times.erase.map((row) => row.maxMs))),
    massEraseMs: massEraseMs ?? unprotectMs,
    writeBlockMs,
    unprotectMs,
  };
}
