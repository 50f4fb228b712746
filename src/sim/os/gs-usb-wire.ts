import { codedLength, lengthCode } from "../../protocol/can/length-code.ts";
import type { BusError, CanFrame } from "../../protocol/links.ts";

/** The device's side of gs_usb, little endian (protocols/can-adapters.md, part C; candleLight gs_usb.h). */

export const breq = {
  hostFormat: 0,
  bitTiming: 1,
  mode: 2,
  btConst: 4,
  deviceConfig: 5,
  timestamp: 6,
  identify: 7,
  dataBitTiming: 10,
  btConstExt: 11,
  getState: 14,
} as const;

/** Of BT_CONST, and as flags of MODE. */
export const feature = {
  timestamp: 1 << 4,
  identify: 1 << 5,
  pad: 1 << 7,
  fd: 1 << 8,
  btConstExt: 1 << 10,
  busErrors: 1 << 12,
  getState: 1 << 13,
} as const;

/** tseg1 from and to, tseg2 from and to, largest jump, prescaler from, to and step. */
export type Limits = readonly [number, number, number, number, number, number, number, number];

export interface Controller {
  readonly clockHz: number;
  readonly nominal: Limits;
  /** `null`: no FD. */
  readonly data: Limits | null;
}

/** bxCAN of a candleLight stick. */
export const bxCan: Controller = { clockHz: 48_000_000, nominal: [1, 16, 1, 8, 4, 1, 1024, 1], data: null };
/** FDCAN of a G0B1 stick; the limits of its data phase are those of M_CAN. */
export const mCan: Controller = {
  clockHz: 40_000_000,
  nominal: [1, 256, 1, 128, 128, 1, 512, 1],
  data: [1, 32, 1, 16, 16, 1, 32, 1],
};

const words = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value >>> 0, true);
  return bytes;
};

export const wordsOf = (bytes: Uint8Array): number[] =>
  Array.from({ length: bytes.length >>> 2 }, (_, i) =>
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4 * i, true),
  );

export function featuresOf({ data }: Controller): number {
  const { timestamp, identify, pad, busErrors, getState } = feature;
  const plain = timestamp | identify | pad | busErrors | getState;
  return data === null ? plain : plain | feature.fd | feature.btConstExt;
}

export const deviceConfig = (channels: number): Uint8Array => {
  const bytes = words(0, 2, 1);
  bytes[3] = channels - 1;
  return bytes;
};
export const btConst = (one: Controller): Uint8Array => words(featuresOf(one), one.clockHz, ...one.nominal);
export const btConstExt = (one: Controller): Uint8Array =>
  words(featuresOf(one), one.clockHz, ...one.nominal, ...(one.data ?? []));
export const stateBytes = (state: number, receive: number, transmit: number): Uint8Array =>
  words(state, receive, transmit);
export const timestampBytes = (microseconds: number): Uint8Array => words(microseconds);

/** The rate of BITTIMING in bit/s; `null` where the controller cannot be set so. */
export function rateOf(bytes: Uint8Array, clockHz: number, limits: Limits): number | null {
  const [propagation = 0, phase1 = 0, phase2 = 0, jump = 0, prescaler = 0] = wordsOf(bytes);
  const [least1, most1, least2, most2, mostJump, leastBy, mostBy, step] = limits;
  const first = propagation + phase1;
  const fits =
    first >= least1 &&
    first <= most1 &&
    phase2 >= least2 &&
    phase2 <= most2 &&
    jump >= 1 &&
    jump <= Math.min(mostJump, phase2) &&
    prescaler >= leastBy &&
    prescaler <= mostBy &&
    (prescaler - leastBy) % step === 0;
  return fits ? clockHz / (prescaler * (1 + first + phase2)) : null;
}

const fromBus = 0xffff_ffff;
const flag = { overflow: 1, fd: 2, rateSwitch: 4 } as const;
const head = 12;
const room = { classic: 8, fd: 64 } as const;
const packet = 64;

/** A frame that the host wants sent. */
export interface HostFrame {
  readonly echo: number;
  readonly channel: number;
  readonly frame: CanFrame;
  /** As it came, for the echo. */
  readonly head: Uint8Array;
}

/** `null` for what a device ignores: too short, or of a kind that no loader knows. */
export function hostFrame(bytes: Uint8Array): HostFrame | null {
  const [echo = 0, id = 0] = wordsOf(bytes.subarray(0, 8));
  const [code = 0, channel = 0, flags = 0] = bytes.subarray(8, head);
  const fd = (flags & flag.fd) !== 0;
  if (bytes.length < head + (fd ? room.fd : room.classic) || id > 0x7ff || code > (fd ? 15 : 8)) return null;
  const data = bytes.slice(head, head + codedLength(code, fd));
  return { echo, channel, frame: { id, data, fd }, head: bytes.slice(0, head) };
}

/** How a channel was started: MODE's flags. */
export interface ToHost {
  readonly mode: number;
  readonly microseconds: number;
}

export function received(channel: number, { id, data, fd }: CanFrame, how: ToHost): Uint8Array {
  const start = words(fromBus, id, 0);
  start.set([lengthCode(data.length, fd), channel, fd ? flag.fd | flag.rateSwitch : 0], 8);
  return whole(start, data, fd, how);
}

export function echoed({ head: start, frame }: HostFrame, how: ToHost): Uint8Array {
  return whole(start, frame.data, frame.fd, how);
}

/** Only a classic frame is padded to a packet. */
function whole(start: Uint8Array, data: Uint8Array, fd: boolean, { mode, microseconds }: ToHost): Uint8Array {
  const plain = head + (fd ? room.fd : room.classic);
  const stamped = plain + ((mode & feature.timestamp) === 0 ? 0 : 4);
  const bytes = new Uint8Array((mode & feature.pad) !== 0 && !fd ? Math.max(packet, stamped) : stamped);
  bytes.set(start);
  bytes.set(data, head);
  if (stamped > plain) bytes.set(words(microseconds), plain);
  return bytes;
}

/** Channel of a frame for the host. */
export const channelOf = (bytes: Uint8Array): number => bytes[9] ?? 0;

/** The same frame, with the word that frames before it were lost. */
export function overflowed(bytes: Uint8Array): Uint8Array {
  const told = bytes.slice();
  told[10] = (told[10] ?? 0) | flag.overflow;
  return told;
}

/** Error states, as GET_STATE numbers them. */
export const states = { active: 0, warning: 1, passive: 2, off: 3, stopped: 4 } as const;

/** Of byte 1: where the sender's counter is the higher one, and where the receiver's is. */
const stateBits: ReadonlyMap<number, readonly [number, number]> = new Map([
  [states.active, [0x40, 0x40]],
  [states.warning, [0x08, 0x04]],
  [states.passive, [0x20, 0x10]],
]);

const errorFrame = 0x2000_0000;
const classes = {
  controller: 0x04,
  protocol: 0x08,
  ack: 0x20,
  off: 0x40,
  bus: 0x80,
  restarted: 0x100,
  count: 0x200,
};

export type Trouble =
  | { readonly kind: "error"; readonly error: BusError }
  | { readonly kind: "state"; readonly state: number }
  | { readonly kind: "restarted" };

/** An error frame (Linux can/error.h). */
export function troubleFrame(
  channel: number,
  trouble: Trouble,
  counters: { readonly transmit: number; readonly receive: number },
  how: ToHost,
): Uint8Array {
  const data = new Uint8Array(8);
  data[6] = Math.min(255, counters.transmit);
  data[7] = Math.min(255, counters.receive);
  let word = errorFrame;
  switch (trouble.kind) {
    case "error":
      word |= classes.protocol | classes.bus | classes.count;
      if (trouble.error === "ack") word |= classes.ack;
      else if (trouble.error === "crc") data[3] = 0x08;
      else data[2] = { bit: 0x08, form: 0x02, stuff: 0x04, overrun: 0 }[trouble.error];
      break;
    case "state":
      if (trouble.state === states.off) word |= classes.off;
      else {
        word |= classes.controller | classes.count;
        const [sender, receiver] = stateBits.get(trouble.state) ?? [0, 0];
        data[1] = counters.transmit >= counters.receive ? sender : receiver;
      }
      break;
    case "restarted":
      word |= classes.restarted;
      break;
    default:
      return trouble satisfies never;
  }
  const start = words(fromBus, word, 0);
  start.set([8, channel], 8);
  return whole(start, data, false, how);
}
