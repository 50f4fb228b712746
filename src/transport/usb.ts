import { cleanText } from "../lib/clean-text.ts";
import { realClock } from "../lib/clock.ts";
import { deadline } from "../lib/deadline.ts";
import { Fault } from "../model/fault.ts";
import { dfuFacts, parseDescriptors, stringsNeeded, stringText } from "../protocol/dfu/descriptors.ts";
import type { ControlAnswer, ControlLink, ControlSetup, DfuFactsOfDevice } from "../protocol/links.ts";
import { usbFault, usbTrouble } from "./usb-complaint.ts";
import { usbDriver, usbKind, type UsbDevice, type UsbKind, type UsbPlace, type UsbWatch } from "./usb-bus.ts";

/** An empty slot is waited for so long (contract, Exit codes). */
const emptyMs = 10_000;
/** Longest that a board may be off the bus between two resets, ms; an unprotect erases all of its flash first. */
const backMs = 60_000;
/** A board that was reset shows its old enumeration for a moment; after this it was not reset. */
const oldMs = 3000;
/** The library's own limit of one transfer, ms: a GETSTATUS may block for a mass erase. Ours come by the signal. */
const transferMs = 45_000;
const descriptorMs = 2000;

const descriptorTypes = { device: 1, configuration: 2, string: 3 } as const;

/** The DFU devices of one slot, one after another: each reset gives it a new enumeration at the same path. */
export interface DfuSlot {
  /** Waits for the board at the slot's path and opens its loader. Throws a Fault. */
  open(signal: AbortSignal): Promise<ControlLink>;
}

type DriverOf = (path: string, interfaceNumber: number) => string | null;

/** What the system knows of devices that nobody has opened; replaced in tests. */
export interface SystemSays {
  kindOf(place: UsbPlace): UsbKind;
  driverOf: DriverOf;
}
const systemSays: SystemSays = { kindOf: usbKind, driverOf: usbDriver };

/** The slot at a topology path. A foreign device there is told by its name, and never opened by guess. */
export function dfuSlot(path: string, watch: UsbWatch, system: SystemSays = systemSays): DfuSlot {
  let last: string | null = null;

  async function next(signal: AbortSignal): Promise<UsbPlace> {
    const before = last;
    if (before !== null) {
      // The enumeration that was used before is on its way out; one that stays was not reset at all.
      const settled = await limited(oldMs, signal, (stop) =>
        watch.whenThere(path, ({ enumeration }) => enumeration !== before, stop),
      );
      if (settled !== null) return settled;
    }
    const found = await limited(before === null ? emptyMs : backMs, signal, (stop) =>
      watch.whenThere(path, () => true, stop),
    );
    if (found !== null) return found;
    throw before === null
      ? new Fault("NO_BOARD", `no device at usb:${path} within ${emptyMs / 1000} s`)
      : new Fault("BOARD_NOT_BACK", `no device at usb:${path} within ${backMs / 1000} s after its reset`);
  }

  return {
    async open(signal) {
      for (let tries = 1; ; tries += 1) {
        const place = await next(signal);
        try {
          const link = await openDfu(place, system, signal);
          last = place.enumeration;
          return link;
        } catch (error) {
          // It was just leaving, or udev has not given it to us yet.
          const passing =
            error instanceof Fault && ["BOARD_LEFT", "ADAPTER_BUSY", "LINK_NOISE"].includes(error.code);
          if (!passing || tries === 5) throw error;
          await pause(200 * tries, signal);
        }
      }
    },
  };
}

/** `null` when the time is over first. */
async function limited<T>(
  ms: number,
  signal: AbortSignal,
  wait: (stop: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const over = new Error("over");
  using limit = deadline(realClock, signal, ms, () => over);
  try {
    return await wait(limit.signal);
  } catch (error) {
    if (error === over) return null;
    throw error;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await limited(
    ms,
    signal,
    (stop) => new Promise((_, reject) => stop.addEventListener("abort", () => reject(stop.reason as Error))),
  );
}

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

async function openDfu(place: UsbPlace, system: SystemSays, signal: AbortSignal): Promise<ControlLink> {
  const { device, path } = place;
  switch (system.kindOf(place)) {
    case "dfu":
      break;
    case "gs_usb":
    case "other":
      throw new Fault("FOREIGN_DEVICE", `usb:${path} is ${deviceName(device)}`);
    case "gone":
      throw new Fault("BOARD_LEFT", `the device at usb:${path} left the bus before it was opened`);
  }
  try {
    await device.open();
  } catch (error) {
    throw usbFault(error, `opening usb:${path}`);
  }
  try {
    return await over(device, path, system.driverOf, signal);
  } catch (error) {
    await close(device, null);
    throw error;
  }
}

/**
 * Takes the interface; true where a driver of the kernel had it. What another program has is left to it: the library
 * would take it away, and says of a free interface, too, that a driver was detached.
 */
async function claim(
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
    throw usbFault(error, `claiming the DFU interface of usb:${path}`);
  }
}

async function over(
  device: UsbDevice,
  path: string,
  driverOf: DriverOf,
  signal: AbortSignal,
): Promise<ControlLink> {
  const facts = await readFacts(device, path, signal);
  const { interfaceNumber } = facts;
  const detached = await claim(device, path, interfaceNumber, driverOf);
  const setupOf = (setup: ControlSetup): USBControlTransferParameters => ({
    requestType: setup.type,
    recipient: "interface",
    request: setup.request,
    value: setup.value,
    index: interfaceNumber,
  });
  const what = (setup: ControlSetup): string => `${setup.type} request ${setup.request}`;

  return {
    clock: realClock,
    facts,
    async controlIn(setup, length, stop) {
      const data = await transfer(
        () => device.nativeControlTransferIn(setupOf(setup), transferMs, length),
        what(setup),
        stop,
      );
      return data === "stall" ? { stall: true } : { stall: false, data: data ?? new Uint8Array() };
    },
    async controlOut(setup, data, stop): Promise<ControlAnswer> {
      const sent = await transfer(
        () => device.nativeControlTransferOut(setupOf(setup), transferMs, data),
        what(setup),
        stop,
      );
      return sent === "stall" ? { stall: true } : { stall: false, data: new Uint8Array() };
    },
    [Symbol.asyncDispose]: () => close(device, { interfaceNumber, detached }),
  };
}

interface Claimed {
  readonly interfaceNumber: number;
  readonly detached: boolean;
}

/** Closing a device that has gone is no trouble. An interface that is not released keeps the library's file open. */
async function close(device: UsbDevice, claimed: Claimed | null): Promise<void> {
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
async function transfer<T>(start: () => Promise<T>, what: string, signal: AbortSignal): Promise<T | "stall"> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  const running = start();
  // Nobody may wait for it any more when it ends.
  running.catch(() => {});
  try {
    return await Promise.race([running, stopped.promise]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (usbTrouble(error) === "stall") return "stall";
    throw usbFault(error, what);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Descriptors as bytes, by requests of our own: the library trims names, and trusts lengths that ROMs get wrong. */
async function readFacts(device: UsbDevice, path: string, signal: AbortSignal): Promise<DfuFactsOfDevice> {
  const get = async (
    type: number,
    index: number,
    language: number,
    length: number,
  ): Promise<Uint8Array | null> => {
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
  };
  const own = (await get(descriptorTypes.device, 0, 0, 18)) ?? new Uint8Array();
  const head = (await get(descriptorTypes.configuration, 0, 0, 9)) ?? new Uint8Array();
  const total = (head[2] ?? 0) | ((head[3] ?? 0) << 8);
  const configuration =
    (await get(descriptorTypes.configuration, 0, 0, Math.max(9, total))) ?? new Uint8Array();
  const found = parseDescriptors(own, configuration);
  if (typeof found === "string")
    throw new Fault("FOREIGN_DEVICE", `usb:${path} is ${deviceName(device)}: ${found}`);
  const english = 0x0409;
  const strings = new Map<number, string>();
  for (const index of stringsNeeded(found)) {
    const bytes = await get(descriptorTypes.string, index, english, 255).catch(() => null);
    if (bytes !== null) strings.set(index, cleanText(stringText(bytes), 300));
  }
  return dfuFacts(found, strings);
}
