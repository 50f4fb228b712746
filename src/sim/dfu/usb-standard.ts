/** What a device tells of itself; `functional`: the DFU descriptor on its own, where it has one. */
export interface StandardDescriptors {
  readonly device: Uint8Array;
  readonly configuration: Uint8Array;
  readonly functional: Uint8Array | null;
  /** By number; number 0 is the list of languages. */
  readonly strings: readonly Uint8Array[];
  readonly alternates: readonly unknown[];
}

/** Standard requests of USB, as every device answers them (protocols/usbip.md, section 4). */
export interface StandardRequest {
  /** bmRequestType. */
  readonly kind: number;
  readonly request: number;
  readonly value: number;
  readonly length: number;
}

export type StandardAnswer =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "alternate"; readonly alternate: number }
  | { readonly kind: "configured" }
  | { readonly kind: "refused" }
  | { readonly kind: "silent" };

const none = new Uint8Array();

export function standardRequest(
  { kind, request, value, length }: StandardRequest,
  descriptors: StandardDescriptors,
  device: { readonly rom: { readonly functionalAlone: boolean }; readonly alternate: number },
): StandardAnswer {
  const bytes = (all: Uint8Array): StandardAnswer => ({ kind: "bytes", bytes: all.subarray(0, length) });
  switch (request) {
    // GET_STATUS: self powered for the device, nothing for the rest.
    case 0x00:
      return bytes(Uint8Array.of((kind & 0x1f) === 0 ? 1 : 0, 0));
    // CLEAR_FEATURE, and SET_ADDRESS, which a real host controller sends.
    case 0x01:
    case 0x05:
      return bytes(none);
    case 0x06:
      return descriptor(value, bytes, descriptors, device.rom);
    case 0x08:
      return bytes(Uint8Array.of(1));
    case 0x09:
      return value === 1 || value === 0 ? { kind: "configured" } : { kind: "refused" };
    case 0x0a:
      return bytes(Uint8Array.of(device.alternate));
    case 0x0b:
      return value < descriptors.alternates.length
        ? { kind: "alternate", alternate: value }
        : { kind: "refused" };
    default:
      return { kind: "refused" };
  }
}

function descriptor(
  value: number,
  bytes: (all: Uint8Array) => StandardAnswer,
  descriptors: StandardDescriptors,
  rom: { readonly functionalAlone: boolean },
): StandardAnswer {
  const index = value & 0xff;
  switch (value >>> 8) {
    case 1:
      return bytes(descriptors.device);
    case 2:
      return index === 0 ? bytes(descriptors.configuration) : { kind: "refused" };
    case 3: {
      const text = descriptors.strings[index];
      return text === undefined ? { kind: "refused" } : bytes(text);
    }
    case 0x21:
      if (descriptors.functional === null) return { kind: "refused" };
      return rom.functionalAlone ? bytes(descriptors.functional) : { kind: "silent" };
    // A full-speed device has no qualifier; nor anything else that was asked for.
    default:
      return { kind: "refused" };
  }
}
