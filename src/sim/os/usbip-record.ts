import { wordAt, type UsbDevice } from "./usb-device.ts";
import { fullSpeed, type DeviceRecord } from "./usbip-frames.ts";

/** A device under the name that hosts ask for it by; a list has each name once. */
export interface Exported {
  /** `1-1` to `1-255`. */
  readonly busid: string;
  readonly device: UsbDevice;
}

/** All simulated devices hang on a bus of this number. */
const busnum = 1;
const interfaceDescriptor = 4;

/** What an exported device is, read from its own descriptors. */
export function recordOf({ busid, device }: Exported): DeviceRecord {
  const { device: bytes, configuration } = device.descriptors();
  return {
    path: `/sys/devices/gangflash/usb${busnum}/${busid}`,
    busid,
    busnum,
    devnum: devnumOf(busid),
    speed: fullSpeed,
    vendorId: wordAt(bytes, 8),
    productId: wordAt(bytes, 10),
    deviceVersion: wordAt(bytes, 12),
    deviceClass: [bytes[4] ?? 0, bytes[5] ?? 0, bytes[6] ?? 0],
    configuration: configuration[5] ?? 1,
    configurations: bytes[17] ?? 1,
    interfaces: interfacesOf(configuration),
  };
}

/** The name of the n-th device, from 1. */
export function busidOf(devnum: number): string {
  if (devnum < 1 || devnum > 255) throw new RangeError(`${devnum} devices, 255 are possible`);
  return `${busnum}-${devnum}`;
}

const devnumOf = (busid: string): number => Number(busid.slice(busid.indexOf("-") + 1));

/** One for each interface: its alternate setting 0. */
function interfacesOf(configuration: Uint8Array): [number, number, number][] {
  const found: [number, number, number][] = [];
  for (let at = 0; at + 1 < configuration.length; at += Math.max(2, configuration[at] ?? 0)) {
    if (configuration[at + 1] !== interfaceDescriptor || configuration[at + 3] !== 0) continue;
    found.push([configuration[at + 5] ?? 0, configuration[at + 6] ?? 0, configuration[at + 7] ?? 0]);
  }
  return found;
}
