import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { steadyHeap } from "../../src/cli/line/steady-heap.ts";
import { openOrder, profileOf, stationOf } from "../../src/cli/order/open-order.ts";
import { benchOf } from "../../src/cli/bench/bench.ts";
import type { OperatorInput } from "../../src/model/view.ts";
import type { PlaceOf } from "../../src/station/order.ts";
import { runStation } from "../../src/station/run-station.ts";
import type { RunningStation } from "../../src/station/running-station.ts";
import { openStore } from "../../src/store/open-store.ts";
import { mountScreen } from "../../src/ui/app.ts";
import { firmware } from "./image.ts";

/** Longest single call into the records, and all of them together, ms: the event loop stands still in them. */
export interface BooksTime {
  longestMs: number;
  sumMs: number;
}

/** A bench of simulated boards with its records on the disk, and an operator's seat in front of it. */
export interface Seat {
  readonly running: RunningStation;
  /** A scanner's burst with its Enter. */
  scan(text: string): void;
  leave(): Promise<void>;
}

export interface SeatOptions {
  readonly folder: string;
  readonly rows: number;
  readonly columns: number;
  /** What the station file says of the slot in this place, from 0, after its name. */
  readonly slot: (place: number) => string;
  readonly kib: number;
  /** Counts up. */
  readonly books: BooksTime;
  /** `null`: nobody looks; scans go to the station all the same. */
  readonly window: { readonly columns: number; readonly rows: number } | null;
  /** The station asks its books about this code: the scan is with it. */
  readonly heard: (barcode: string, at: number) => void;
  /** Each of the screen's writes. */
  readonly shown: (text: string, at: number) => void;
  readonly placeOf?: PlaceOf;
}

const slotNames = (rows: number, columns: number): string[] =>
  Array.from(
    { length: rows * columns },
    (_, i) => `${String.fromCharCode(65 + Math.floor(i / columns))}${(i % columns) + 1}`,
  );

function layOut({ folder, rows, columns, slot, kib }: SeatOptions): { station: string; profile: string } {
  const station = join(folder, "station.yaml");
  const profile = join(folder, "profile.yaml");
  writeFileSync(join(folder, "fw.bin"), firmware(kib * 1024));
  writeFileSync(
    profile,
    "profile: seat\nrevision: A\nproduct: { name: Seat }\nchip: STM32F405\nimages:\n  - { file: fw.bin, at: 0x08000000 }\n" +
      'serial: { series: seat, format: "S-{n:06}", start: 1 }\n',
  );
  const slots = slotNames(rows, columns).map((name, place) => `  - { name: ${name}, ${slot(place)} }\n`);
  writeFileSync(
    station,
    `station: seat\ntray: { rows: ${rows}, columns: ${columns} }\nsupply: 3.3\nslots:\n${slots.join("")}`,
  );
  return { station, profile };
}

function timed<T extends object>(
  store: T,
  books: BooksTime,
  heard: (barcode: string, at: number) => void,
): T {
  return new Proxy(store, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      return (...words: unknown[]): unknown => {
        const begin = performance.now();
        if (key === "lastAttempt") heard(String(words[0]), begin);
        try {
          return Reflect.apply(member, target, words) as unknown;
        } finally {
          const ms = performance.now() - begin;
          books.longestMs = Math.max(books.longestMs, ms);
          books.sumMs += ms;
        }
      };
    },
  });
}

/** Takes everything at once, as a terminal that keeps up. */
function terminal(size: { columns: number; rows: number }, shown: SeatOptions["shown"]) {
  const write = (piece: Buffer, _encoding: string, done: () => void): void => {
    shown(piece.toString(), performance.now());
    done();
  };
  return Object.assign(new Writable({ write }), { ...size, isTTY: true });
}

export async function takeSeat(options: SeatOptions): Promise<Seat> {
  const files = layOut(options);
  const io = {
    out: () => {},
    err: (line: string) => void process.stderr.write(`${line}\n`),
    stdout: process.stdout,
    json: false,
    signal: new AbortController().signal,
  };
  const station = stationOf(files.station);
  const profile = await profileOf(files.profile, io);
  const store = openStore(join(options.folder, "data"), {
    mode: "owner",
    station: station.name,
    timezone: station.timezone,
    toolVersion: "bench",
  });
  const order = openOrder(store, station, profile, "SEAT", "bench");
  const stop = new AbortController();
  const heap = steadyHeap();
  const running = runStation({
    station,
    books: timed(store, options.books, options.heard),
    placeOf: options.placeOf ?? benchOf(() => profile.chip),
    work: { order, quantity: null },
    openWork: null,
    operator: { name: "bench", role: null },
    boards: "real",
    offered: [],
    labels: null,
    peek: null,
    teach: null,
    watch: null,
    readBoard: null,
    findUnit: () => null,
    checks: () => Promise.resolve([]),
    signalled: () => {},
    nextMishap: null,
    signal: stop.signal,
  });
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const send = (input: OperatorInput): void => running.send(input);
  const { window } = options;
  const screen =
    window === null
      ? null
      : mountScreen({
          stdin,
          stdout: terminal(window, options.shown),
          view: () => running.view(),
          subscribe: (changed) => running.subscribe(changed),
          send,
          colour: "256",
        });
  // Nobody looks: the same bytes, read as one scan a line.
  if (screen === null)
    stdin.on("data", (piece: Buffer) => send({ type: "scanned", text: piece.toString().trim() }));
  return {
    running,
    scan: (text) => void stdin.write(`${text}\r`),
    async leave() {
      stop.abort(new Error("the bench is over"));
      await running.left;
      screen?.stop();
      await screen?.done;
      store[Symbol.dispose]();
      heap[Symbol.dispose]();
    },
  };
}
