import { hex32 } from "../../lib/bytes.ts";
import { sleep } from "../../lib/clock.ts";
import type { DeviceFamily, Quirk } from "../../model/family.ts";
import { Fault, type FaultCode } from "../../model/fault.ts";
import type { Bootloader } from "../bootloader.ts";
import type { ControlLink } from "../links.ts";
import { controlMs } from "./commands.ts";
import {
  commandBlock,
  describe,
  eraseAt,
  firstDataBlock,
  isFailure,
  massErase,
  readUnprotect,
} from "./requests.ts";
import { session, type Task } from "./session.ts";

/** Most bytes of a control transfer that usbfs and WinUSB carry (section 3.3). */
const longestTransfer = 4096;
/** Sectors per call of `erase`; each is a command of its own on this wire. */
const sectorsPerCall = 16;
/** Worst program time as a multiple of the typical one (section 12.2 has up to 6). */
const slowestFlash = 6;
/** Time a chip gets to leave the bus after its last command, ms (section 14: 0.2 to 3 s). */
const leaveMs = 5000;

/** How a transfer ends when the chip leaves in the middle of it. */
const brokenOff: ReadonlySet<FaultCode> = new Set<FaultCode>(["BOARD_LEFT", "LINK_NOISE"]);
/** An application without USB leaves the pull-up on: the device stays on the bus and answers nothing (section 9). */
const brokenOffOrSilent: ReadonlySet<FaultCode> = new Set<FaultCode>([...brokenOff, "LINK_SILENT"]);

/**
 * The DFU loader of a board whose device is open (AN3156; protocols/usb-dfu-an3156.md). The device is the loader's from
 * now on: one that does not come up is closed.
 */
export async function dfuBootloader(link: ControlLink, signal: AbortSignal): Promise<Bootloader> {
  const { facts, clock } = link;
  const talk = session(link);
  let family: DeviceFamily | null = null;

  try {
    await talk.ready("download", signal);
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }

  const has = (quirk: Quirk): boolean => family?.quirks.has(quirk) ?? false;

  async function erase(task: Omit<Task, "block">, stop: AbortSignal): Promise<void> {
    try {
      await talk.perform({ ...task, block: commandBlock }, stop);
    } catch (error) {
      // H743 rev V never says that an erase of bank 2 is done, and it is (section 11). Whether the sectors are blank
      // is what the write and the verify will tell.
      const stuck = error instanceof Fault && error.code === "CHIP_BUSY" && !stop.aborted;
      if (!stuck || !(await talk.unstick(stop))) throw error;
    }
    talk.unlocked();
  }

  return {
    wire: "usb",
    clock,
    blockBytes: Math.min(facts.transferSize, longestTransfer),
    get repeats() {
      return talk.repeats();
    },
    unitsPerErase: sectorsPerCall,
    identify: () =>
      Promise.resolve({
        productId: null,
        protocolVersion: facts.deviceVersion,
        memoryStrings: facts.alternates.map(({ name }) => name),
        usbSerial: facts.serial,
      }),
    adopt(known) {
      family = known;
    },
    async erase(sectors, stop) {
      const limitMs = family?.deadlines.eraseUnitMs ?? 12_000;
      for (const { address } of sectors) {
        await talk.select(address, stop);
        await erase({ what: `erase at ${hex32(address)}`, data: eraseAt(address), limitMs }, stop);
        if (has("early-erase-ack")) await sleep(clock, family?.deadlines.nextUnitMs ?? 5000, stop);
      }
    },
    async eraseAll(stop) {
      if (family !== null) await talk.select(family.flashStart, stop);
      const limitMs = family?.deadlines.massEraseMs ?? 40_000;
      await erase({ what: "mass erase", data: massErase, limitMs }, stop);
    },
    async write(address, bytes, stop) {
      const data = has("dfu-pad-8") ? padded(bytes, 8, family?.erasedByte ?? 0xff) : bytes;
      await talk.write(address, data, writeLimitMs(family, data.length), stop);
    },
    read,
    async tryRead(address, length, stop) {
      const known = talk.knows(address);
      // Option bytes that no alternate setting names are not there: asking ends in a STALL (G0B1).
      const hidden =
        family?.optionRanges.some((range) => address >= range.start && address < range.end) ?? false;
      if (hidden && !known) return null;
      try {
        const bytes = await read(address, length, stop);
        // Outside its memories a loader may give anything: only a full answer with a good status counts (section 4.5).
        return known || !isFailure(await talk.wire.status(stop)) ? bytes : null;
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        if (error.code === "CHIP_REFUSED" || (error.code === "DFU_STALLED" && !known)) return null;
        throw error;
      }
    },
    async writeOptions(option, stop) {
      const what = `download of option bytes to ${hex32(option.address)}`;
      if (!talk.knows(option.address))
        throw new Fault("LOADER_FAULT", `no alternate setting takes the ${what}`);
      await talk.select(option.address, stop);
      await talk.pointTo(option.address, stop);
      const task = { what, block: firstDataBlock, data: option.bytes, limitMs: leaveMs };
      const end = await talk.part(task, brokenOff, stop);
      if (end !== "left" && isFailure(end)) throw talk.refusal(what, end);
    },
    async unprotect(stop) {
      const limitMs = family?.deadlines.unprotectMs ?? 40_000;
      const task = { what: "Read Unprotect", block: commandBlock, data: readUnprotect, limitMs };
      const end = await talk.part(task, brokenOff, stop);
      if (end !== "left")
        throw new Fault("CHIP_REFUSED", `after Read Unprotect the loader still answers: ${describe(end)}`);
    },
    resetToApplication: () => Promise.resolve(false),
    async launch(address, stop) {
      await talk.select(address, stop);
      // The loader jumps to its pointer, and C071 only when that was set on purpose (section 9).
      await talk.pointTo(address, stop);
      const what = `leave to ${hex32(address)}`;
      const task = { what, block: commandBlock, data: new Uint8Array(), limitMs: leaveMs };
      const end = await talk.part(task, brokenOffOrSilent, stop);
      if (end !== "left") throw talk.refusal(what, end);
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };

  /** The loader gives two bytes at least (section 7.4). */
  async function read(address: number, length: number, stop: AbortSignal): Promise<Uint8Array> {
    const bytes = await talk.read(address, Math.max(2, length), stop);
    return bytes.subarray(0, length);
  }
}

function padded(bytes: Uint8Array, unit: number, fill: number): Uint8Array {
  if (bytes.length % unit === 0) return bytes;
  const out = new Uint8Array(bytes.length + unit - (bytes.length % unit)).fill(fill);
  out.set(bytes);
  return out;
}

/** The table's limit is for the 256 bytes of a serial block; these are longer, and L0 programs slowly. */
function writeLimitMs(family: DeviceFamily | null, length: number): number {
  if (family === null) return controlMs;
  const { programBytes, programTypUs } = family.times;
  return (
    family.deadlines.writeBlockMs + (slowestFlash * Math.ceil(length / programBytes) * programTypUs) / 1000
  );
}
