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
import { canLoader } from "./can-rom.ts";
import { connectCan, connectUart, connectUsb } from "./connect.ts";

/** What a slot with a simulated board gives to an attempt; the shape of `Place` without its folder. */
export interface SimPlace {
  readonly clock: Clock;
  readonly connect: (signal: AbortSignal) => Promise<Bootloader>;
  readonly bitRate: number | null;
  readonly wire: Wire;
  readonly portText: string;
}

/** The simulated boards of one station: each barcode is a board of its own, with its own UID and its own flash. */
export interface SimBench {
  place(slot: Slot, barcode: string): SimPlace;
}

export interface SimBenchOptions {
  /** A blank chip of this name with this UID. */
  readonly specOf: (chip: string, uid: Uint8Array) => ChipSpec;
  /** Trouble of one board; the slot's own by default. */
  readonly mishapOf?: (slot: Slot, barcode: string) => Mishap;
}

export function simBench(options: SimBenchOptions): SimBench {
  const mishapOf = options.mishapOf ?? ((slot: Slot): Mishap => slot.mishap);
  const boards = new Map<string, SimBoard>();

  function boardOf(slot: Slot, chip: string, barcode: string): SimBoard {
    const key = `${slot.port.kind === "sim" ? slot.port.wire : ""} ${chip} ${barcode}`;
    const known = boards.get(key);
    if (known !== undefined) {
      known.putBack();
      return known;
    }
    const mishap = mishapOf(slot, barcode);
    const uid = mishap.uid === undefined ? simUid(`${chip} ${barcode}`) : Buffer.from(mishap.uid, "hex");
    const board = simBoard(options.specOf(chip, uid), mishap, () =>
      options.specOf(chip, simUid(`${chip} ${barcode} other`)),
    );
    boards.set(key, board);
    return board;
  }

  return {
    place(slot, barcode) {
      const { port } = slot;
      if (port.kind !== "sim") throw new RangeError(`${portText(port)} is not a simulated board here`);
      const board = boardOf(slot, port.chip, barcode);
      const clock = slot.pace === "real" ? realClock : benchClock();
      return { clock, wire: port.wire, portText: portText(port), ...lineOf(slot, port.wire, board, clock) };
    },
  };
}

function lineOf(
  slot: Slot,
  wire: Wire,
  board: SimBoard,
  clock: Clock,
): Pick<SimPlace, "connect" | "bitRate"> {
  switch (wire) {
    case "uart":
      return { connect: connectUart(board, slot.baud, clock), bitRate: slot.baud };
    case "usb":
      return { connect: connectUsb(board, clock), bitRate: null };
    case "can": {
      const bitRate = workingRate(canLoader(board.chip().spec.family), slot.bitrate);
      return { connect: connectCan(board, slot.bitrate, clock), bitRate };
    }
    default:
      return assertNever(wire);
  }
}

/** 12 bytes that differ from board to board: of a hash, so that a barcode has the same chip in each start. */
export function simUid(name: string): Uint8Array {
  return createHash("sha256").update(`gangflash board ${name}`).digest().subarray(0, 12);
}
