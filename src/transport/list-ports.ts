import { readdirSync, readFileSync, realpathSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorText } from "../lib/thrown.ts";
import { Fault } from "../model/fault.ts";
import { canNets } from "./can/gs-usb-device.ts";
import { loaderRates } from "../protocol/can/rate.ts";
import type { BusRates } from "../protocol/links.ts";
import { gsUsbAbility } from "./can/gs-usb.ts";
import { listingComplaint } from "./usb/usb-complaint.ts";
import { slcanMake, usbWords } from "./can/slcan-makes.ts";
import { usbKind, usbPlaces } from "./usb/usb-bus.ts";

/** A USB device at its place in the tree. */
export interface UsbSeen {
  /** The kernel's spelling: `1-4.2`. */
  readonly path: string;
  readonly vendorId: number;
  readonly productId: number;
  /** What the device says of itself: not clean, may be empty. */
  readonly product: string;
  /** The same. */
  readonly serial: string;
  /** It has an interface of the DFU class. */
  readonly dfu: boolean;
  /** It is a gs_usb adapter. */
  readonly gsUsb: boolean;
}

/** A serial port under the name that stays with its socket, where the system has one. */
export interface SerialSeen {
  readonly device: string;
  /** `/dev/serial/by-path/…`; empty where there is none. */
  readonly byPath: string | null;
  /** Serial number of the adapter: not clean; `null` where it has none. All ports of one adapter have the same. */
  readonly serial: string | null;
  /** The make of an adapter that speaks slcan, as its USB ids or its own words say; `null`: it may be anything. */
  readonly slcan: string | null;
}

export interface CanSeen {
  readonly name: string;
  /** As the kernel says it: `up`, `down`, `unknown`. */
  readonly state: string;
}

/** What could be listed, or the sentence that says why not. */
export type Listing<T> =
  | { readonly ok: true; readonly found: readonly T[] }
  | { readonly ok: false; readonly why: string };

/** Where the system's files are; another place in tests. */
export interface Roots {
  readonly sys: string;
  readonly dev: string;
}
const ownRoots: Roots = { sys: "/sys", dev: "/dev" };

export async function listUsb(): Promise<Listing<UsbSeen>> {
  try {
    const found = (await usbPlaces()).flatMap((place) => {
      const kind = usbKind(place);
      const { path, device } = place;
      if (kind === "gone") return [];
      return [
        {
          path,
          vendorId: device.vendorId,
          productId: device.productId,
          product: device.productName ?? "",
          serial: device.serialNumber ?? "",
          dfu: kind === "dfu",
          gsUsb: kind === "gs_usb",
        },
      ];
    });
    return { ok: true, found: found.sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true })) };
  } catch (error) {
    return { ok: false, why: listingComplaint(error) };
  }
}

/** What a gs_usb adapter has; `rates` are `null` where somebody has it, who is not disturbed for a list. */
export interface GsUsbSeen {
  readonly channels: readonly {
    /** The kernel's interface of it, where its driver has the adapter. */
    readonly net: string | null;
    readonly rates: readonly BusRates[] | null;
  }[];
  /** Why the rates are not known. */
  readonly why: string | null;
}

/** Asks an adapter that nobody has what it can do. What the kernel's driver has is told from its own files. */
export async function lookAtGsUsb(path: string): Promise<GsUsbSeen> {
  const nets = canNets(path);
  if (nets.length > 0) {
    const names = nets.map(({ name }) => name).join(", ");
    return {
      channels: nets.map(({ name }) => ({ net: name, rates: null })),
      why: `the kernel has it as ${names}: "ip -details link show ${nets[0]?.name ?? ""}" tells what it can do`,
    };
  }
  try {
    const { channels } = await gsUsbAbility(path, loaderRates, new AbortController().signal);
    return { channels: channels.map(({ rates }) => ({ net: null, rates })), why: null };
  } catch (error) {
    const why = error instanceof Fault ? error.detail : String(error);
    return { channels: [{ net: null, rates: null }], why };
  }
}

export async function listSerial(roots: Roots = ownRoots): Promise<Listing<SerialSeen>> {
  if (process.platform === "linux") return listLinuxSerial(roots);
  try {
    const { SerialPort } = await import("serialport");
    const ports = await SerialPort.list();
    return {
      ok: true,
      found: ports.map(({ path, serialNumber, vendorId = "", productId = "", manufacturer = "" }) => ({
        device: path,
        byPath: null,
        serial: serialNumber ?? null,
        slcan: slcanMake({ vendorId, productId, product: manufacturer }),
      })),
    };
  } catch (error) {
    return {
      ok: false,
      why: `serial ports cannot be listed: ${errorText(error)}`,
    };
  }
}

// Read from the kernel's own files: the driver would ask udevadm, which small systems do not have.
function listLinuxSerial({ sys, dev }: Roots): Listing<SerialSeen> {
  const byPath = namesByPath(join(dev, "serial", "by-path"));
  const found = entries(join(sys, "class", "tty"))
    .filter((name) => isPort(join(sys, "class", "tty", name)))
    .map((name) => ({ name, device: join(dev, name) }))
    .filter(({ device }) => existsSync(device))
    .map(({ name, device }) => {
      const adapter = adapterOf(join(sys, "class", "tty", name, "device"));
      return {
        device,
        byPath: byPath.get(realpathSync(device)) ?? null,
        serial: adapter === null ? null : textOf(join(adapter, "serial")),
        slcan: adapter === null ? null : slcanMake(usbWords((name) => textOf(join(adapter, name)))),
      };
    });
  return { ok: true, found };
}

/** The USB device that a terminal belongs to, which lies a folder or two above it. */
function adapterOf(folder: string): string | null {
  const levels = 4;
  try {
    let at = realpathSync(folder);
    for (let i = 0; i < levels; i += 1, at = dirname(at)) if (existsSync(join(at, "idVendor"))) return at;
  } catch {
    // It has just left.
  }
  return null;
}

/** A terminal with hardware behind it; the 8250 driver lists places where none was found with type 0. */
function isPort(folder: string): boolean {
  if (!existsSync(join(folder, "device"))) return false;
  const type = textOf(join(folder, "type"));
  return type === null || type !== "0";
}

function namesByPath(folder: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const name of entries(folder)) {
    try {
      const device = realpathSync(join(folder, name));
      // Newer systems list each port twice; the plain name is the one that older ones know, too.
      if (!names.has(device) || !name.includes("-usbv")) names.set(device, join(folder, name));
    } catch {
      // A link to a port that has just left.
    }
  }
  return names;
}

/** CAN interfaces of the kernel; other systems have none. */
export function listCan({ sys }: Roots = ownRoots): Listing<CanSeen> {
  const folder = join(sys, "class", "net");
  // ARPHRD_CAN
  const found = entries(folder)
    .filter((name) => textOf(join(folder, name, "type")) === "280")
    .map((name) => ({ name, state: textOf(join(folder, name, "operstate")) ?? "unknown" }));
  return { ok: true, found };
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  } catch {
    return [];
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
}
