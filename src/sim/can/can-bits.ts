import { lengthCode } from "../../protocol/can/length-code.ts";
import type { CanFrame } from "../../protocol/links.ts";

/** Bits of one frame with the three bits of the gap behind it, by the rate that they run at. */
export interface FrameBits {
  readonly nominal: number;
  /** Bits of the data phase of an FD frame; 0 of a classic one. */
  readonly data: number;
}

/** SOF, identifier, RRS, IDE, FDF, reserved bit, BRS: what an FD frame sends before it changes its rate. */
const arbitrationBits = 17;
/** CRC delimiter, ACK slot and its delimiter, EOF, gap. */
const tailBits = 1 + 2 + 7 + 3;
/** From the last bit of EOF, where a frame counts as received, to the end of the gap. */
export const gapBits = 3;

/** Bits without any that stuffing adds (protocols/can-an3154.md, A5 and B4). */
export function plainBits({ data, fd }: CanFrame): FrameBits {
  const n = data.length;
  if (!fd) return { nominal: 34 + 8 * n + tailBits, data: 0 };
  // ESI, length code, payload, count of stuff bits, CRC and the fixed stuff bits in it.
  return { nominal: arbitrationBits + tailBits, data: 1 + 4 + 8 * n + 4 + (n <= 16 ? 17 + 6 : 21 + 7) };
}

/** Bits as they are on the wire, with the stuff bits that this identifier and this payload need. */
export function wireBits(frame: CanFrame): FrameBits {
  const plain = plainBits(frame);
  const stuff = stuffBits(frame);
  return { nominal: plain.nominal + stuff.nominal, data: plain.data + stuff.data };
}

/** Time on the wire, ms. */
export function bitsMs(bits: FrameBits, nominal: number, data: number | null): number {
  return (bits.nominal * 1000) / nominal + (data === null ? 0 : (bits.data * 1000) / data);
}

/**
 * A bit of the other level behind each five equal ones: from SOF through the CRC of a classic frame, through the payload
 * of an FD frame, whose CRC has stuff bits at fixed places. One that five bits at the end of the payload would need is
 * the first fixed one.
 */
function stuffBits(frame: CanFrame): FrameBits {
  const head = headOf(frame);
  const { data, fd } = frame;
  let level = -1;
  let run = 0;
  let stuffed = 0;
  const put = (word: number, bits: number): void => {
    for (let i = bits - 1; i >= 0; i -= 1) {
      const bit = (word >>> i) & 1;
      if (bit === level) run += 1;
      else {
        level = bit;
        run = 1;
      }
      if (run < 5) continue;
      stuffed += 1;
      level = 1 - bit;
      run = 1;
    }
  };
  if (!fd) {
    put(head.word, head.bits);
    for (const byte of data) put(byte, 8);
    put(crc15(frame), 15);
    return { nominal: stuffed, data: 0 };
  }
  // The rate changes within the bit BRS: a stuff bit behind it is of the data phase already.
  put(head.word >>> 6, arbitrationBits - 1);
  const nominal = stuffed;
  put(head.word, 6);
  for (const byte of data) put(byte, 8);
  // Only a stuff bit behind the last bit leaves a level that is not that bit's own.
  const last = data.length === 0 ? head.word & 1 : (data[data.length - 1] ?? 0) & 1;
  return { nominal, data: stuffed - nominal - (level === last ? 0 : 1) };
}

/** SOF to length code, the first bit highest. */
function headOf({ id, data, fd }: CanFrame): { readonly word: number; readonly bits: number } {
  const code = lengthCode(data.length, fd);
  // Classic: RTR, IDE, reserved. FD: RRS, IDE, FDF, reserved, BRS, ESI.
  if (!fd) return { word: (id << 7) | code, bits: 1 + 11 + 3 + 4 };
  return { word: (id << 10) | (0b001010 << 4) | code, bits: 1 + 11 + 6 + 4 };
}

/**
 * CRC-15 of a classic frame, from SOF through the payload: polynomial 0x4599, initial 0, not reflected, as bits.
 * Check value of ASCII "123456789" alone: 0x059E. The CRC of an FD frame is not stuffed by its level, so its bits do not
 * count here.
 */
function crc15(frame: CanFrame): number {
  const { word, bits } = headOf(frame);
  let crc = crc15Of(word, bits, 0);
  for (const byte of frame.data) crc = crc15Of(byte, 8, crc);
  return crc;
}

export function crc15Of(word: number, bits: number, start: number): number {
  let crc = start;
  for (let i = bits - 1; i >= 0; i -= 1) {
    const flip = ((crc >>> 14) ^ (word >>> i)) & 1;
    crc = ((crc << 1) & 0x7fff) ^ (flip === 1 ? 0x4599 : 0);
  }
  return crc;
}

/** Bits before the first one that two frames with one identifier do not share; `null` for equal frames. */
export function commonBits(a: CanFrame, b: CanFrame): number | null {
  const [x, y] = [bitsOf(a), bitsOf(b)];
  const length = Math.max(x.length, y.length);
  for (let i = 0; i < length; i += 1) if (x[i] !== y[i]) return i;
  return null;
}

function bitsOf(frame: CanFrame): number[] {
  const { word, bits } = headOf(frame);
  const out = Array.from({ length: bits }, (_, i) => (word >>> (bits - 1 - i)) & 1);
  for (const byte of frame.data) for (let i = 7; i >= 0; i -= 1) out.push((byte >>> i) & 1);
  return out;
}
