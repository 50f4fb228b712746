import { cleanText } from "../../lib/clean-text.ts";
import { orAborted } from "../limited.ts";
import type { UsbDevice } from "./usb-bus.ts";
import { usbFault, usbTrouble } from "./usb-complaint.ts";

/** What every opener of a USB device does: interfaces taken and given back, transfers with our own ends, descriptors. */

const descriptorMs = 2000;
export const descriptorTypes = { device: 1, configuration: 2, string: 3 } as const;

/** The driver of an interface; `null`: none has it. */
export type DriverOf = (path: string, interfaceNumber: number) => string | null;

/** A device by its names and ids, fit for a screen. */
export function deviceName(device: UsbDevice): string {
  const ids = `${hex4(device.vendorId)}:${hex4(device.productId)}`;
  const name = cleanText(
    [device.manufacturerName, device.productName].filter((part) => part !== null).join(" "),
    60,
  );
  return name === "" ? ids : `${name} (${ids})`;
}

const hex4 = (value: number): string => value.toString(16).padStart(4, "0").toUpperCase();

/**
 * Takes the interface; true where a driver of the kernel had it. What another program has is left to it: the library
 * would take it away, and says of a free interface, too, that a driver was detached.
 */
export async function claim(
  device: UsbDevice,
  path: string,
  interfaceNumber: number,
  driverOf: DriverOf,
): Promise<boolean> {
  const driver = driverOf(path, interfaceNumber);
  const detached = driver !== null && driver !== "usbfs";
  try {
    if (detached) await device.detachKernelDriver(interfaceNumber);
    await device.claimInterface(interfaceNumber);
    return detached;
  } catch (error) {
    if (detached) await device.attachKernelDriver(interfaceNumber).catch(() => {});
    throw usbFault(error, `claiming interface ${interfaceNumber} of usb:${path}`);
  }
}

export interface Claimed {
  readonly interfaceNumber: number;
  readonly detached: boolean;
}

/** Closing a device that has gone is no trouble. An interface that is not released keeps the library's file open. */
export async function close(device: UsbDevice, claimed: Claimed | null): Promise<void> {
  try {
    if (claimed !== null) {
      await device.releaseInterface(claimed.interfaceNumber);
      if (claimed.detached) await device.attachKernelDriver(claimed.interfaceNumber);
    }
  } catch {
    // The device left, and its driver with it.
  }
  try {
    await device.close();
  } catch {
    // It left the bus: there is nothing to close.
  }
}

/** One transfer; the library cannot take it back, so an abort only stops waiting for it. */
export async function transfer<T>(
  start: () => Promise<T>,
  what: string,
  signal: AbortSignal,
): Promise<T | "stall"> {
  signal.throwIfAborted();
  try {
    return await orAborted(start(), signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (usbTrouble(error) === "stall") return "stall";
    throw usbFault(error, what);
  }
}

/** `null` for a STALL. By a request of our own: the library trims names, and trusts lengths that ROMs get wrong. */
export async function getDescriptor(
  device: UsbDevice,
  type: number,
  index: number,
  language: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const setup = {
    requestType: "standard",
    recipient: "device",
    request: 6,
    value: (type << 8) | index,
    index: language,
  } as const;
  const bytes = await transfer(
    () => device.nativeControlTransferIn(setup, descriptorMs, length),
    "GET_DESCRIPTOR",
    signal,
  );
  return bytes === "stall" ? null : bytes;
}

/** The device's own descriptor and its configuration with all interfaces; empty where it does not tell. */
export async function readDescriptors(
  device: UsbDevice,
  signal: AbortSignal,
): Promise<{ readonly own: Uint8Array; readonly configuration: Uint8Array }> {
  const get = async (type: number, length: number): Promise<Uint8Array> =>
    (await getDescriptor(device, type, 0, 0, length, signal)) ?? new Uint8Array();
  const own = await get(descriptorTypes.device, 18);
  const head = await get(descriptorTypes.configuration, 9);
  const total = (head[2] ?? 0) | ((head[3] ?? 0) << 8);
  return { own, configuration: await get(descriptorTypes.configuration, Math.max(9, total)) };
}
