/** What a host asks of one endpoint of a device. */
export interface Transfer {
  /** Without the direction bit; 0 is the control endpoint. */
  readonly endpoint: number;
  readonly direction: "in" | "out";
  /** Eight bytes of a control transfer, in the order of USB. */
  readonly setup: Uint8Array;
  /** Most bytes that an IN transfer may give. */
  readonly length: number;
  readonly data: Uint8Array;
}

export type TransferEnd =
  /** Bytes of an IN transfer, not more than asked for. */
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  /** All bytes of an OUT transfer. */
  | { readonly kind: "taken" }
  | { readonly kind: "stall" };

/** A simulated USB device at full speed, whatever brings it to a host. */
export interface UsbDevice extends Disposable {
  /** Device and configuration descriptor, as they are since it came to the bus. */
  descriptors(): { readonly device: Uint8Array; readonly configuration: Uint8Array };
  /** True while it is on the bus. */
  attached(): boolean;
  /** Told of each leaving and coming back, until disposed. */
  watch(listener: (attached: boolean) => void): Disposable;
  /**
   * A transfer has arrived; each endpoint is given one at a time. `end` is called once, when the device is ready:
   * until then it answers NAK, and for ever where it never is. Disposing takes the transfer back; then `end` is not
   * called any more.
   */
  submit(transfer: Transfer, end: (end: TransferEnd) => void): Disposable;
}

/** Reads a descriptor's 16-bit word. */
export const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);

/** The parts of a setup packet (USB 2.0, section 9.3). */
export interface Setup {
  readonly kind: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
}

export function setupOf(bytes: Uint8Array): Setup {
  const [kind = 0, request = 0] = bytes;
  return { kind, request, value: wordAt(bytes, 2), index: wordAt(bytes, 4), length: wordAt(bytes, 6) };
}

/** True where the control transfer's own bit says IN; a host's word about the direction must agree. */
export const isIn = (setup: Uint8Array): boolean => ((setup[0] ?? 0) & 0x80) !== 0;
