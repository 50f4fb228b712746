import type { Clock } from "../../lib/clock.ts";
import type { CanLoader } from "../../model/family.ts";
import { isDeepStrictEqual } from "node:util";
import { Fault, type FaultCode } from "../../model/fault.ts";
import type { BusRates } from "../links.ts";
import { isReply, type Exchange } from "./commands.ts";
import { codes, speedCodes } from "./frames.ts";
import { get, type Told } from "./identity.ts";
import { answersAt } from "./wake.ts";

/** The open loader waits 303 ms before it answers at the new rate (A3). */
const secondAckMs = 1500;
/** Answers of 16 frames that must come whole and without an error on the bus before a rate is trusted. */
const trials = 4;
/** A loader whose line does not carry a rate is asked so often to go back to the old one. */
const backTries = 3;
const startMs = 3000;
/** How a line that does not carry a rate shows. */
const flaws: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "LINK_SILENT",
  "LINK_NOISE",
  "CAN_DEAD",
  "CAN_TWO_BOARDS",
  "BOARD_LEFT",
  "CHIP_REFUSED",
]);

/** Rates that loaders begin at, or change to (protocols/can-an3154.md, A3 and B1), bit/s. */
export const loaderRates: readonly BusRates[] = [
  ...[125_000, 250_000, 500_000, 1_000_000].map((nominal) => ({ nominal, data: null })),
  { nominal: 250_000, data: 1_000_000 },
  { nominal: 600_000, data: 2_400_000 },
];

/** Every rate that a run of a slot that allows `most` may use with this loader: its start, and each that Speed knows above. */
export function ratesOfRun({ bitrate, dataBitrate }: CanLoader, most: number): BusRates[] {
  const above = dataBitrate === null ? ratesAbove(bitrate, most) : [];
  return [{ nominal: bitrate, data: dataBitrate }, ...above.map(([nominal]) => ({ nominal, data: null }))];
}

const ratesAbove = (start: number, most: number): (readonly [number, number])[] =>
  [...speedCodes].filter(([rate]) => rate > start && rate <= most);

/** The rate at which a slot that allows `most` works with this loader, bit/s; FDCAN has no command to change its rate. */
export function workingRate({ bitrate, dataBitrate }: CanLoader, most: number): number {
  return dataBitrate === null ? Math.max(bitrate, most) : bitrate;
}

/**
 * Changes to the highest rate up to `most` that the line carries: Speed, the adapter to the new rate, time for the
 * loader's second ACK there, then several Gets that must be what they were at the old rate. A rate that does not hold is given up for
 * the next lower one. A loader that refuses Speed stays where it is (under read protection it may).
 */
export async function raiseRate(
  wire: Exchange,
  clock: Clock,
  start: number,
  most: number,
  signal: AbortSignal,
): Promise<number> {
  const rates = ratesAbove(start, most).toReversed();
  if (rates.length === 0) return start;
  const told = await get(wire, signal);
  for (const [rate, code] of rates) {
    if (!(await wire.command(codes.speed, Uint8Array.of(code), `Speed ${rate}`, signal))) return start;
    await wire.restart(rate, null, signal);
    if (await holds(wire, told, signal)) return rate;
    await returnTo(wire, clock, start, rate, signal);
  }
  return start;
}

async function holds(wire: Exchange, told: Told, signal: AbortSignal): Promise<boolean> {
  try {
    // On whichever identifier it comes (A3). It is no proof and may be lost: a kernel's interface comes up, and the
    // loader's frame over it, before anybody can listen there.
    const second = await wire.heardWithin(secondAckMs, signal);
    if (second !== null && !isReply(second)) return false;
    const before = wire.errors();
    for (let i = 0; i < trials; i += 1) if (!isDeepStrictEqual(await get(wire, signal), told)) return false;
    return wire.errors() === before;
  } catch (error) {
    if (isFlaw(error, signal)) return false;
    throw error;
  }
}

/** Down to the start rate; the loader may be there already, after a reset of its own. */
export async function returnTo(
  wire: Exchange,
  clock: Clock,
  start: number,
  rate: number,
  signal: AbortSignal,
): Promise<void> {
  const code = Uint8Array.of(speedCodes.get(start) ?? 0);
  for (let tries = 0; tries < backTries; tries += 1) {
    try {
      if (await wire.command(codes.speed, code, `Speed ${start}`, signal)) break;
    } catch (error) {
      if (!isFlaw(error, signal)) throw error;
      // Off the bus, or with the frame still on its way.
      await wire.restart(rate, null, signal);
    }
  }
  await wire.restart(start, null, signal);
  if ((await answersAt(wire, clock, startMs, signal)) === null) return;
  throw new Fault(
    "LINK_NOISE",
    `the line does not carry ${rate} bit/s, and the loader does not come back to ${start}: reset the board, and give ` +
      `its slot a lower "bitrate"`,
  );
}

function isFlaw(error: unknown, signal: AbortSignal): boolean {
  return error instanceof Fault && !signal.aborted && flaws.has(error.code);
}
