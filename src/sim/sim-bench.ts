import { createHash } from "node:crypto";
import { assertNever } from "../lib/assert-never.ts";
import { benchClock } from "../lib/bench-clock.ts";
import { realClock, type Clock } from "../lib/clock.ts";
import type { ChipSpec, Wire } from "../model/family.ts";
import type { Mishap } from "../model/mishap.ts";
import { portText } from "../model/port.ts";
import type { Slot } from "../model/station.ts";
import type { Bootloader } from "../protocol/bootloader.ts";
import { workingRate } from "../protocol/can/rate.ts";
import { simBoard, type SimBoard } from "./board.ts";
import { canLoader } from "./can/can-rom.ts";
import { connectCan, connectUart, connectUsb } from "./connect.ts";

/** What a slot with a simulated board gives to an attempt; the shape of `Place` without its folder. */
export interface SimPlace {
  readonly clock: Clock;
  readonly connect: (signal: AbortSignal) => Promise<Bootloader>;
  readonly bitRate: number | null;
  readonly wire: Wire;
  readonly portText: string;
}

/** Boards that are kept, each with its flash: twice what the largest station has at work. */
const mostBoards = 256;

/**
 * The simulated boards of one station: each barcode is a board of its own, with its own UID and its own flash. One that was
 * not seen for the last 256 boards is blank when it comes back, so that a long shift does not fill the memory.
 */
export interface SimBench {
  place(slot: Slot, barcode: string): SimPlace;
}

export interface SimBenchOptions {
  /** A blank chip of this name with this UID. */
  readonly specOf: (chip: string, uid: Uint8Array) => ChipSpec;
  /** Trouble of one board; the slot's own by default. */
  readonly mishapOf?: (slot: Slot, barcode: string) => Mishap;
  /** Told of each board that is made: who judges an attempt looks into the memory, past every wire. */
  readonly made?: (barcode: string, board: SimBoard) => void;
}

export function simBench(options: SimBenchOptions): SimBench {
  const mishapOf = options.mishapOf ?? ((slot: Slot): Mishap => slot.mishap);
  const boards = new Map<string, SimBoard>();

  function boardOf(slot: Slot, chip: string, barcode: string): SimBoard {
    const key = `${slot.port.kind === "sim" ? slot.port.wire : ""} ${chip} ${barcode}`;
    const known = boards.get(key);
    if (known !== undefined) {
      known.putBack();
      keep(key, known);
      return known;
    }
    const mishap = mishapOf(slot, barcode);
    const uid = mishap.uid === undefined ? simUid(`${chip} ${barcode}`) : Buffer.from(mishap.uid, "hex");
    const board = simBoard(options.specOf(chip, uid), mishap, () =>
      options.specOf(chip, simUid(`${chip} ${barcode} other`)),
    );
    keep(key, board);
    options.made?.(barcode, board);
    return board;
  }

  /** As the newest one. */
  function keep(key: string, board: SimBoard): void {
    boards.delete(key);
    boards.set(key, board);
    const [oldest] = boards.keys();
    if (boards.size > mostBoards && oldest !== undefined) boards.delete(oldest);
  }

  return {
    place(slot, barcode) {
      const { port } = slot;
      if (port.kind !== "sim") throw new RangeError(`${portText(port)} is not a simulated board here`);
      const clock = slot.pace === "real" ? realClock : benchClock();
      // A flash takes a while to make: not for all boards of a gang in one go, before the first of them starts.
      let connect: SimPlace["connect"] | null = null;
      return {
        clock,
        wire: port.wire,
        portText: portText(port),
        bitRate: bitRateOf(slot, port, options.specOf),
        async connect(signal) {
          connect ??= connectOf(slot, port.wire, boardOf(slot, port.chip, barcode), clock);
          return await connect(signal);
        },
      };
    },
  };
}

function bitRateOf(
  slot: Slot,
  { chip, wire }: { readonly chip: string; readonly wire: Wire },
  specOf: SimBenchOptions["specOf"],
): number | null {
  switch (wire) {
    case "uart":
      return slot.baud;
    case "usb":
      return null;
    case "can":
      return workingRate(canLoader(specOf(chip, simUid(chip)).family), slot.bitrate);
    default:
      return assertNever(wire);
  }
}

function connectOf(slot: Slot, wire: Wire, board: SimBoard, clock: Clock): SimPlace["connect"] {
  switch (wire) {
    case "uart":
      return connectUart(board, slot.baud, clock);
    case "usb":
      return connectUsb(board, clock);
    case "can":
      return connectCan(board, slot.bitrate, clock);
    default:
      return assertNever(wire);
  }
}

/** 12 bytes that differ from board to board: of a hash, so that a barcode has the same chip in each start. */
export function simUid(name: string): Uint8Array {
  return createHash("sha256").update(`gangflash board ${name}`).digest().subarray(0, 12);
}
