import { chipSpec, chipTable } from "../../src/family/table.ts";
import { baseOf, buildJob } from "../../src/job/build-job.ts";
import type { Desk, Job } from "../../src/job/job.ts";
import { runAttempt, type Place } from "../../src/job/run-attempt.ts";
import { benchClock, type BenchClock } from "../../src/lib/bench-clock.ts";
import { deadline } from "../../src/lib/deadline.ts";
import type { AttemptEvent, Outcome } from "../../src/model/event.ts";
import { Fault } from "../../src/model/fault.ts";
import type { ChipSpec, DeviceFamily, Wire } from "../../src/model/family.ts";
import type { Mishap } from "../../src/model/mishap.ts";
import type { Profile } from "../../src/model/profile.ts";
import { dateParts } from "../../src/model/serial.ts";
import { canBootloader } from "../../src/protocol/can/can-bootloader.ts";
import { workingRate } from "../../src/protocol/can/rate.ts";
import { dfuBootloader } from "../../src/protocol/dfu/dfu-bootloader.ts";
import type { ByteLink, ControlLink, FrameLink } from "../../src/protocol/links.ts";
import { uartBootloader } from "../../src/protocol/uart/uart-bootloader.ts";
import { simBoard, type SimBoard } from "../../src/sim/board.ts";
import { canBus } from "../../src/sim/can/can-bus.ts";
import { simCanLink } from "../../src/sim/can/can-link.ts";
import { canLoader } from "../../src/sim/can/can-rom.ts";
import { canBoard } from "../../src/sim/connect.ts";
import { dfuChip, type DfuChip } from "../../src/sim/dfu/dfu-chip.ts";
import { dfuRom } from "../../src/sim/dfu/dfu-rom.ts";
import { uartChip } from "../../src/sim/uart/uart-chip.ts";
import { simUartLink } from "../../src/sim/uart/uart-link.ts";
import { uartRom } from "../../src/sim/uart/uart-rom.ts";
import { simUsbLink, whenAttached } from "../../src/sim/dfu/usb-link.ts";
import { must } from "./random.ts";
import { optionFields, profileOf, wrongInMemory, type Recipe, type UnitNumber } from "./recipe.ts";

export const never = new AbortController().signal;
export const baud = 115_200;
const canBitrate = 500_000;
export const uid = Uint8Array.from({ length: 12 }, (_, i) => 0x41 + i);

/** A hand on the wire: stands between the station and the simulated board. */
export interface Tamper {
  uart?(link: ByteLink): ByteLink;
  usb?(link: ControlLink): ControlLink;
  can?(link: FrameLink): FrameLink;
  /** Before each opening of the port; may reject. */
  opening?(signal: AbortSignal): Promise<void> | void;
}

/** One board in one slot, and its bench time. */
export interface Seat {
  readonly board: SimBoard;
  readonly clock: BenchClock;
  readonly wire: Wire;
  /** Taken out and put in again: power off and on. */
  replug(): void;
  place(tamper?: Tamper): Place;
  /** Links that were opened and not closed again. */
  openLinks(): number;
}

export interface SeatOptions {
  readonly mishap?: Mishap;
  readonly clock?: BenchClock;
  readonly uid?: Uint8Array;
  /** Looks at, or fills, the board that is swapped in. */
  readonly spareUid?: Uint8Array;
}

export function seat(chipName: string, wire: Wire, options: SeatOptions = {}): Seat {
  const clock = options.clock ?? benchClock();
  const own = options.uid ?? uid;
  const board = simBoard(specOf(chipName, own), options.mishap, () =>
    specOf(chipName, options.spareUid ?? own.toReversed()),
  );
  const { family } = board.chip().spec;
  const dfu: DfuChip | null = wire === "usb" ? dfuChip(board, dfuRom(family), clock) : null;
  const bus = wire === "can" ? canBus(clock) : null;
  const onBus = bus === null ? null : canBoard(board, bus);
  let open = 0;

  function counted<T extends AsyncDisposable>(link: T): T {
    open += 1;
    let closed = false;
    return {
      ...link,
      async [Symbol.asyncDispose]() {
        if (!closed) open -= 1;
        closed = true;
        await link[Symbol.asyncDispose]();
      },
    };
  }

  return {
    board,
    clock,
    wire,
    openLinks: () => open,
    replug() {
      board.putBack();
      dfu?.reset();
      onBus?.reset();
    },
    place: (tamper = {}) => ({
      clock,
      wire,
      bitRate: bitRateOf(wire, family),
      portText: `sim:${chipName}:${wire}`,
      async connect(signal) {
        await tamper.opening?.(signal);
        if (bus !== null) {
          const link = simCanLink(bus);
          const { bitrate: startBitrate, dataBitrate: fd } = canLoader(family);
          const rates = { startBitrate, bitrate: canBitrate, fd };
          return await canBootloader(counted(tamper.can?.(link) ?? link), rates, signal);
        }
        if (dfu === null) {
          const link = simUartLink(board, uartChip(board, uartRom(board.chip().spec.family, baud)), clock);
          return await uartBootloader(counted(tamper.uart?.(link) ?? link), baud, signal);
        }
        using limit = deadline(clock, signal, 60_000, () => new Fault("BOARD_NOT_BACK", "not on the bus"));
        await whenAttached(dfu, limit.signal);
        const link = simUsbLink(dfu, clock);
        return await dfuBootloader(counted(tamper.usb?.(link) ?? link), signal);
      },
    }),
  };
}

function bitRateOf(wire: Wire, family: DeviceFamily): number | null {
  if (wire === "can") return workingRate(canLoader(family), canBitrate);
  return wire === "uart" ? baud : null;
}

export const openDesk: Desk = {
  bind: () => {},
  written: () => Promise.resolve(),
  adopt: (series, number, text) => ({ series, number, text, state: "written" }),
};

export const unitSeven: UnitNumber = { number: 7, text: "V60-00007" };

const dates = dateParts(new Date("2026-11-23T06:00:00.000Z"), "Europe/Berlin");
const profiles = new WeakMap<Recipe, Profile>();
const specs = new Map<string, ChipSpec>();

/** Thousands of boards are made of a handful of chips. */
function specOf(chip: string, own: Uint8Array): ChipSpec {
  const key = `${chip} ${Buffer.from(own).toString("hex")}`;
  const known = specs.get(key) ?? chipSpec(chip, own);
  specs.set(key, known);
  return known;
}

export function jobOf(one: Recipe, unit: UnitNumber = unitSeven, desk: Desk = openDesk): Job {
  const profile = profiles.get(one) ?? profileOf(one);
  profiles.set(one, profile);
  return buildJob({
    profile,
    base: baseOf(profile),
    barcode: "UNIT-0007",
    reservations:
      profile.serial === null ? [] : [{ ...unit, series: profile.serial.series, state: "reserved" }],
    dates,
    supply: 3.3,
    table: chipTable,
    desk,
    irreversible: profile.irreversible,
  });
}

export interface Ended {
  readonly outcome: Outcome;
  /** `PASS`, `PASS marginal`, or the code of the failure. */
  readonly word: string;
  readonly detail: string;
  /** What the operator is told. */
  readonly say: string;
  readonly events: readonly AttemptEvent[];
  /** Bench time of its end. */
  readonly at: number;
  /** What is wrong in the chip's memory now; `null`: nothing. */
  readonly wrong: string | null;
}

export interface RunOptions {
  readonly tamper?: Tamper;
  readonly signal?: AbortSignal;
  /** Called at each event, before the attempt goes on. */
  readonly at?: (event: AttemptEvent) => void;
  /** Option fields that the judge goes by, where they are not those of the start. */
  readonly before?: ReadonlyMap<string, number>;
  /** Said when a promise is broken. */
  readonly what?: string;
}

/**
 * One attempt, and what every attempt owes whatever happens to it: one verdict, at its end, every link closed, and a
 * PASS only over a memory that is right.
 */
export async function attempt(
  place: Seat,
  one: Recipe,
  {
    tamper,
    signal = new AbortController().signal,
    at,
    before = optionFields(place.board),
    what = "",
  }: RunOptions = {},
): Promise<Ended> {
  const events: AttemptEvent[] = [];
  for await (const event of runAttempt(jobOf(one), place.place(tamper), signal)) {
    events.push(event);
    at?.(event);
  }
  const verdicts = events.filter((event) => event.type === "ended");
  const last = events.at(-1);
  if (verdicts.length !== 1 || last?.type !== "ended")
    throw new Error(`${what}: ${verdicts.length} verdicts, the last event is ${last?.type}`);
  const { outcome } = last;
  must(place.openLinks() === 0, `${what}: ${place.openLinks()} links left open`);
  const wrong = wrongInMemory(place.board, one, unitSeven, before);
  must(outcome.kind !== "PASS" || wrong === null, `${what}: false PASS, ${wrong}`);
  return {
    outcome,
    word: outcome.kind === "PASS" ? (outcome.marginal ? "PASS marginal" : "PASS") : outcome.failure.code,
    detail: outcome.kind === "PASS" ? "" : outcome.failure.detail,
    say: outcome.kind === "PASS" ? "" : outcome.failure.message,
    events,
    at: place.clock.now(),
    wrong,
  };
}

export const passed = ({ outcome }: Ended): boolean => outcome.kind === "PASS";
