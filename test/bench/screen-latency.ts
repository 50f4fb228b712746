import { Terminal } from "@xterm/headless";
import { chipSpec } from "../../src/family/table.ts";
import { realClock } from "../../src/lib/clock.ts";
import type { ByteLink } from "../../src/protocol/links.ts";
import { uartBootloader } from "../../src/protocol/uart/uart-bootloader.ts";
import { simBoard } from "../../src/sim/board.ts";
import { simUid } from "../../src/sim/sim-bench.ts";
import { uartChip } from "../../src/sim/uart/uart-chip.ts";
import { simUartLink } from "../../src/sim/uart/uart-link.ts";
import { uartRom } from "../../src/sim/uart/uart-rom.ts";
import type { PlaceOf } from "../../src/station/order.ts";
import { takeSeat, type BooksTime } from "./screen-seat.ts";

/** ms of each unit. */
export interface LatencyFigures {
  /** From the Enter of its scan to its first byte on the wire. */
  readonly toWire: readonly number[];
  /** From its last byte on the wire to its PASS on the screen. */
  readonly toScreen: readonly number[];
  /** What of both the event loop spent in calls into the records, of all eight boards. */
  readonly toWireRecords: readonly number[];
  /** What of it the pulse on the reset line took and the chip needs to start its loader. */
  readonly toWireReset: readonly number[];
  readonly toScreenRecords: readonly number[];
}

/** A moment, and how long calls into the records had taken until then, ms. */
interface Moment {
  readonly at: number;
  readonly records: number;
}

interface Times {
  readonly enter: Moment;
  resetMs: number;
  first: Moment | null;
  last: Moment | null;
  shown: Moment | null;
}

const slots = 8;

/** `units` boards behind serial lines, in a tray of eight that is kept full: a scan each 400 ms. */
export async function latencies(folder: string, units: number): Promise<LatencyFigures> {
  const times = new Map<string, Times>();
  const books: BooksTime = { longestMs: 0, sumMs: 0 };
  const moment = (at = performance.now()): Moment => ({ at, records: books.sumMs });
  const touch = (barcode: string): void => {
    const one = times.get(barcode);
    if (one === undefined) return;
    one.last = moment();
    one.first ??= one.last;
  };

  const placeOf: PlaceOf = (_slot, barcode) => {
    const spec = (name: string) => chipSpec("STM32F405", simUid(name));
    const board = simBoard(spec(barcode), {}, () => spec(`${barcode} other`));
    const baud = 115_200;
    return {
      clock: realClock,
      wire: "uart",
      portText: "sim:STM32F405:uart",
      bitRate: baud,
      async connect(signal) {
        const chip = uartChip(board, uartRom(board.chip().spec.family, baud));
        const line = simUartLink(board, chip, realClock);
        const watched: ByteLink = {
          ...line,
          send(bytes) {
            touch(barcode);
            line.send(bytes);
          },
          async resetToLoader(until) {
            const begin = performance.now();
            const has = await line.resetToLoader(until);
            const one = times.get(barcode);
            if (one?.first === null) one.resetMs += performance.now() - begin;
            return has;
          },
          async receive(count, until) {
            const bytes = await line.receive(count, until);
            touch(barcode);
            return bytes;
          },
        };
        return await uartBootloader(watched, baud, signal);
      },
    };
  };

  const window = { columns: 80, rows: 24 };
  const screen = new Terminal({
    cols: window.columns,
    rows: window.rows,
    allowProposedApi: true,
    convertEol: true,
  });
  const rows = (): string =>
    Array.from(
      { length: window.rows },
      (_, row) => screen.buffer.active.getLine(row)?.translateToString(true) ?? "",
    ).join("\n");
  const seat = await takeSeat({
    folder,
    books,
    rows: 2,
    columns: 4,
    slot: () => 'port: "sim:STM32F405:uart", pace: real',
    kib: 8,
    window,
    heard: () => {},
    placeOf,
    shown(text, at) {
      const then = moment(at);
      screen.write(text, () => {
        // The row of the last results: "LAST  B3 00019 PASS 3 s".
        const now = rows();
        for (const [barcode, one] of times)
          if (one.shown === null && now.includes(` ${barcode.slice(-5)} PASS`)) one.shown = then;
      });
    },
  });
  for (let n = 1; n <= units; n += 1) {
    while (seat.running.view().running >= slots) await wait(50);
    const barcode = `UNIT-${String(n).padStart(5, "0")}`;
    times.set(barcode, { enter: moment(), resetMs: 0, first: null, last: null, shown: null });
    seat.scan(barcode);
    await wait(400);
  }
  const end = performance.now() + 30_000;
  while ([...times.values()].some(({ shown }) => shown === null) && performance.now() < end) await wait(50);
  await seat.leave();
  const found = [...times].map(([barcode, { enter, resetMs, first, last, shown }]) => {
    if (first === null || last === null) throw new Error(`${barcode} never started`);
    if (shown === null) throw new Error(`${barcode}: no PASS on the screen\n${rows()}`);
    return {
      toWire: first.at - enter.at,
      toWireRecords: first.records - enter.records,
      toWireReset: resetMs,
      toScreen: shown.at - last.at,
      toScreenRecords: shown.records - last.records,
    };
  });
  return {
    toWire: found.map((one) => one.toWire),
    toScreen: found.map((one) => one.toScreen),
    toWireRecords: found.map((one) => one.toWireRecords),
    toWireReset: found.map((one) => one.toWireReset),
    toScreenRecords: found.map((one) => one.toScreenRecords),
  };
}

const wait = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));
