import type { StandardDescriptors } from "../dfu/usb-standard.ts";

/** Who a simulated device says it is. */
export interface Identity {
  readonly vendorId: number;
  readonly productId: number;
  readonly maker: string;
  readonly product: string;
  readonly serial: string;
}

/** For private use and tests only (pid.codes). */
export const testVendor = 0x1209;
export const adapterProduct = 0x0001;
export const foreignProduct = 0x0002;

export const endpoints = { data: 1, notification: 2 } as const;
const notificationBytes = 16;
const packetBytes = 64;

/** A serial adapter of the class CDC-ACM: a control interface with notifications, a data interface (PSTN 1.2). */
export function adapterDescriptors(identity: Identity): StandardDescriptors {
  const { data, notification } = endpoints;
  return withInterfaces(identity, 0x02, 2, [
    // Control: abstract control model, no protocol of its own.
    [9, 4, 0, 0, 1, 0x02, 0x02, 0x00, 0],
    [5, 0x24, 0x00, 0x10, 0x01],
    [5, 0x24, 0x01, 0x00, 1],
    // Line coding, line state and break.
    [4, 0x24, 0x02, 0x06],
    [5, 0x24, 0x06, 0, 1],
    [7, 5, 0x80 | notification, 3, notificationBytes, 0, 10],
    [9, 4, 1, 0, 2, 0x0a, 0x00, 0x00, 0],
    [7, 5, data, 2, packetBytes, 0, 0],
    [7, 5, 0x80 | data, 2, packetBytes, 0, 0],
  ]);
}

/** candleLight's ids (protocols/can-adapters.md, C1): a kernel's driver goes by them. */
export const candleLight = { vendorId: 0x1d50, productId: 0x606f } as const;
export const gsUsbEndpoints = { in: 1, out: 2 } as const;

/** A gs_usb adapter: its interface of the vendor's class, and the run-time DFU one that has a loader's class. */
export function gsUsbDescriptors(identity: Identity): StandardDescriptors {
  return withInterfaces(identity, 0x00, 2, [
    [9, 4, 0, 0, 2, 0xff, 0xff, 0xff, 0],
    [7, 5, 0x80 | gsUsbEndpoints.in, 2, packetBytes, 0, 0],
    [7, 5, gsUsbEndpoints.out, 2, packetBytes, 0, 0],
    [9, 4, 1, 0, 0, 0xfe, 0x01, 0x01, 0],
    [9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01],
  ]);
}

/** Something that is no board: of no class that a driver takes. */
export function foreignDescriptors(identity: Identity): StandardDescriptors {
  return withInterfaces(identity, 0x00, 1, [[9, 4, 0, 0, 0, 0xff, 0x00, 0x00, 0]]);
}

export function withInterfaces(
  identity: Identity,
  deviceClass: number,
  count: number,
  parts: readonly (readonly number[])[],
): StandardDescriptors {
  const ids = [identity.vendorId, identity.productId, 0x0100].flatMap(word);
  const total = 9 + parts.flat().length;
  return {
    device: Uint8Array.from([18, 1, 0x00, 0x02, deviceClass, 0, 0, 64, ...ids, 1, 2, 3, 1]),
    configuration: Uint8Array.from([9, 2, ...word(total), count, 1, 0, 0x80, 50, ...parts.flat()]),
    functional: null,
    strings: [
      Uint8Array.of(4, 3, 0x09, 0x04),
      ...[identity.maker, identity.product, identity.serial].map(stringDescriptor),
    ],
    alternates: [0],
  };
}

const word = (value: number): number[] => [value & 0xff, value >>> 8];

/** Most characters that a string descriptor has room for. */
const mostCharacters = 126;

function stringDescriptor(text: string): Uint8Array {
  const bytes = Buffer.from(text.slice(0, mostCharacters), "utf16le");
  return Uint8Array.of(bytes.length + 2, 3, ...bytes);
}
