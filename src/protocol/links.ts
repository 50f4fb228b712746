import type { Clock } from "../lib/clock.ts";

/** Bytes over a serial line. What the UART loader needs from a wire, and no more. */
export interface ByteLink extends AsyncDisposable {
  readonly clock: Clock;
  /** Hands bytes to the line; does not wait until they are out. */
  send(bytes: Uint8Array): void;
  /**
   * Exactly `count` bytes, in the order they came. Rejects with the signal's reason, or with a Fault ADAPTER_LOST
   * when the port goes.
   */
  receive(count: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Throws away what has come and was not asked for; says how many bytes that were. */
  drain(): number;
  /** Pulses the board's reset with BOOT0 high, where the slot has lines for it; `false` where it has none. */
  resetToLoader(signal: AbortSignal): Promise<boolean>;
  /** The same with BOOT0 low: the application starts. */
  resetToApplication(signal: AbortSignal): Promise<boolean>;
}

/** Answer of a control transfer: a STALL is an answer, not an exception. */
export type ControlAnswer = { readonly stall: false; readonly data: Uint8Array } | { readonly stall: true };

export interface ControlSetup {
  /** Class requests go to the interface, standard ones as the request says. */
  readonly type: "class" | "standard";
  readonly request: number;
  readonly value: number;
}

/** Control transfers to one DFU interface at one place of the USB tree. */
export interface ControlLink extends AsyncDisposable {
  readonly clock: Clock;
  /** What the descriptors say; read once at opening. */
  readonly facts: DfuFactsOfDevice;
  /** Device to host. Rejects with a Fault BOARD_LEFT when the device goes, with the signal's reason when that aborts. */
  controlIn(setup: ControlSetup, length: number, signal: AbortSignal): Promise<ControlAnswer>;
  /** Host to device. */
  controlOut(setup: ControlSetup, data: Uint8Array, signal: AbortSignal): Promise<ControlAnswer>;
}

/** Descriptor facts of a DFU device (protocols/usb-dfu-an3156.md, sections 3 and 4). */
export interface DfuFactsOfDevice {
  readonly vendorId: number;
  readonly productId: number;
  /** bcdDevice: 0x2200 old ROM, 0x0200 new ROM. */
  readonly deviceVersion: number;
  readonly product: string;
  /** Not an identity (section 4.4); kept for the collision alarm. */
  readonly serial: string;
  readonly interfaceNumber: number;
  readonly alternates: readonly { readonly alternate: number; readonly name: string }[];
  readonly transferSize: number;
  readonly attributes: number;
  /** bcdDFUVersion: 0x011A for DfuSe. */
  readonly dfuVersion: number;
}

/** CAN frames on one bus; its loaders come with the CAN wire. */
export interface FrameLink extends AsyncDisposable {
  readonly clock: Clock;
  send(frame: CanFrame): void;
  receive(signal: AbortSignal): Promise<CanFrame>;
}

export interface CanFrame {
  readonly id: number;
  readonly data: Uint8Array;
  readonly fd: boolean;
}
