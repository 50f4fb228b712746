import { setImmediate } from "node:timers/promises";
import { buildJob, dataComplaint, numberSpecs } from "../job/build-job.ts";
import type { Desk, Job } from "../job/job.ts";
import type { Place } from "../job/run-attempt.ts";
import { outside, realClock, type Clock } from "../lib/clock.ts";
import { lease, type Lease } from "../lib/lease.ts";
import type { AttemptHandle } from "../model/attempt.ts";
import type { AttemptEvent } from "../model/event.ts";
import { Fault, toFault } from "../model/fault.ts";
import type { Reservation } from "../model/ledger.ts";
import { portText, wireOf } from "../model/port.ts";
import { dateParts, type DateParts } from "../model/serial.ts";
import type { Books } from "./books.ts";
import { openingOf, realmOf, type Order, type PlaceOf, type UnitStart } from "./order.ts";
import { outcomeOf, recordLost, runSlot, type SlotResult } from "./run-slot.ts";

/** One unit of a gang that runs. */
export interface Running {
  readonly unit: UnitStart;
  readonly serial: string | null;
  /** Number of this attempt for its unit. */
  readonly attempt: number;
  readonly result: Promise<SlotResult>;
}

/** A unit whose data cannot be what the profile asks for: nobody was started. */
export class UnitDataError extends Error {
  readonly unit: UnitStart;

  constructor(unit: UnitStart, message: string) {
    super(message);
    this.name = "UnitDataError";
    this.unit = unit;
  }
}

/** Starts gangs on one bench; slots that name the same bus take turns on it. */
export interface Starter {
  /**
   * Reserves numbers for all units or for none, opens their attempts in the books, and lets them run, each on its own.
   * Throws UnitDataError or what the books say; then nobody runs and no number is spent.
   */
  start(
    units: readonly UnitStart[],
    show: (unit: UnitStart, event: AttemptEvent) => void,
    signal: AbortSignal,
  ): Running[];
}

/**
 * `orderOf`: the order of the moment, asked at each start; it changes while nothing runs, its operator at any time.
 * `served`: told when every unit of a gang has its numbers and its data, before the first attempt is opened.
 */
export function starter(
  orderOf: () => Order,
  books: Books,
  placeOf: PlaceOf,
  served: () => void = () => {},
): Starter {
  const buses = new Map<string, Lease>();
  const busOf = (name: string): Lease => {
    const known = buses.get(name) ?? lease();
    buses.set(name, known);
    return known;
  };

  /** The numbers of each unit, and proof that its data can be laid over the image. */
  function reserve(order: Order, units: readonly UnitStart[], dates: DateParts): Reservation[][] {
    const { profile, base } = order;
    const reserved = books
      .reserveGang(
        units.map(({ slot, barcode }) => ({
          barcode,
          realm: realmOf(slot),
          specs: numberSpecs(profile, dates, barcode),
        })),
      )
      .map((own) => [...own]);
    for (const [i, unit] of units.entries()) {
      const { barcode } = unit;
      const job = buildJob({
        profile,
        base,
        barcode,
        reservations: reserved[i] ?? [],
        dates,
        supply: null,
        table: order.table,
        desk: noDesk,
        irreversible: [],
      });
      const why = dataComplaint(job);
      if (why === null) continue;
      giveBack(units, reserved);
      throw new UnitDataError(unit, why);
    }
    return reserved;
  }

  function giveBack(units: readonly UnitStart[], reserved: readonly (readonly Reservation[])[]): void {
    for (const [i, unit] of units.entries()) books.giveBack(reserved[i] ?? [], realmOf(unit.slot));
  }

  function openOne(
    order: Order,
    unit: UnitStart,
    place: Place,
    reservations: readonly Reservation[],
    at: Date,
  ): AttemptHandle | Fault {
    try {
      const before = books.lastAttempt(unit.barcode, realmOf(unit.slot));
      const reason = unit.reworkReason !== null ? "rework" : before === null ? "first" : "retry";
      return books.unhurried(() =>
        books.openAttempt(openingOf(order, unit, place, reason, at), reservations),
      );
    } catch (error) {
      return recordLost(error);
    }
  }

  /** A place that cannot be made is one slot's trouble: its attempt says so in its own record. */
  function placeFor(order: Order, { slot, barcode }: UnitStart): Place {
    try {
      // What a slot does not say of entry, the product does.
      return placeOf({ ...slot, entry: slot.entry ?? order.profile.entry }, barcode);
    } catch (error) {
      return {
        clock: realClock,
        connect: () => Promise.reject(toFault(error)),
        bitRate: null,
        wire: wireOf(slot.port),
        portText: portText(slot.port),
      };
    }
  }

  async function onItsBus(
    unit: UnitStart,
    run: () => Promise<SlotResult>,
    signal: AbortSignal,
  ): Promise<SlotResult> {
    if (unit.slot.bus === null) return await run();
    let turn: Disposable | null = null;
    try {
      turn = await busOf(unit.slot.bus).take(signal);
    } catch {
      // Interrupted while it waited for its turn: the attempt finds the signal aborted and says so in its record.
    }
    try {
      return await run();
    } finally {
      turn?.[Symbol.dispose]();
    }
  }

  return {
    start(units, show, signal) {
      const order = orderOf();
      const at = new Date();
      const dates = dateParts(at, order.station.timezone);
      const reserved = books.unhurried(() => reserve(order, units, dates));
      try {
        served();
      } catch (error) {
        giveBack(units, reserved);
        throw error;
      }
      const opened = units.map((unit, i) => {
        const place = placeFor(order, unit);
        return { unit, place, handle: openOne(order, unit, place, reserved[i] ?? [], at) };
      });
      // None begins before the books are on the disk, and each in a turn of the event loop of its own: a scan does not
      // wait for a whole tray.
      let turn: Promise<unknown> | null = null;
      return opened.map(({ unit, place, handle }, i): Running => {
        if (handle instanceof Fault) return { unit, serial: null, attempt: 0, result: over(handle) };
        const reservations = reserved[i] ?? [];
        const { profile, base, table, irreversible } = order;
        const { barcode, slot } = unit;
        const desk = deskOf(books, handle, reservations, place.clock);
        const job = buildJob({
          profile,
          base,
          barcode,
          reservations,
          dates,
          supply: slot.supply,
          table,
          desk,
          irreversible,
        });
        const run = (): Promise<SlotResult> =>
          runSlot(job, place, handle, books, (event) => show(unit, event), signal);
        const mine = (turn ?? books.onDisk()).then(() => setImmediate());
        turn = mine;
        const result = mine.then(
          () => onItsBus(unit, run, signal),
          (error: unknown) => over(recordLost(error)),
        );
        return { unit, serial: job.serial?.text ?? null, attempt: handle.attempt, result };
      });
    },
  };
}

/** Nothing was begun, and no record says so. */
const over = (fault: Fault): Promise<SlotResult> =>
  Promise.resolve({ record: null, outcome: outcomeOf(fault), ms: 0 });

/** What an attempt may ask the books; what they cannot do ends the attempt as the station's fault, not the board's. */
function deskOf(
  books: Books,
  handle: AttemptHandle,
  reservations: readonly Reservation[],
  clock: Clock,
): Desk {
  const recording = <T>(ask: () => T): T => {
    try {
      return ask();
    } catch (error) {
      throw recordLost(error);
    }
  };
  return {
    bind: (uid) => recording(() => books.unhurried(() => books.bindUid(handle, uid))),
    async written() {
      recording(() => books.unhurried(() => books.markWritten(handle)));
      try {
        // The disk's time is none of the board's.
        await outside(clock, books.onDisk());
      } catch (error) {
        throw recordLost(error);
      }
    },
    adopt: (series, number, text) =>
      recording(() => {
        const found =
          books.adoptExisting(handle, series, number, text) ?? reservations.find((r) => r.series === series);
        if (found === undefined)
          throw new Fault("SERIAL_OTHER", `${text} was found in the chip and is another unit's`);
        return found;
      }),
  };
}

const noDesk: Job["desk"] = {
  bind: () => {},
  written: () => Promise.resolve(),
  adopt: () => {
    throw new Error("no attempt runs yet");
  },
};
