import { equalBytes, hex32 } from "../../lib/bytes.ts";
import type { Range } from "../../model/family.ts";
import { Fault, type FaultCode } from "../../model/fault.ts";
import type { Dialect, Window } from "./dialect.ts";

const blockBytes = 256;
/** Writes of a window that must be right before flash is written in it. */
const trials = 2;
/** Programming RAM takes no time. */
const ramMs = 200;

/** How a loader wants to be written to. */
export interface Pace {
  readonly window: Window;
  /** It sends more ACKs than it should (A3): what comes behind a write is waited for and thrown away. */
  readonly spareAcks: boolean;
}

/** Each frame behind the ACK of the one before. */
export const oneByOne: Pace = { window: 1, spareAcks: false };

/** What tells that a loader wants each frame behind the ACK of the one before. */
const unfit: ReadonlySet<FaultCode> = new Set<FaultCode>(["LINK_SILENT", "LINK_NOISE", "CHIP_REFUSED"]);

/**
 * How many frames of a write this loader takes before it has acknowledged the first of them: what keeps the adapter's
 * round trips off the way.
 *
 * The notes do not say what becomes of data frames that come before the ACK of the last one; "send the data messages, at
 * the same time check for NACK" (AN2662 p54) is all. What the hardware permits: the receive FIFO of bxCAN and of the
 * small FDCAN has three elements, so three frames under way cannot overrun it. And more than three: a data frame may
 * have any identifier, so it takes one that loses the arbitration against the loader's ACKs. Then the bus itself lets
 * each ACK out before the frame after next, and no more than two lie in the FIFO, however many wait in the adapter. A
 * loader that answers within the gap of three bits between two frames even has its ACK out before the next one.
 *
 * That holds where the loader leaves alone what is in its FIFO, which no note promises (UNCONFIRMED). So each loader is
 * tried first, at its rate and behind its adapter, with blocks for its RAM that are read back; nothing is lost there
 * whatever becomes of them. What it does not take it is never sent to flash: the next smaller window, and last 1, each
 * frame behind the ACK of the one before.
 *
 * One round trip stays for each block. The command of the next one has the identifier of what the loader is still
 * sending, ACK or data, and two senders of one identifier destroy each other's frames: the bus does not permit it.
 */
export async function fastestPace(
  dialect: Dialect,
  ram: readonly Range[],
  signal: AbortSignal,
): Promise<Pace> {
  const room = ram.find(({ start, end }) => end - start >= blockBytes);
  if (room === undefined) return oneByOne;
  for (const window of dialect.windows) {
    const pace = await tried(dialect, room.start, window, signal);
    if (pace !== null) return pace;
  }
  return oneByOne;
}

/** `null` where the loader does not take this window. */
async function tried(
  dialect: Dialect,
  at: number,
  window: Window,
  signal: AbortSignal,
): Promise<Pace | null> {
  let spare = 0;
  for (let trial = 1; trial <= trials; trial += 1) {
    // Each frame differs from its neighbours, and each trial from what the last one left.
    const bytes = Uint8Array.from({ length: blockBytes }, (_, i) => i * 5 + (i >> 3) + trial * 59);
    try {
      const end = await dialect.write(at, bytes, window, ramMs, signal);
      // This RAM is not to be written at all: nothing can be learned there.
      if (end === "refused") return null;
      if (end === "broken") throw new Fault("CHIP_REFUSED", `a write to ${hex32(at)} broke off`);
      spare += await dialect.spare(signal);
    } catch (error) {
      if (!(error instanceof Fault) || signal.aborted || !unfit.has(error.code)) throw error;
      await dialect.recover(signal);
      return null;
    }
    const read = await dialect.read(at, blockBytes, signal);
    if (read === null || !equalBytes(read, bytes)) return null;
  }
  return { window, spareAcks: spare > 0 };
}
