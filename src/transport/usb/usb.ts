import { cleanText } from "../../lib/clean-text.ts";
import { realClock } from "../../lib/clock.ts";
import { Fault } from "../../model/fault.ts";
import { dfuFacts, parseDescriptors, stringsNeeded, stringText } from "../../protocol/dfu/descriptors.ts";
import type { ControlAnswer, ControlLink, ControlSetup, DfuFactsOfDevice } from "../../protocol/links.ts";
import type { Enter } from "../entry.ts";
import { limited, pause } from "../limited.ts";
import {
  claim,
  close,
  descriptorTypes,
  deviceName,
  getDescriptor,
  readDescriptors,
  transfer,
  type DriverOf,
} from "./usb-access.ts";
import { usbDriver, usbKind, type UsbDevice, type UsbKind, type UsbPlace, type UsbWatch } from "./usb-bus.ts";
import { usbFault } from "./usb-complaint.ts";

/** An empty slot is waited for so long (contract, Exit codes). */
const emptyMs = 10_000;
/** Longest that a board may be off the bus between two resets, ms; an unprotect erases all of its flash first. */
const backMs = 60_000;
/** A board that was reset shows its old enumeration for a moment; after this it was not reset. */
const oldMs = 3000;
/** The library's own limit of one transfer, ms: a GETSTATUS may block for a mass erase. Ours come by the signal. */
const transferMs = 45_000;
/** Longest from the end of an entry to the loader, ms: the application ends, the chip resets, the host enumerates. */
const entryMs = 20_000;

/** The DFU devices of one slot, one after another: each reset gives it a new enumeration at the same path. */
export interface DfuSlot {
  /** Waits for the board at the slot's path and opens its loader. Throws a Fault. */
  open(signal: AbortSignal): Promise<ControlLink>;
  /** What was done to the board to reach its loader, since this was asked the last time. */
  notes(): readonly string[];
}

/** What the system knows of devices that nobody has opened; replaced in tests. */
export interface SystemSays {
  kindOf(place: UsbPlace): UsbKind;
  driverOf: DriverOf;
}
const systemSays: SystemSays = { kindOf: usbKind, driverOf: usbDriver };

/**
 * The slot at a topology path. A foreign device there is told by its name, and never opened by guess; an application
 * is asked to go where an `enter` says how, after every reset that ends in it.
 */
export function dfuSlot(
  path: string,
  watch: UsbWatch,
  system: SystemSays = systemSays,
  enter: Enter | null = null,
): DfuSlot {
  let last: string | null = null;
  let notes: string[] = [];

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

  /** From the application at this place to the loader that follows it there. */
  async function loaderAfter(place: UsbPlace, how: Enter, signal: AbortSignal): Promise<UsbPlace> {
    const application = deviceName(place.device);
    const done = await how(place, signal);
    notes.push(`the board ran its application, ${application}: its loader was entered by ${done}`);
    const isLoader = (now: UsbPlace): boolean =>
      now.enumeration !== place.enumeration && system.kindOf(now) === "dfu";
    const loader = await limited(entryMs, signal, (stop) => watch.whenThere(path, isLoader, stop));
    if (loader !== null) return loader;
    const within = `${entryMs / 1000} s after ${done}`;
    const now = (await watch.now()).find((one) => one.path === path);
    if (now === undefined) throw new Fault("BOARD_NOT_BACK", `no device at usb:${path} within ${within}`);
    const stays =
      now.enumeration === place.enumeration ? "is still there" : `is followed by ${deviceName(now.device)}`;
    throw new Fault("ENTRY_IGNORED", `${application} at usb:${path} ${stays}, ${within}`);
  }

  const isApplication = (place: UsbPlace): boolean => ["runtime", "other"].includes(system.kindOf(place));

  return {
    async open(signal) {
      for (let tries = 1; ; tries += 1) {
        const found = await next(signal);
        try {
          const place =
            enter !== null && isApplication(found) ? await loaderAfter(found, enter, signal) : found;
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
    notes() {
      const taken = notes;
      notes = [];
      return taken;
    },
  };
}

async function openDfu(place: UsbPlace, system: SystemSays, signal: AbortSignal): Promise<ControlLink> {
  const { device, path } = place;
  switch (system.kindOf(place)) {
    case "dfu":
      break;
    case "runtime":
      throw new Fault(
        "FOREIGN_DEVICE",
        `usb:${path} is ${deviceName(device)}: the board runs its application, not its loader: check BOOT0, or let "entry: { by: dfu-detach }" ask it`,
      );
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

/** What the descriptors say, with the strings as they really came. */
async function readFacts(device: UsbDevice, path: string, signal: AbortSignal): Promise<DfuFactsOfDevice> {
  const { own, configuration } = await readDescriptors(device, signal);
  const found = parseDescriptors(own, configuration);
  if (typeof found === "string")
    throw new Fault("FOREIGN_DEVICE", `usb:${path} is ${deviceName(device)}: ${found}`);
  const english = 0x0409;
  const strings = new Map<number, string>();
  for (const index of stringsNeeded(found)) {
    const bytes = await getDescriptor(device, descriptorTypes.string, index, english, 255, signal).catch(
      () => null,
    );
    if (bytes !== null) strings.set(index, cleanText(stringText(bytes), 300));
  }
  return dfuFacts(found, strings);
}
