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

/** One data frame with an 11-bit identifier. */
export interface CanFrame {
  readonly id: number;
  /** Up to 8 bytes; of an FD frame up to 64, in one of the lengths that FD has. */
  readonly data: Uint8Array;
  /** An FD frame with bit-rate switch: its data runs at the data rate. */
  readonly fd: boolean;
}

/** What the controller saw go wrong on the bus. `ack`: no node took a frame of ours. */
export type BusError = "ack" | "bit" | "stuff" | "form" | "crc" | "overrun";

/** What an adapter passes on, in the order it came. Errors: only as far as it tells them. */
export type BusEvent =
  | { readonly type: "frame"; readonly frame: CanFrame }
  | { readonly type: "error"; readonly error: BusError }
  /** The controller has left the bus after too many errors; only `setBitrate` brings it back. */
  | { readonly type: "bus-off" };

/** Rates of a bus, bit/s. `data`: of the data phase of FD frames; `null`: classic frames only. */
export interface BusRates {
  readonly nominal: number;
  readonly data: number | null;
}

export const ratesText = ({ nominal, data }: BusRates): string =>
  data === null ? `${nominal}` : `${nominal}/${data}`;

/**
 * One channel of a CAN adapter. It is off the bus until the first `setBitrate`. Frames with other than 11-bit
 * identifiers, remote frames and the adapter's own echoes are no events.
 */
export interface FrameLink extends AsyncDisposable {
  readonly clock: Clock;
  /**
   * Hands a frame to the adapter, behind the ones of earlier calls; the controller repeats it until a node takes it.
   * Resolves when the adapter says that one did (the echo of gs_usb, the own message of SocketCAN); where it never
   * says (slcan), when the frame was handed over. A full transmit queue is no fault: the frame waits for room. Rejects
   * with the signal's reason, which takes back a frame that waits and not one that the adapter has; with a Fault
   * ADAPTER_LOST, which `receive` tells, too; and with an Error when `setBitrate` drops the frame.
   */
  send(frame: CanFrame, signal: AbortSignal): Promise<void>;
  /** The next event. Rejects with the signal's reason, or with a Fault ADAPTER_LOST when the adapter goes. */
  receive(signal: AbortSignal): Promise<BusEvent>;
  /** Throws away frames and errors that have come and were not asked for, not a bus-off; says how many frames. */
  drain(): number;
  /**
   * Leaves the bus, drops what was not sent and not received, and comes back at these rates with no errors counted.
   * `data`: rate of the data phase of FD frames; `null`: classic frames only. Rejects with a Fault ADAPTER_RATE for a
   * rate that the adapter cannot make; the station refuses such a slot before the run.
   */
  setBitrate(nominal: number, data: number | null, signal: AbortSignal): Promise<void>;
}
