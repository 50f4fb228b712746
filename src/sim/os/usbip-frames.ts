import { concat } from "../../lib/bytes.ts";

/** USB/IP before a device is imported (protocols/usbip.md, section 2): who offers what, and "give me this one". */

const usbipVersion = 0x0111;
const codes = { devlist: 0x0005, import: 0x0003 } as const;
const request = 0x8000;

export const opStatus = {
  ok: 0,
  notAvailable: 1,
  busy: 2,
  deviceError: 3,
  noSuchDevice: 4,
  error: 5,
} as const;
/** Speed of a full-speed device (section 5). */
export const fullSpeed = 2;

const headerBytes = 8;
const busidBytes = 32;
const pathBytes = 256;
const recordBytes = 312;
const importRequestBytes = headerBytes + busidBytes;

/** What stands in a list of devices and in the answer to an import. */
export interface DeviceRecord {
  readonly path: string;
  readonly busid: string;
  /** Both 1 to 255: the Linux tool keeps 8 bits of each. */
  readonly busnum: number;
  readonly devnum: number;
  readonly speed: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceVersion: number;
  readonly deviceClass: readonly [number, number, number];
  readonly configuration: number;
  readonly configurations: number;
  /** Class, subclass and protocol of each interface. */
  readonly interfaces: readonly (readonly [number, number, number])[];
}

/** What names an imported device in each message after. */
export function devidOf({ busnum, devnum }: Pick<DeviceRecord, "busnum" | "devnum">): number {
  return busnum * 0x1_0000 + devnum;
}

export type OpRequest =
  | { readonly kind: "devlist" }
  | { readonly kind: "import"; readonly busid: string }
  /** More bytes must come first. */
  | { readonly kind: "more" }
  | { readonly kind: "bad"; readonly why: string };

/** The first message of a connection. */
export function parseOpRequest(bytes: Uint8Array): OpRequest {
  if (bytes.length < headerBytes) return { kind: "more" };
  const view = viewOf(bytes);
  const version = view.getUint16(0);
  if (version !== usbipVersion)
    return { kind: "bad", why: `version ${hex(version)} found, ${hex(usbipVersion)} was expected` };
  const code = view.getUint16(2);
  switch (code) {
    case request + codes.devlist:
      return { kind: "devlist" };
    case request + codes.import:
      if (bytes.length < importRequestBytes) return { kind: "more" };
      return { kind: "import", busid: textOf(bytes.subarray(headerBytes, importRequestBytes)) };
    default:
      return { kind: "bad", why: `request ${hex(code)}, which is not offered` };
  }
}

export const devlistRequest = (): Uint8Array => header(request + codes.devlist, 0);

export function importRequest(busid: string): Uint8Array {
  return concat([header(request + codes.import, 0), padded(busid, busidBytes)]);
}

export function devlistReply(devices: readonly DeviceRecord[]): Uint8Array {
  const count = new Uint8Array(4);
  viewOf(count).setUint32(0, devices.length);
  const each = devices.flatMap((device) => [
    recordOf(device),
    Uint8Array.from(device.interfaces.flatMap((kind) => [...kind, 0])),
  ]);
  return concat([header(codes.devlist, opStatus.ok), count, ...each]);
}

/** The device, or the status that says why not; then nothing follows. */
export function importReply(found: DeviceRecord | number): Uint8Array {
  if (typeof found === "number") return header(codes.import, found);
  return concat([header(codes.import, opStatus.ok), recordOf(found)]);
}

export type ImportAnswer =
  | { readonly kind: "device"; readonly busid: string; readonly devid: number; readonly speed: number }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "more" }
  | { readonly kind: "bad"; readonly why: string };

export function parseImportReply(bytes: Uint8Array): ImportAnswer {
  if (bytes.length < headerBytes) return { kind: "more" };
  const view = viewOf(bytes);
  if (view.getUint16(0) !== usbipVersion || view.getUint16(2) !== codes.import)
    return { kind: "bad", why: `${hex(view.getUint32(0))} is no answer to an import` };
  const status = view.getUint32(4);
  if (status !== opStatus.ok) return { kind: "refused", status };
  if (bytes.length < headerBytes + recordBytes) return { kind: "more" };
  if (bytes.length > headerBytes + recordBytes)
    return { kind: "bad", why: "more than the record came before the kernel asked for anything" };
  const record = viewOf(bytes.subarray(headerBytes));
  return {
    kind: "device",
    busid: textOf(bytes.subarray(headerBytes + pathBytes, headerBytes + pathBytes + busidBytes)),
    devid: devidOf({ busnum: record.getUint32(288), devnum: record.getUint32(292) }),
    speed: record.getUint32(296),
  };
}

function header(code: number, status: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = viewOf(bytes);
  view.setUint16(0, usbipVersion);
  view.setUint16(2, code);
  view.setUint32(4, status);
  return bytes;
}

function recordOf(device: DeviceRecord): Uint8Array {
  const bytes = new Uint8Array(recordBytes);
  bytes.set(padded(device.path, pathBytes));
  bytes.set(padded(device.busid, busidBytes), pathBytes);
  const view = viewOf(bytes);
  view.setUint32(288, device.busnum);
  view.setUint32(292, device.devnum);
  view.setUint32(296, device.speed);
  view.setUint16(300, device.vendorId);
  view.setUint16(302, device.productId);
  view.setUint16(304, device.deviceVersion);
  const { deviceClass, configuration, configurations, interfaces } = device;
  bytes.set([...deviceClass, configuration, configurations, interfaces.length], 306);
  return bytes;
}

/** One byte at least stays 0: the other side reads up to it. */
function padded(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(Buffer.from(text, "utf8").subarray(0, length - 1));
  return bytes;
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("utf8");
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const hex = (value: number): string => `0x${value.toString(16).padStart(4, "0")}`;
