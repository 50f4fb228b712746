import { chipSpec } from "../../family/table.ts";
import type { Place } from "../../job/run-attempt.ts";
import { assertNever } from "../../lib/assert-never.ts";
import { cleanText } from "../../lib/clean-text.ts";
import { realClock } from "../../lib/clock.ts";
import type { ChipChoice } from "../../model/family.ts";
import type { Mishap } from "../../model/mishap.ts";
import { portText } from "../../model/port.ts";
import type { Slot } from "../../model/station.ts";
import { dfuBootloader } from "../../protocol/dfu/dfu-bootloader.ts";
import { uartBootloader } from "../../protocol/uart/uart-bootloader.ts";
import { simBench } from "../../sim/sim-bench.ts";
import type { PlaceOf } from "../../station/order.ts";
import { poweredConnect } from "../../station/powered-connect.ts";
import { cyclePower } from "../../transport/usb/hub-power.ts";
import { listUsb } from "../../transport/list-ports.ts";
import { enterBy } from "../../transport/entry.ts";
import { serialState } from "../../transport/serial/serial-port.ts";
import { openSerial } from "../../transport/serial/serial.ts";
import { watchUsb, type UsbWatch } from "../../transport/usb/usb-bus.ts";
import { dfuSlot } from "../../transport/usb/usb.ts";
import { canComplaint, canPlace } from "./can-place.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";

/**
 * Opens the port of any slot: real ones and simulated ones look the same to an attempt. `chipOf`: what the profile of
 * the moment makes; a CAN slot must know it before it talks. `null`: not known. `shared`: a watch of the USB bus.
 */
export function benchOf(
  chipOf: () => ChipChoice | null,
  mishapOf?: (slot: Slot, barcode: string) => Mishap,
  shared: UsbWatch | null = null,
): PlaceOf {
  let bus = shared;
  const simulated = simBench({ specOf: chipSpec, ...(mishapOf === undefined ? {} : { mishapOf }) });
  function placeOf(slot: Slot, barcode: string): Place {
    const { port } = slot;
    switch (port.kind) {
      case "sim":
        return simulated.place(slot, barcode);
      case "uart": {
        const { baud, boot0, reset } = slot;
        return {
          clock: realClock,
          bitRate: baud,
          wire: "uart",
          portText: portText(port),
          connect: async (signal) => {
            const link = await openSerial(port.device, { baud, boot0, reset, clock: realClock }, signal);
            return await uartBootloader(link, baud, signal);
          },
        };
      }
      case "usb": {
        // One watch of the bus for all slots, for as long as the program runs.
        bus ??= watchUsb();
        const enter = slot.entry === null ? null : enterBy(slot.entry);
        const devices = dfuSlot(port.path, bus, undefined, enter);
        return {
          clock: realClock,
          bitRate: null,
          wire: "usb",
          portText: portText(port),
          connect: async (signal) => await dfuBootloader(await devices.open(signal), signal),
          notes: () => devices.notes(),
        };
      }
      case "can":
        return canPlace(slot, port, chipOf());
      default:
        return assertNever(port);
    }
  }
  return (slot, barcode) => {
    const place = placeOf(slot, barcode);
    return slot.power === null ? place : powered(slot.power, place);
  };
}

/** A place whose board may lose its power for a moment, by the socket that feeds it. */
function powered(socket: string, place: Place): Place {
  const start = poweredConnect(place.connect, (signal) => cyclePower(socket, signal));
  return { ...place, connect: start.connect, notes: () => [...start.notes(), ...(place.notes?.() ?? [])] };
}

/** Why a slot's port cannot be used now, or `null`: told before anything is touched (exit 3). */
export async function portComplaint(slot: Slot, chip: ChipChoice | null): Promise<string | null> {
  const { port } = slot;
  switch (port.kind) {
    case "sim":
      return null;
    case "uart": {
      const state = await serialState(port.device);
      return state.kind === "there" ? null : state.why;
    }
    case "usb": {
      // An empty place is waited for; a machine without USB would be waited for in vain.
      const listing = await listUsb();
      return listing.ok ? null : listing.why;
    }
    case "can":
      return await canComplaint(slot, port, chip);
    default:
      return assertNever(port);
  }
}

/** Slots that `--all` takes: USB places with a device in them; elsewhere a port tells nothing of its board. */
export async function occupiedSlots(slots: readonly Slot[], chip: ChipChoice): Promise<ReadonlySet<Slot>> {
  const listing = slots.some(({ port }) => port.kind === "usb") ? await listUsb() : null;
  const paths = new Set(listing?.ok === true ? listing.found.map(({ path }) => path) : []);
  const occupied = new Set<Slot>();
  for (const slot of slots) {
    const { port } = slot;
    const isOccupied =
      port.kind === "usb" ? paths.has(port.path) : (await portComplaint(slot, chip)) === null;
    if (isOccupied) occupied.add(slot);
  }
  return occupied;
}

/** Refuses before the first board is touched when a slot's port cannot be used. Throws CommandError, exit 3. */
export async function refuseUnfit(slots: readonly Slot[], chip: ChipChoice | null): Promise<void> {
  // What holds for one USB place holds for all, and looking takes its time.
  const usb = slots.find(({ port }) => port.kind === "usb");
  for (const slot of slots) {
    if (slot.port.kind === "usb" && slot !== usb) continue;
    const why = await portComplaint(slot, chip);
    if (why !== null) throw new CommandError(`slot ${slot.name}: ${why}`, exitCodes.unfit);
  }
}

/**
 * DFU serial numbers that more than one device shows now, as sentences: several lines of chips report a constant, so it
 * is an alarm for people and never an identity (product.md, rule 1).
 */
export async function twinSerials(slots: readonly Slot[]): Promise<string[]> {
  if (!slots.some(({ port }) => port.kind === "usb")) return [];
  const listing = await listUsb();
  if (!listing.ok) return [];
  const bySerial = new Map<string, string[]>();
  for (const { path, serial, dfu } of listing.found)
    if (dfu && serial !== "") bySerial.set(serial, [...(bySerial.get(serial) ?? []), path]);
  return [...bySerial].flatMap(([serial, paths]) =>
    paths.length < 2
      ? []
      : [
          `DFU serial ${cleanText(serial, 40)} is shown by ${paths.length} devices, at ${paths.map((path) => `usb:${path}`).join(", ")}; slots go by path, so each board gets its own data`,
        ],
  );
}
