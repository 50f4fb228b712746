import type { Clock } from "../../lib/clock.ts";
import { Fault } from "../../model/fault.ts";
import type { Exchange } from "./commands.ts";
import { anyFrameId, codes, speedCodes, wake, wakeId } from "./frames.ts";

/** The slowest loader listens 2.6 s after its reset; a crystal to be measured comes on top (A1), ms. */
const startMs = 4000;
/** For each rate that a loader may have been left at, ms. */
const otherMs = 400;
/** A frame that was taken and is not answered is sent again after so long, ms. */
const knockMs = 200;
const none = new Uint8Array();

/**
 * Brings the classic loader up at its start rate. One that an earlier session has left at another rate is looked for
 * there. Gives the rate at which it answers.
 */
export async function wakeClassic(
  wire: Exchange,
  clock: Clock,
  start: number,
  signal: AbortSignal,
): Promise<number> {
  const others = [...speedCodes.keys()].filter((rate) => rate !== start).toReversed();
  let why = new Fault("LINK_SILENT", "the loader was not asked");
  for (const rate of [start, ...others, start]) {
    if (!(await restarted(wire, rate, rate !== start, signal))) continue;
    const found = await answersAt(wire, clock, rate === start ? startMs : otherMs, signal);
    if (found === null) return rate;
    if (rate === start) why = found;
  }
  throw why;
}

/** False where the adapter cannot make a rate that need not be looked at. */
async function restarted(
  wire: Exchange,
  rate: number,
  mayMiss: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await wire.restart(rate, null, signal);
    return true;
  } catch (error) {
    if (mayMiss && error instanceof Fault && error.code === "ADAPTER_RATE") return false;
    throw error;
  }
}

/** `null` where the loader answers the synchronisation; else why it does not. A NACK says that it is up already (A3). */
export async function answersAt(
  wire: Exchange,
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): Promise<Fault | null> {
  const end = clock.now() + ms;
  await wire.begin(codes.synchronise, signal);
  try {
    while (clock.now() < end) {
      // One that no node has taken is repeated by the adapter itself.
      if (wire.pending() === 0) wire.send(codes.synchronise, none, signal);
      const frame = await wire.heardWithin(knockMs, signal);
      if (frame?.id === codes.synchronise) return null;
    }
  } catch (error) {
    // At a rate that is not the bus's own the controller ends off the bus.
    if (error instanceof Fault && error.code === "CAN_DEAD") return error;
    throw error;
  }
  return nobody(wire, `the synchronisation within ${ms} ms`);
}

/**
 * Brings an FDCAN loader up. Its protocol is not known yet: up to 2.1 any frame wakes it, and one whose low byte is no
 * command costs a NACK; above, nothing but 0x111 with 0x5A passes its filter (B2). So the two take turns, and a Get
 * Version behind them for a loader that wakes without a word, or is awake.
 */
export async function wakeFdcan(
  wire: Exchange,
  clock: Clock,
  rates: { readonly nominal: number; readonly data: number },
  signal: AbortSignal,
): Promise<void> {
  await wire.restart(rates.nominal, rates.data, signal);
  const end = clock.now() + startMs;
  const knocks = [
    { id: anyFrameId, data: none },
    { id: wakeId, data: wake },
    { id: codes.getVersion, data: none },
  ];
  while (clock.now() < end)
    for (const { id, data } of knocks) {
      await wire.begin(id, signal);
      if (wire.pending() === 0) wire.send(id, data, signal);
      if ((await wire.heardWithin(knockMs, signal)) !== null) return;
    }
  throw nobody(wire, `a start frame within ${startMs} ms`);
}

function nobody(wire: Exchange, what: string): Fault {
  if (!wire.taken()) return new Fault("CAN_DEAD", `no node took ${what}, ${wire.errors()} errors were seen`);
  return new Fault("LINK_SILENT", `no answer to ${what}`);
}
