import { chipTable } from "../../family/table.ts";
import type { Place } from "../../job/run-attempt.ts";
import { realClock } from "../../lib/clock.ts";
import type { CanLoader, ChipChoice } from "../../model/family.ts";
import { Fault } from "../../model/fault.ts";
import { portText } from "../../model/port.ts";
import type { Slot } from "../../model/station.ts";
import type { Bootloader } from "../../protocol/bootloader.ts";
import { canBootloader } from "../../protocol/can/can-bootloader.ts";
import { ratesOfRun, workingRate } from "../../protocol/can/rate.ts";
import { aboutAdapter, canAdapterComplaint, openCan, type CanPort } from "../../transport/can/open-can.ts";

/** What most chips have, for a board that is not known yet: the classic loader, then FDCAN (can-an3154.md, A1 and B1). */
const usual: readonly CanLoader[] = [
  { bitrate: 125_000, dataBitrate: null, version: 0x20 },
  { bitrate: 250_000, dataBitrate: 1_000_000, version: 0x21 },
];

/** Opens a CAN slot with the loader that its chip has, classic or FDCAN. */
export function canPlace(slot: Slot, port: CanPort, chip: ChipChoice | null): Place {
  const known = chip === null ? null : loaderOf(chip);
  const loaders = known === null ? usual : [known];
  return {
    clock: realClock,
    bitRate: known === null ? null : workingRate(known, slot.bitrate),
    wire: "can",
    portText: portText(port),
    connect: (signal) => connect(slot, port, loaders, signal),
  };
}

async function connect(
  slot: Slot,
  port: CanPort,
  loaders: readonly CanLoader[],
  signal: AbortSignal,
): Promise<Bootloader> {
  let why: unknown = null;
  for (const { bitrate: startBitrate, dataBitrate: fd } of loaders) {
    const link = await openCan(port, { baud: slot.baud, clock: realClock }, signal);
    try {
      return await canBootloader(link, { startBitrate, bitrate: slot.bitrate, fd }, signal);
    } catch (error) {
      // What the first question came to is the answer; one that the adapter cannot ask is none.
      why ??= error;
      const isNone =
        error instanceof Fault &&
        ["LINK_SILENT", "CAN_DEAD", "LINK_NOISE", "ADAPTER_RATE"].includes(error.code);
      if (signal.aborted || !isNone) throw error;
    }
  }
  throw why;
}

/** What the adapter of a slot says of itself, not clean. Throws a Fault. */
export async function aboutCan(slot: Slot, port: CanPort, signal: AbortSignal): Promise<string> {
  return await aboutAdapter(port, { baud: slot.baud, clock: realClock }, signal);
}

/** Why a CAN slot cannot make this chip, or `null`: no adapter, no CAN loader, a rate that the adapter has not. */
export async function canComplaint(
  slot: Slot,
  port: CanPort,
  chip: ChipChoice | null,
): Promise<string | null> {
  const options = { baud: slot.baud, clock: realClock };
  if (chip === null) return await canAdapterComplaint(port, null, options);
  const loader = loaderOf(chip);
  if (loader === null) return `the loader of ${chip.name} is on no CAN bus`;
  return await canAdapterComplaint(port, ratesOfRun(loader, slot.bitrate), options);
}

/** `null` where none of the chips that a profile accepts has a loader on CAN. */
function loaderOf({ productIds }: ChipChoice): CanLoader | null {
  for (const id of productIds) {
    const can = chipTable.familyOf(id, null)?.can ?? null;
    if (can !== null) return can;
  }
  return null;
}
