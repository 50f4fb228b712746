import type { DfuFactsOfDevice } from "../links.ts";

/** USB descriptors of a DFU device, bytes to facts (protocols/usb-dfu-an3156.md, section 3). Pure; hostile input. */

const deviceType = 1;
const configurationType = 2;
const stringType = 3;
const interfaceType = 4;
/** The type of HID's descriptor, too: believed only under an interface of the DFU class. */
const functionalType = 0x21;

/** What the two descriptors say; names are still numbers of strings, 0 for none. */
export interface DfuDescriptors {
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceVersion: number;
  readonly productString: number;
  readonly serialString: number;
  readonly interfaceNumber: number;
  readonly alternates: readonly { readonly alternate: number; readonly nameString: number }[];
  readonly transferSize: number;
  readonly attributes: number;
  readonly dfuVersion: number;
}

/**
 * The DFU interface of a device, found by its class and its functional descriptor, never by its ids; or the sentence
 * that says why it has none.
 */
export function parseDescriptors(device: Uint8Array, configuration: Uint8Array): DfuDescriptors | string {
  if (device.length < 18 || device[1] !== deviceType) return "the device descriptor is not one";
  if (configuration.length < 9 || configuration[1] !== configurationType)
    return "the configuration descriptor is not one";
  const word = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);

  const alternates: { alternate: number; nameString: number }[] = [];
  let functional: Uint8Array | null = null;
  let found: { number: number; protocol: number } | null = null;
  let inside = false;
  for (const part of parts(configuration)) {
    if (part[1] === interfaceType && part.length >= 9) {
      const [, , number = 0, alternate = 0, , kind, subclass, protocol = 0, nameString = 0] = part;
      inside = kind === 0xfe && subclass === 0x01 && (found === null || found.number === number);
      if (!inside) continue;
      found ??= { number, protocol };
      alternates.push({ alternate, nameString });
    } else if (part[1] === functionalType && inside && part.length >= 7) functional ??= part;
  }
  if (found === null) return "no interface of class FE/01";
  if (functional === null) return "no DFU functional descriptor";
  // Seven bytes is DFU 1.0, which did not say its version.
  const dfuVersion = functional.length >= 9 ? word(functional, 7) : 0x0100;
  const loader = found.protocol === 2 || (found.protocol === 0 && dfuVersion === 0x011a);
  if (!loader) return "the board runs its application, not its loader: check BOOT0";
  const transferSize = word(functional, 5);
  if (transferSize === 0) return "the functional descriptor has a transfer size of 0";
  return {
    vendorId: word(device, 8),
    productId: word(device, 10),
    deviceVersion: word(device, 12),
    productString: device[15] ?? 0,
    serialString: device[16] ?? 0,
    interfaceNumber: found.number,
    alternates,
    transferSize,
    attributes: functional[2] ?? 0,
    dfuVersion,
  };
}

/** The DFU interface of a running application (DFU 1.1, section 4.1). */
export interface DfuRuntime {
  readonly interfaceNumber: number;
  /** Longest that it waits for the bus reset after a DETACH, ms. */
  readonly detachMs: number;
  /** It leaves the bus by itself after a DETACH; else it waits for a bus reset. */
  readonly willDetach: boolean;
}

/** `null` where the configuration has none. */
export function parseRuntime(configuration: Uint8Array): DfuRuntime | null {
  let number: number | null = null;
  for (const part of parts(configuration)) {
    const [, type, first = 0, second = 0, third = 0, kind, subclass, protocol] = part;
    if (type === interfaceType)
      number = part.length >= 9 && kind === 0xfe && subclass === 0x01 && protocol === 0x01 ? first : null;
    else if (type === functionalType && number !== null && part.length >= 7)
      return {
        interfaceNumber: number,
        detachMs: second | (third << 8),
        willDetach: (first & 0x08) !== 0,
      };
  }
  return null;
}

/** Descriptors in a row; ends at the first that cannot be one. */
function* parts(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at + 2 <= bytes.length;) {
    const length = bytes[at] ?? 0;
    if (length < 2 || at + length > bytes.length) return;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** Numbers of the strings that the facts need. */
export function stringsNeeded(descriptors: DfuDescriptors): number[] {
  const { productString, serialString, alternates } = descriptors;
  const all = [productString, serialString, ...alternates.map((alternate) => alternate.nameString)];
  return [...new Set(all)].filter((index) => index !== 0);
}

/**
 * Text of a string descriptor. The bytes that came count, not the length they state: F42x states 166 and sends 112
 * (section 3.4).
 */
export function stringText(descriptor: Uint8Array): string {
  if (descriptor[1] !== stringType) return "";
  const even = descriptor.length - (descriptor.length % 2);
  return Buffer.from(descriptor.subarray(2, even)).toString("utf16le");
}

/** Facts of a device; strings that could not be read are empty. */
export function dfuFacts(
  descriptors: DfuDescriptors,
  strings: ReadonlyMap<number, string>,
): DfuFactsOfDevice {
  const { productString, serialString, alternates, ...rest } = descriptors;
  return {
    ...rest,
    product: strings.get(productString) ?? "",
    serial: strings.get(serialString) ?? "",
    alternates: alternates.map(({ alternate, nameString }) => ({
      alternate,
      name: strings.get(nameString) ?? "",
    })),
  };
}
