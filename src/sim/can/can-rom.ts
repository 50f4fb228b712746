import type { CanLoader, DeviceFamily } from "../../model/family.ts";

/**
 * A classic loader as data (AN3154; protocols/can-an3154.md, part A). Where the sheet says UNCONFIRMED, or sources differ,
 * each reading is a value here.
 */
export interface CanRom {
  readonly version: number;
  readonly bitrate: number;
  /** Identifier of the second ACK to Speed: the command's, or 0x02 as AN2662 p50 prints it. */
  readonly speedAnswerId: 0x03 | 0x02;
  /** From the first ACK to Speed until the controller is set up anew, ms; the open loader waits 303. */
  readonly speedPauseMs: number;
  /** A rate that the chip cannot set: it resets (AN2662 p50). */
  readonly cannotSet: readonly number[];
  readonly speedWhenLocked: "nack" | "allowed";
  /** Frames that come before the loader waits for them: taken out of the FIFO, lost, or a reason to give up. */
  readonly ahead: "taken" | "lost" | "refused";
  /** The rest of a read that is no whole frame: one short frame, or single bytes. */
  readonly readTail: "short" | "single";
  /** Erase as the note has it; a mass erase that wants a second, empty 0x43 (F4 in the field); no answer to 0x43 at all. */
  readonly erase: "note" | "empty-second" | "silent";
  /** Write Unprotect: a reset with the protection off, or two ACKs and nothing. */
  readonly writeUnprotect: "works" | "nothing";
  /** When the second ACK to Readout Unprotect comes: before or behind the mass erase. */
  readonly unprotectAck: "before" | "behind";
  /** A second ACK for each data frame now and then, as a report of 2014 has it: after each n-th; `null`: never. */
  readonly spareAckEach: number | null;
  /** From a frame in the FIFO to the first bit of an answer, ms. */
  readonly takeMs: number;
}

/** An FDCAN loader as data (AN5405; protocols/can-an3154.md, part B). */
export interface FdcanRom {
  readonly version: number;
  readonly bitrate: number;
  readonly dataBitrate: number;
  /** What wakes it: any frame, up to protocol 2.1; only 0x111 with one byte 0x5A above. */
  readonly start: "any" | "5a";
  readonly startAnswer: "ack" | "nothing";
  /** ACKs to an erase of pages before the list. */
  readonly eraseAcks: 1 | 2;
  /** ACKs to Go. */
  readonly goAcks: 1 | 2;
  /** Under read protection: a NACK, or no answer at all (H723). */
  readonly locked: "nack" | "silent";
  readonly unprotectId: 0x92 | 0x111;
  readonly unprotectAck: "before" | "behind";
  /** The count that Get tells, less the number of its commands. */
  readonly getCountOff: number;
  readonly ahead: "taken" | "lost" | "refused";
  readonly takeMs: number;
}

/** Time that a loader's loop takes to see a frame; no source gives one. */
const takeMs = 0.02;

export function canRom(family: DeviceFamily): CanRom {
  const { bitrate, version } = canLoader(family);
  return {
    version,
    bitrate,
    speedAnswerId: 0x03,
    speedPauseMs: 10,
    cannotSet: [],
    speedWhenLocked: "nack",
    ahead: "taken",
    readTail: "short",
    erase: "note",
    writeUnprotect: has(family, "can-wrunprot-broken") ? "nothing" : "works",
    unprotectAck: "behind",
    spareAckEach: null,
    takeMs,
  };
}

export function fdcanRom(family: DeviceFamily): FdcanRom {
  const { bitrate, dataBitrate, version } = canLoader(family);
  if (dataBitrate === null) throw new RangeError(`${family.name} has no FDCAN loader`);
  return {
    version,
    bitrate,
    dataBitrate,
    start: version > 0x21 ? "5a" : "any",
    startAnswer: "ack",
    eraseAcks: 2,
    goAcks: 2,
    locked: family.family === "H7" ? "silent" : "nack",
    unprotectId: has(family, "fdcan-rdu-noid") ? 0x111 : 0x92,
    unprotectAck: "behind",
    getCountOff: family.family === "L5" ? 1 : 0,
    ahead: "taken",
    takeMs,
  };
}

/** Fails for a chip whose loader is on no CAN bus. */
export function canLoader(family: DeviceFamily): CanLoader {
  if (family.can === null) throw new RangeError(`the loader of ${family.name} is on no CAN bus`);
  return family.can;
}

const has = (family: DeviceFamily, issue: string): boolean =>
  family.issues.some(({ id }) => id.startsWith(issue));
