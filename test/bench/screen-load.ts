import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { takeSeat, type BooksTime } from "./screen-seat.ts";

/** What 64 boards and a scan each 50 ms cost, with a screen or without. */
export interface LoadFigures {
  readonly cpuPercent: number;
  readonly framesPerSecond: number;
  /** Longest time that the event loop stood still, and what 99 % of its turns stayed below. */
  readonly stallMs: number;
  readonly stallP99Ms: number;
  /** Most processor time between two turns: what of a stall no neighbour on this machine and no disk is guilty of. */
  readonly ownStallMs: number;
  /** Longest single call into the records, and their share of the time: the loop stands still in them. */
  readonly recordMs: number;
  readonly recordPercent: number;
  readonly scans: number;
  readonly scansLost: number;
  readonly latestScanMs: number;
  /** Boards at work at the end, and how many were finished meanwhile. */
  readonly running: number;
  readonly ended: number;
}

const slots = 64;
const turnMs = 2;
const scanEveryMs = 50;
const barcode = (n: number): string => `UNIT-${String(n).padStart(6, "0")}`;

function ownStalls(): { readonly stop: () => void; readonly most: () => number } {
  let longest = 0;
  let before = process.threadCpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage();
    longest = Math.max(longest, (user - before.user + system - before.system) / 1000);
    before = { user, system };
  }, turnMs);
  return { stop: () => clearInterval(timer), most: () => longest };
}

/** Runs `slots` boards and keeps them busy; measures for so many seconds. */
export async function loadAtWork(folder: string, withScreen: boolean, seconds: number): Promise<LoadFigures> {
  let frames = 0;
  const due = new Map<string, number>();
  const late: number[] = [];
  const books: BooksTime = { longestMs: 0, sumMs: 0 };
  const seat = await takeSeat({
    folder,
    books,
    rows: 8,
    columns: 8,
    slot: () => 'port: "sim:STM32F405:usb", pace: real',
    kib: 512,
    window: withScreen ? { columns: 160, rows: 50 } : null,
    heard(code, at) {
      const expected = due.get(code);
      if (expected === undefined) return;
      due.delete(code);
      late.push(at - expected);
    },
    // Each frame begins with a synchronized update.
    shown(text) {
      if (text.startsWith("\x1b[?2026h")) frames += 1;
    },
  });
  const { running } = seat;
  let scanned = 0;
  const next = (): void => seat.scan(barcode((scanned += 1)));
  // All boards go in before anything is measured, quicker than the first of them are done: a new one takes some seconds.
  while (running.view().running < slots) {
    next();
    await new Promise((done) => void setTimeout(done, 20));
  }

  const delay = monitorEventLoopDelay({ resolution: 1 });
  const done = (): number => running.view().batch?.counts.seen ?? 0;
  const doneBefore = done();
  Object.assign(books, { longestMs: 0, sumMs: 0 });
  const { stop, most } = ownStalls();
  delay.enable();
  const cpu = process.cpuUsage();
  const before = { frames, scanned };
  const begin = performance.now();
  const scanner = setInterval(() => {
    for (;;) {
      const at = begin + (scanned - before.scanned + 1) * scanEveryMs;
      if (at > performance.now()) return;
      due.set(barcode(scanned + 1), at);
      next();
    }
  }, 5);
  await new Promise((done) => void setTimeout(done, seconds * 1000));
  clearInterval(scanner);
  const wallMs = performance.now() - begin;
  const used = process.cpuUsage(cpu);
  delay.disable();
  stop();
  const figures = {
    cpuPercent: (100 * (used.user + used.system)) / 1000 / wallMs,
    framesPerSecond: (1000 * (frames - before.frames)) / wallMs,
    stallMs: delay.max / 1e6,
    stallP99Ms: delay.percentile(99) / 1e6,
    ownStallMs: most(),
    recordMs: books.longestMs,
    recordPercent: (100 * books.sumMs) / wallMs,
    scans: scanned - before.scanned,
    running: running.view().running,
    ended: done() - doneBefore,
  };
  await new Promise((done) => void setTimeout(done, 1000));
  await seat.leave();
  return { ...figures, scansLost: due.size, latestScanMs: Math.max(0, ...late) };
}
