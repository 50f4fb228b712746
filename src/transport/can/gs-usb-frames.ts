import { u32le } from "../../lib/bytes.ts";
import { codedLength, lengthCode } from "../../protocol/can/length-code.ts";
import type { BusError, BusEvent, CanFrame } from "../../protocol/links.ts";
import type { BitLimits, BitTiming } from "./gs-usb-timing.ts";

/** Bytes of the gs_usb protocol, all little endian (protocols/can-adapters.md, part C; candleLight gs_usb.h). */

/** Vendor requests to the interface; `wValue` is the channel, except where `deviceValue` is said. */
export const requests = {
  hostFormat: 0,
  bitTiming: 1,
  mode: 2,
  btConst: 4,
  deviceConfig: 5,
  dataBitTiming: 10,
  btConstExt: 11,
} as const;
/** `wValue` of HOST_FORMAT and DEVICE_CONFIG. */
export const deviceValue = 1;
export const lengths = { deviceConfig: 12, btConst: 40, btConstExt: 72 } as const;

export const features = {
  fd: 1 << 8,
  /** The device wants one byte more at the end of each frame (NXP erratum USB.15). */
  padByte: 1 << 9,
  btConstExt: 1 << 10,
  busErrors: 1 << 12,
} as const;

/** What a channel can do. */
export interface ChannelFacts {
  readonly features: number;
  readonly clockHz: number;
  readonly nominal: BitLimits;
  /** `null`: classic frames only. */
  readonly data: BitLimits | null;
}

const none = 0xffff_ffff;
const ids = { extended: 0x8000_0000, remote: 0x4000_0000, error: 0x2000_0000, standard: 0x7ff } as const;
const flags = { overflow: 1, fd: 2, rateSwitch: 4 } as const;
const headBytes = 12;
const dataBytes = { classic: 8, fd: 64 } as const;
/** Room for the longest frame of a device, with a time stamp. */
export const readBytes = 80;

const words = (...values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true);
  return bytes;
};

/** The byte order that all of this is in. */
export const hostFormat = (): Uint8Array => words(0x0000_beef);
export const modeReset = (): Uint8Array => words(0, 0);
export const modeStart = (mode: number): Uint8Array => words(1, mode);
export const timingBytes = ({ propagation, phase1, phase2, jump, prescaler }: BitTiming): Uint8Array =>
  words(propagation, phase1, phase2, jump, prescaler);

/** Channels of the adapter, from DEVICE_CONFIG; `null` for an answer that is too short. */
export function channelCount(bytes: Uint8Array): number | null {
  return bytes.length < lengths.deviceConfig ? null : (bytes[3] ?? 0) + 1;
}

/** From BT_CONST, and BT_CONST_EXT where the features name it; `null` for an answer that is too short. */
export function channelFacts(plain: Uint8Array, extended: Uint8Array | null): ChannelFacts | null {
  if (plain.length < lengths.btConst) return null;
  if (extended !== null && extended.length < lengths.btConstExt) return null;
  const feature = u32le(plain, 0);
  const nominal = limitsAt(plain, 8);
  const hasFd = (feature & features.fd) !== 0;
  // Without limits of its own the data phase has the nominal ones.
  const data = extended === null ? nominal : limitsAt(extended, 40);
  return { features: feature, clockHz: u32le(plain, 4), nominal, data: hasFd ? data : null };
}

export const hasExtended = (plain: Uint8Array): boolean => {
  const both = features.fd | features.btConstExt;
  return plain.length >= lengths.btConst && (u32le(plain, 0) & both) === both;
};

function limitsAt(bytes: Uint8Array, at: number): BitLimits {
  const word = (i: number): number => u32le(bytes, at + 4 * i);
  return {
    segment1: { least: word(0), most: word(1) },
    segment2: { least: word(2), most: word(3) },
    jump: word(4),
    prescaler: { least: word(5), most: word(6), step: Math.max(1, word(7)) },
  };
}

/** A frame for the bus. `padByte`: the feature of that name. */
export function hostFrame(echo: number, channel: number, frame: CanFrame, padByte: boolean): Uint8Array {
  const { id, data, fd } = frame;
  const bytes = new Uint8Array(headBytes + (fd ? dataBytes.fd : dataBytes.classic) + (padByte ? 1 : 0));
  bytes.set(words(echo, id));
  bytes.set([lengthCode(data.length, fd), channel, fd ? flags.fd | flags.rateSwitch : 0, 0], 8);
  bytes.set(data, headBytes);
  return bytes;
}

/** What a device sent: an echo of ours, or events of the bus, and on which channel. */
export type FromDevice =
  | { readonly kind: "echo"; readonly channel: number; readonly echo: number; readonly lost: boolean }
  | { readonly kind: "events"; readonly channel: number; readonly events: readonly BusEvent[] };

/** `null` for what is too short to be a frame. Frames of other kinds than 11-bit data frames are no events. */
export function fromDevice(bytes: Uint8Array): FromDevice | null {
  if (bytes.length < headBytes) return null;
  const echo = u32le(bytes, 0);
  const word = u32le(bytes, 4);
  const [code = 0, channel = 0, flag = 0] = bytes.subarray(8, headBytes);
  const lost = (flag & flags.overflow) !== 0;
  if (echo !== none) return { kind: "echo", channel, echo, lost };
  const events: BusEvent[] = [];
  const fd = (flag & flags.fd) !== 0;
  const length = codedLength(code, fd);
  if (bytes.length < headBytes + length) return null;
  const data = bytes.slice(headBytes, headBytes + length);
  if ((word & ids.error) !== 0) events.push(...errorEvents(word, data));
  else if ((word & (ids.extended | ids.remote)) === 0)
    events.push({ type: "frame", frame: { id: word & ids.standard, data, fd } });
  if (lost) events.push({ type: "error", error: "overrun" });
  return { kind: "events", channel, events };
}

/** Classes and details of error frames (Linux can/error.h, as candleLight sends them). */
const errors = {
  controller: 0x04,
  protocol: 0x08,
  ack: 0x20,
  busOff: 0x40,
  overflows: 0x03,
  form: 0x02,
  stuff: 0x04,
  bits: 0x01 | 0x08 | 0x10,
  crcPlaces: [0x08, 0x18] as readonly number[],
  ackPlaces: [0x19, 0x1b] as readonly number[],
} as const;

/** A mere change of the error state (warning, passive) has no event of its own: the errors before it had. */
function errorEvents(word: number, data: Uint8Array): BusEvent[] {
  const [, controller = 0, type = 0, place = 0] = data;
  const events: BusEvent[] = [];
  const found = protocolError(word, type, place);
  if (found !== null) events.push({ type: "error", error: found });
  if ((word & errors.controller) !== 0 && (controller & errors.overflows) !== 0)
    events.push({ type: "error", error: "overrun" });
  if ((word & errors.busOff) !== 0) events.push({ type: "bus-off" });
  return events;
}

function protocolError(word: number, type: number, place: number): BusError | null {
  if ((word & errors.ack) !== 0) return "ack";
  if ((word & errors.protocol) === 0) return null;
  if (errors.ackPlaces.includes(place)) return "ack";
  if ((type & errors.stuff) !== 0) return "stuff";
  if ((type & errors.form) !== 0) return "form";
  if (errors.crcPlaces.includes(place)) return "crc";
  return (type & errors.bits) === 0 ? null : "bit";
}
