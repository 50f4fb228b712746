import { hex32, isBlank } from "../../lib/bytes.ts";
import { sleep, type Clock } from "../../lib/clock.ts";
import type { DeviceFamily, Quirk } from "../../model/family.ts";
import { Fault } from "../../model/fault.ts";
import type { Sector } from "../../model/memory.ts";
import type { Bootloader } from "../bootloader.ts";
import type { FrameLink } from "../links.ts";
import { tryRead } from "../try-read.ts";
import { fastestPace, oneByOne, type Pace } from "./ahead.ts";
import { classicDialect } from "./classic.ts";
import { exchange, isSilence, type Exchange } from "./commands.ts";
import { fdcanDialect } from "./fdcan.ts";
import { get, getId, refuseSecondBoard } from "./identity.ts";
import { raiseRate, returnTo } from "./rate.ts";
import { wakeClassic, wakeFdcan } from "./wake.ts";

export interface CanOptions {
  /** Rate of the ROM itself: 125 kbit/s classic, 250 kbit/s FD (600 of U3). */
  readonly startBitrate: number;
  /** Highest rate to change to; FDCAN has no command for that and stays at its start. */
  readonly bitrate: number;
  /** Data rate of FD frames, which makes it the FDCAN loader; `null`: the classic one. */
  readonly fd: number | null;
}

/** Time the chip gets between the last ACK of an option write and the next frame, ms. */
const settleMs = 100;
/** Blocks shorter than this are no reason to find out how far frames may go ahead. */
const shortBytes = 64;

/**
 * The CAN loader of the one board on a bus, classic (AN3154) or FDCAN (AN5405; protocols/can-an3154.md). The link is the
 * loader's from now on: a board that does not come up closes it.
 */
export async function canBootloader(
  link: FrameLink,
  options: CanOptions,
  signal: AbortSignal,
): Promise<Bootloader> {
  const { clock } = link;
  const wire = exchange(link, options.fd !== null);
  const dialect = options.fd === null ? classicDialect(wire) : fdcanDialect(wire);
  let family: DeviceFamily | null = null;
  let everRead = false;
  let pace: Pace | null = null;

  try {
    await bringUp(wire, link, options, signal);
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }

  // What a rate that did not hold has spoilt says nothing of the one that does.
  let repeatsBefore = wire.repeats();
  const has = (quirk: Quirk): boolean => family?.quirks.has(quirk) ?? false;

  /**
   * A locked chip refuses a memory command as it refuses a bad address, or says nothing (H723): whether it is locked
   * shows where nothing but protection is a reason.
   */
  async function refusal(what: string, stop: AbortSignal): Promise<Fault> {
    const flash = family?.flashStart ?? 0x0800_0000;
    if (!everRead && (await readPlain(flash, 4, stop)) === null)
      return new Fault("PROTECTED", `${what} is refused, and so is a read of flash: read protection is on`);
    everRead = true;
    return new Fault("CHIP_REFUSED", `NACK to ${what}`);
  }

  /** `null` for a NACK, and for silence of a loader that answers other commands. */
  async function readPlain(at: number, length: number, stop: AbortSignal): Promise<Uint8Array | null> {
    try {
      return await dialect.read(at, length, stop);
    } catch (error) {
      if (!isSilence(error) || (await wire.presence(stop)) !== "answers") throw error;
      if (everRead && !has("silent-abort")) throw error;
      return null;
    }
  }

  async function read(at: number, length: number, stop: AbortSignal): Promise<Uint8Array> {
    const bytes = await readPlain(at, length, stop);
    if (bytes === null) throw await refusal(`Read Memory of ${length} bytes at ${hex32(at)}`, stop);
    everRead = true;
    return bytes;
  }

  const isRefusal = ({ code }: Fault): boolean => code === "CHIP_REFUSED";

  async function write(at: number, bytes: Uint8Array, how: Pace, stop: AbortSignal): Promise<void> {
    const what = `Write Memory of ${bytes.length} bytes at ${hex32(at)}`;
    const limitMs = family?.deadlines.writeBlockMs ?? 1000;
    const end = await dialect.write(at, bytes, how.window, limitMs, stop);
    if (how.spareAcks) await dialect.spare(stop);
    if (end === "done") return;
    if (end === "refused") throw await refusal(what, stop);
    // What was right with RAM went wrong with flash: from now on each frame waits for the ACK of the one before.
    pace = oneByOne;
    await dialect.recover(stop);
    throw new Fault("CHIP_REFUSED", `NACK within the data of ${what}`);
  }

  /** Numbers as the loader counts them. */
  function pagesOf(sectors: readonly Sector[]): number[] {
    const pages = sectors.map(({ index }) => index);
    if (!has("can-erases-page-pairs")) return pages;
    const pairs = [...new Set(pages.map((page) => Math.floor(page / 2)))];
    if (2 * pairs.length === pages.length) return pairs;
    throw new Fault(
      "LOADER_FAULT",
      `over CAN this loader erases two pages at once: pages ${pages.join(", ")} are no whole pairs`,
    );
  }

  return {
    wire: "can",
    clock,
    blockBytes: 256,
    get repeats() {
      return wire.repeats() - repeatsBefore;
    },
    get unitsPerErase() {
      return has("one-page-per-erase") ? 1 : dialect.longestList;
    },
    async identify(stop) {
      const { version } = await get(wire, stop);
      const productId = await getId(wire, stop);
      return { productId, protocolVersion: version, memoryStrings: [], usbSerial: null };
    },
    adopt(known) {
      family = known;
    },
    async erase(sectors, stop) {
      const pages = pagesOf(sectors);
      const unit = family?.deadlines.eraseUnitMs ?? 5000;
      const next = family?.deadlines.nextUnitMs ?? 5000;
      if (!(await dialect.erase(pages, unit + (sectors.length - 1) * next, stop)))
        throw await refusal(`Erase of pages ${pages.join(", ")}`, stop);
      if (has("early-erase-ack")) await sleep(clock, sectors.length * next, stop);
    },
    async eraseAll(stop) {
      if (!(await dialect.eraseAll(family?.deadlines.massEraseMs ?? 40_000, stop)))
        throw await refusal("mass erase", stop);
      // Its ACKs alone prove nothing (A3).
      const start = await read(family?.flashStart ?? 0x0800_0000, 256, stop);
      if (!isBlank(start, family?.erasedByte ?? 0xff))
        throw new Fault("LOADER_FAULT", "the mass erase was acknowledged, and flash is not erased");
    },
    async write(at, bytes, stop) {
      if (pace === null && bytes.length >= shortBytes) {
        const before = wire.repeats();
        pace = await fastestPace(dialect, family?.usableRam ?? [], stop);
        // Nor has what frames too far ahead have spoilt.
        repeatsBefore += wire.repeats() - before;
      }
      await write(at, bytes, pace ?? oneByOne, stop);
    },
    read,
    tryRead: (at, length, stop) => tryRead({ family, read, isRefusal }, at, length, stop),
    async writeOptions(option, stop) {
      await write(option.address, option.bytes, oneByOne, stop);
      await sleep(clock, settleMs, stop);
    },
    async unprotect(stop) {
      if (!(await dialect.unprotect(family?.deadlines.unprotectMs ?? 40_000, stop)))
        throw new Fault("CHIP_REFUSED", "NACK to Readout Unprotect");
      await sleep(clock, settleMs, stop);
      // Its ACKs may all come before the erase: it is done when the loader has started again.
      await comeBack(wire, link, options, family?.deadlines.unprotectMs ?? 40_000, stop);
    },
    // A CAN slot has no lines for BOOT0 and RESET.
    resetToApplication: () => Promise.resolve(false),
    async launch(at, stop) {
      if (!(await dialect.go(at, stop))) throw await refusal(`Go to ${hex32(at)}`, stop);
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

async function bringUp(
  wire: Exchange,
  { clock }: FrameLink,
  { startBitrate, bitrate, fd }: CanOptions,
  signal: AbortSignal,
): Promise<void> {
  const found = await wakeUp(wire, clock, startBitrate, fd, signal);
  await refuseSecondBoard(wire, signal);
  if (fd !== null) return;
  // One that an earlier session has left at another rate stays there if it may.
  if (found !== startBitrate && found <= bitrate) return;
  if (found > bitrate) await returnTo(wire, clock, startBitrate, found, signal);
  await raiseRate(wire, clock, startBitrate, bitrate, signal);
}

/** Gives the rate at which the loader answers. */
async function wakeUp(
  wire: Exchange,
  clock: Clock,
  start: number,
  fd: number | null,
  signal: AbortSignal,
): Promise<number> {
  if (fd === null) return await wakeClassic(wire, clock, start, signal);
  await wakeFdcan(wire, clock, { nominal: start, data: fd }, signal);
  return start;
}

/** Waits for a loader that erases and resets before it listens again. */
async function comeBack(
  wire: Exchange,
  { clock }: FrameLink,
  { startBitrate, fd }: CanOptions,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const end = clock.now() + ms;
  for (;;) {
    try {
      await wakeUp(wire, clock, startBitrate, fd, signal);
      return;
    } catch (error) {
      const waits = error instanceof Fault && ["LINK_SILENT", "CAN_DEAD"].includes(error.code);
      if (!waits || signal.aborted || clock.now() > end) throw error;
    }
  }
}
