import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { usb as library } from "usb";
import { gsUsbIds } from "../can/gs-usb-ids.ts";

/** A device as the library gives it: WebUSB, and its place on the bus. */
export type UsbDevice = Awaited<ReturnType<(typeof library)["getDevices"]>>[number];

/** A device at its place: the kernel's own spelling of the topology path, such as `1-4.2`. */
export interface UsbPlace {
  readonly path: string;
  /** Changes with each enumeration: bus and address. */
  readonly enumeration: string;
  readonly device: UsbDevice;
}

/** What is plugged in now; devices are listed, none is opened. Throws what the library says where there is no USB. */
export async function usbPlaces(): Promise<UsbPlace[]> {
  const { usb } = await import("usb");
  const devices = await usb.getDevices();
  return devices.flatMap((device) => {
    // A root hub has no port of its own.
    if (device.ports.length === 0) return [];
    return [{ path: pathOf(device), enumeration: `${device.bus}:${device.address}`, device }];
  });
}

/** The library pads a bus number with zeros: `001`. */
function pathOf({ bus, ports }: UsbDevice): string {
  return `${bus.replace(/^0+(?=[0-9])/, "")}-${ports.join(".")}`;
}

/**
 * What a device is, as far as it can be told before anyone opens it: a DFU loader, an application with a DFU run-time
 * interface, a gs_usb adapter, something else. `gone`: it left since it was listed.
 */
export type UsbKind = "dfu" | "runtime" | "gs_usb" | "other" | "gone";

const dfuClass = { kind: 0xfe, subclass: 0x01, runtime: 0x01 } as const;

const hex4 = (value: number): string => value.toString(16).padStart(4, "0");

/** Class, subclass and protocol of an interface. */
interface UsbInterface {
  readonly kind: number;
  readonly subclass: number;
  readonly protocol: number;
}

/**
 * A gs_usb adapter goes by its ids, a loader by its interface of class FE/01. On Linux the kernel's own copy of the
 * descriptors tells. The library's `configurations` opens the device and reads the name of each setting, the whole
 * program waiting meanwhile: a device that is at work, or somebody else's, must not be asked so. Other systems have
 * nothing better.
 */
export function usbKind({ device, path }: UsbPlace, sys = "/sys"): UsbKind {
  if (gsUsbIds.has(`${hex4(device.vendorId)}:${hex4(device.productId)}`)) return "gs_usb";
  if (process.platform !== "linux") return kindByLibrary(device);
  try {
    return kindOfInterfaces(
      interfacesIn(readFileSync(join(sys, "bus", "usb", "devices", path, "descriptors"))),
    );
  } catch {
    return "gone";
  }
}

/** An interface of DFU mode makes a loader, whatever else the device has (DFU 1.1, section 4.2.3: mode is protocol 2). */
function kindOfInterfaces(all: readonly UsbInterface[]): UsbKind {
  const dfu = all.filter(({ kind, subclass }) => kind === dfuClass.kind && subclass === dfuClass.subclass);
  if (dfu.length === 0) return "other";
  return dfu.every(({ protocol }) => protocol === dfuClass.runtime) ? "runtime" : "dfu";
}

/** It has an interface of a class that serial ports have; where the system does not tell, it may. */
export function hasSerialPort({ path }: UsbPlace, sys = "/sys"): boolean {
  const communications = 0x02;
  if (process.platform !== "linux") return true;
  try {
    const all = interfacesIn(readFileSync(join(sys, "bus", "usb", "devices", path, "descriptors")));
    return all.some(({ kind }) => kind === communications);
  } catch {
    return false;
  }
}

/** The kernel's driver of an interface; `usbfs` is another program. `null`: none has it, or the system does not tell. */
export function usbDriver(path: string, interfaceNumber: number, sys = "/sys"): string | null {
  const folder = join(sys, "bus", "usb", "devices");
  try {
    const name = readdirSync(folder).find(
      (one) => one.startsWith(`${path}:`) && one.endsWith(`.${interfaceNumber}`),
    );
    return name === undefined ? null : basename(readlinkSync(join(folder, name, "driver")));
  } catch {
    return null;
  }
}

/** Of descriptors in a row, the device's own first; broken ones end the list. */
function interfacesIn(bytes: Uint8Array): UsbInterface[] {
  const interfaceType = 4;
  const found: UsbInterface[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const [length = 0, type, , , , kind = 0, subclass = 0, protocol = 0] = bytes.subarray(at, at + 9);
    if (length < 2) break;
    if (type === interfaceType && at + length <= bytes.length) found.push({ kind, subclass, protocol });
    at += length;
  }
  return found;
}

function kindByLibrary(device: UsbDevice): UsbKind {
  try {
    const all = device.configurations.flatMap(({ interfaces }) => interfaces);
    return kindOfInterfaces(
      all.flatMap(({ alternates }) =>
        alternates.map((one) => ({
          kind: one.interfaceClass,
          subclass: one.interfaceSubclass,
          protocol: one.interfaceProtocol,
        })),
      ),
    );
  } catch {
    // Without a driver for it the system does not open it: nothing of ours.
    return "other";
  }
}

/** Something changed on the bus, by path. */
export type UsbChange =
  | { readonly kind: "appeared"; readonly place: UsbPlace }
  | { readonly kind: "left"; readonly path: string };

/** How often the bus is looked at where no event comes (no udevd), ms. */
const pollMs = 500;

/** All slots of a station share one watch of the bus. */
export interface UsbWatch extends Disposable {
  /** What is plugged in, as of the last look; looks now when nobody has yet. */
  now(): Promise<readonly UsbPlace[]>;
  /** Calls back for each change from now on. */
  subscribe(changed: (change: UsbChange) => void): Disposable;
  /** Waits until a device lies at a path that `fits`; ends with the signal's reason. */
  whenThere(path: string, fits: (place: UsbPlace) => boolean, signal: AbortSignal): Promise<UsbPlace>;
}

export type ListPlaces = () => Promise<readonly UsbPlace[]>;
/** Calls back at each event of the bus, until disposed. */
export type UsbEvents = (nudge: () => void) => Disposable;

/**
 * Watches the bus by the library's events where udevd runs, and by looking every 500 ms while somebody waits. Both
 * sources are replaced in tests.
 */
export function watchUsb(list: ListPlaces = usbPlaces, eventsOf: UsbEvents = libraryEvents): UsbWatch {
  const listeners = new Set<(change: UsbChange) => void>();
  let known: ReadonlyMap<string, UsbPlace> | null = null;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let ended = false;

  function look(): Promise<void> {
    looking ??= list()
      .then(compare)
      .finally(() => {
        looking = null;
      });
    return looking;
  }

  function compare(places: readonly UsbPlace[]): void {
    const before = known ?? new Map<string, UsbPlace>();
    const after = new Map(places.map((place) => [place.path, place]));
    known = after;
    for (const [path, place] of before)
      if (after.get(path)?.enumeration !== place.enumeration) tell({ kind: "left", path });
    for (const place of after.values())
      if (before.get(place.path)?.enumeration !== place.enumeration) tell({ kind: "appeared", place });
  }

  function tell(change: UsbChange): void {
    for (const listener of listeners) listener(change);
  }

  /** Looks on while anybody listens; one that cannot look now looks again. */
  function arm(): void {
    if (timer !== null || ended || listeners.size === 0) return;
    timer = setTimeout(() => {
      timer = null;
      void look()
        .catch(() => {})
        .finally(arm);
    }, pollMs);
  }

  const nudge = (): void => void look().catch(() => {});
  const events = eventsOf(nudge);

  function subscribe(changed: (change: UsbChange) => void): Disposable {
    listeners.add(changed);
    arm();
    return { [Symbol.dispose]: () => void listeners.delete(changed) };
  }

  return {
    async now() {
      await look();
      return [...(known?.values() ?? [])];
    },
    subscribe,
    async whenThere(path, fits, signal) {
      signal.throwIfAborted();
      const found = Promise.withResolvers<UsbPlace>();
      // The wait may end while the bus is still being looked at: then nobody has asked for this one yet.
      found.promise.catch(() => undefined);
      const stop = (): void => found.reject(signal.reason as Error);
      signal.addEventListener("abort", stop, { once: true });
      using _changes = subscribe((change) => {
        if (change.kind === "appeared" && change.place.path === path && fits(change.place))
          found.resolve(change.place);
      });
      try {
        await look();
        signal.throwIfAborted();
        const here = known?.get(path);
        if (here !== undefined && fits(here)) return here;
        return await found.promise;
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
    [Symbol.dispose]() {
      ended = true;
      if (timer !== null) clearTimeout(timer);
      events[Symbol.dispose]();
    },
  };
}

/** The library's own events; where it has none, looking is enough. */
function libraryEvents(nudge: () => void): Disposable {
  let off = (): void => {};
  let over = false;
  async function begin(): Promise<void> {
    const { usb } = await import("usb");
    // Where there is no USB the library would reject a promise that nobody holds, and end the program.
    await usb.getDevices();
    if (over) return;
    usb.addEventListener("connect", nudge);
    usb.addEventListener("disconnect", nudge);
    off = () => {
      usb.removeEventListener("connect", nudge);
      usb.removeEventListener("disconnect", nudge);
    };
  }
  begin().catch(() => {});
  return {
    [Symbol.dispose]() {
      over = true;
      off();
    },
  };
}
