import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "../../lib/thrown.ts";
import { Fault } from "../../model/fault.ts";
import { usbTrouble } from "../usb/usb-complaint.ts";
import { usbDriver, usbKind, type UsbDevice, type UsbKind, type UsbPlace } from "../usb/usb-bus.ts";

/** The few transfers that a gs_usb adapter needs; a simulated one may stand behind them. All reject with a Fault. */
export interface GsUsbDevice extends AsyncDisposable {
  /** Its own name, not clean. */
  readonly name: string;
  /** Vendor request to the interface, device to host. A refusal is a Fault, too: a device refuses what it never does. */
  controlIn(request: number, value: number, length: number): Promise<Uint8Array>;
  controlOut(request: number, value: number, data: Uint8Array): Promise<void>;
  /** What the device sends next, one frame; `null` where it sent nothing for a while. One at a time. */
  read(length: number): Promise<Uint8Array | null>;
  /** One frame; waits for room. One at a time. */
  write(bytes: Uint8Array): Promise<void>;
}

/** What the system knows of a device that nobody has opened; replaced in tests. */
export interface GsUsbSystem {
  kindOf(place: UsbPlace): UsbKind;
  driverOf(path: string, interfaceNumber: number): string | null;
  /** Numbers of the two bulk endpoints of the adapter's interface. */
  endpointsOf(place: UsbPlace): Endpoints;
  /** Network interfaces that the kernel's driver has made of its channels, and whether somebody has them up. */
  netsOf(path: string): readonly { readonly name: string; readonly up: boolean }[];
}

interface Endpoints {
  readonly in: number;
  readonly out: number;
}
const thisSystem: GsUsbSystem = { kindOf: usbKind, driverOf: usbDriver, endpointsOf, netsOf: canNets };

/** Of all adapters that there are (protocols/can-adapters.md, C1). */
const gsInterface = 0;
/** Those of candleLight, which Linux took for granted for ten years; others say theirs in their descriptors. */
const usualEndpoints: Endpoints = { in: 1, out: 2 };
/** An answer comes at once; on a machine that is busy with a gang it has been seen to take more than a second. */
const controlMs = 3000;
/** A device whose transmit queue stands still takes nothing more; the host keeps less in it than it has room for. */
const writeMs = 60_000;
/**
 * The library cannot take a transfer back before its time is over, and a frame that comes at that very moment is lost.
 * So the time is long where closing can end it otherwise (`giveBack`), and short where closing has to wait for it.
 */
const readMs = process.platform === "linux" ? 10_000 : 1000;

/** Opens the adapter; the kernel's driver, where it has it, gets it back at the end. Throws a Fault. */
export async function openGsUsbDevice(
  place: UsbPlace,
  system: GsUsbSystem = thisSystem,
): Promise<GsUsbDevice> {
  const { path, device } = place;
  const at = `can:gs_usb:${path}`;
  const name = device.productName ?? "";
  const why = standing(place, system);
  if (why !== null) throw why;
  const driver = system.driverOf(path, gsInterface);
  try {
    await device.open();
  } catch (error) {
    throw adapterFault(error, `opening ${at}`);
  }
  const detached = driver !== null;
  try {
    if (detached) await device.detachKernelDriver(gsInterface);
    await device.claimInterface(gsInterface);
  } catch (error) {
    await giveBack(device, { detached, claimed: false });
    throw adapterFault(error, `claiming ${at}`);
  }
  return over(device, name, at, system.endpointsOf(place), detached);
}

/** Why the adapter cannot be had now, or `null`; it is looked at, not opened. */
export function standing(place: UsbPlace, system: GsUsbSystem = thisSystem): Fault | null {
  const { path } = place;
  const at = `can:gs_usb:${path}`;
  if (system.kindOf(place) !== "gs_usb")
    return new Fault("ADAPTER_LOST", `the device at ${at} is no gs_usb adapter`);
  const up = system.netsOf(path).find((net) => net.up)?.name;
  if (up !== undefined)
    return new Fault(
      "ADAPTER_BUSY",
      `${at} is in use as ${up}: "ip link set ${up} down" frees it, or the slot takes can:socketcan:${up}`,
    );
  return system.driverOf(path, gsInterface) === "usbfs"
    ? new Fault("ADAPTER_BUSY", `another program has ${at}`)
    : null;
}

function over(
  device: UsbDevice,
  name: string,
  at: string,
  endpoints: Endpoints,
  detached: boolean,
): GsUsbDevice {
  const setupOf = (request: number, value: number): USBControlTransferParameters => ({
    requestType: "vendor",
    recipient: "interface",
    request,
    value,
    index: gsInterface,
  });
  let reading: Promise<unknown> = Promise.resolve();
  return {
    name,
    async controlIn(request, value, length) {
      try {
        const bytes = await device.nativeControlTransferIn(setupOf(request, value), controlMs, length);
        return bytes ?? new Uint8Array();
      } catch (error) {
        throw adapterFault(error, `request ${request} to ${at}`);
      }
    },
    async controlOut(request, value, data) {
      try {
        await device.nativeControlTransferOut(setupOf(request, value), controlMs, data);
      } catch (error) {
        throw adapterFault(error, `request ${request} to ${at}`);
      }
    },
    async read(length) {
      const transfer = device.nativeTransferIn(endpoints.in, readMs, length);
      reading = transfer.catch(() => {});
      try {
        return await transfer;
      } catch (error) {
        if (usbTrouble(error) === "silent") return null;
        throw adapterFault(error, `reading from ${at}`);
      }
    },
    async write(bytes) {
      try {
        await device.nativeTransferOut(endpoints.out, writeMs, bytes);
      } catch (error) {
        throw adapterFault(error, `writing to ${at}`);
      }
    },
    async [Symbol.asyncDispose]() {
      // The library holds the interface until the transfer that waits is over. On Linux taking the interface away from
      // ourselves ends it.
      if (process.platform === "linux") await device.detachKernelDriver(gsInterface).catch(() => {});
      await reading;
      await giveBack(device, { detached, claimed: true });
    },
  };
}

/** Closing a device that has gone is no trouble. */
async function giveBack(
  device: UsbDevice,
  { detached, claimed }: { readonly detached: boolean; readonly claimed: boolean },
): Promise<void> {
  if (claimed) await device.releaseInterface(gsInterface).catch(() => {});
  if (detached) await device.attachKernelDriver(gsInterface).catch(() => {});
  await device.close().catch(() => {});
}

/** What the library threw: an adapter that is gone or does not do its part is lost to the station, not to the board. */
function adapterFault(error: unknown, what: string): Fault {
  const said = errorText(error);
  switch (usbTrouble(error)) {
    case "gone":
      return new Fault("ADAPTER_LOST", `the adapter left the bus in ${what}`, { cause: error });
    case "silent":
      return new Fault("ADAPTER_LOST", `the adapter did not answer in ${what}`, { cause: error });
    case "stall":
      return new Fault("ADAPTER_LOST", `the adapter refused ${what}`, { cause: error });
    case "busy":
      return new Fault("ADAPTER_BUSY", `another program has the adapter: ${said}`, { cause: error });
    case "denied":
      return new Fault(
        "ADAPTER_BUSY",
        `this user may not open the adapter; gangflash ports says what mends it`,
        {
          cause: error,
        },
      );
    case "noise":
      return new Fault("ADAPTER_LOST", `${what}: ${said}`, { cause: error });
    default:
      return usbTrouble(error) as never;
  }
}

/** As the descriptors say, of which Linux has a copy. Elsewhere the open device tells. */
function endpointsOf({ path, device }: UsbPlace): Endpoints {
  if (process.platform === "linux") {
    try {
      return endpointsIn(readFileSync(join("/sys/bus/usb/devices", path, "descriptors")));
    } catch {
      return usualEndpoints;
    }
  }
  const own = device.configuration?.interfaces.find((one) => one.interfaceNumber === gsInterface);
  const bulk = (direction: USBDirection): number | undefined =>
    own?.alternate.endpoints.find((one) => one.type === "bulk" && one.direction === direction)
      ?.endpointNumber;
  return { in: bulk("in") ?? usualEndpoints.in, out: bulk("out") ?? usualEndpoints.out };
}

/** The bulk endpoints of the adapter's interface in a row of descriptors. */
export function endpointsIn(bytes: Uint8Array): Endpoints {
  const types = { interface: 4, endpoint: 5 } as const;
  const bulk = 2;
  const found = { ...usualEndpoints };
  let inside = false;
  for (let at = 0; at + 2 <= bytes.length;) {
    const [length = 0, type, second = 0, third = 0] = bytes.subarray(at, at + 9);
    if (length < 2) return found;
    if (type === types.interface) inside = second === gsInterface && third === 0;
    if (inside && type === types.endpoint && (third & 3) === bulk)
      found[(second & 0x80) === 0 ? "out" : "in"] = second & 15;
    at += length;
  }
  return found;
}

/** What the kernel's driver has made of an adapter: `can0`, in the order of the channels. */
export function canNets(path: string, sys = "/sys"): { readonly name: string; readonly up: boolean }[] {
  const folder = join(sys, "bus", "usb", "devices", `${path}:1.${gsInterface}`, "net");
  if (!existsSync(folder)) return [];
  const word = (name: string, file: string): number => {
    try {
      return Number(readFileSync(join(folder, name, file), "utf8"));
    } catch {
      return 0;
    }
  };
  const isUp = 1;
  return readdirSync(folder)
    .map((name) => ({ name, channel: word(name, "dev_port"), up: (word(name, "flags") & isUp) !== 0 }))
    .sort((a, b) => a.channel - b.channel)
    .map(({ name, up }) => ({ name, up }));
}
