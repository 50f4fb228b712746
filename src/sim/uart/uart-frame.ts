import { assertNever } from "../../lib/assert-never.ts";

/** How one end of a serial line sends and reads its characters. */
export interface LineFormat {
  readonly baud: number;
  readonly dataBits: number;
  readonly parity: "none" | "odd" | "even" | "mark" | "space";
  readonly stopBits: 1 | 1.5 | 2;
}

/** A character as the other end reads it. */
export interface Heard {
  readonly byte: number;
  /** The parity bit was not what the reader expects. */
  readonly parity: boolean;
  /** The line was low where the reader expects the stop bit. */
  readonly framing: boolean;
}

/** Every loader's own: 8 data bits, even parity, one stop bit (protocols/uart-an3155.md, section 1). */
export const loaderFormat = (baud: number): LineFormat => ({
  baud,
  dataBits: 8,
  parity: "even",
  stopBits: 1,
});

/** Time of one character, ms. */
export function characterMs(format: LineFormat): number {
  const bits = 1 + format.dataBits + (format.parity === "none" ? 0 : 1) + format.stopBits;
  return (bits * 1000) / format.baud;
}

/**
 * What a reader makes of characters that come one right behind the other, bit by bit: it looks for a falling edge, then
 * at the middle of each bit as long as it takes a bit to be. Two equal ends understand each other; others hear noise.
 */
export function heardAs(bytes: Uint8Array, sender: LineFormat, reader: LineFormat): Heard[] {
  if (sameFormat(sender, reader))
    return Array.from(bytes, (byte) => ({
      byte: byte & mask(reader.dataBits),
      parity: false,
      framing: false,
    }));
  const line = levelsOf(bytes, sender);
  /** The level so many of the sender's bits after the first falling edge; idle, which is high, before and behind. */
  const at = (bit: number): boolean => line[Math.floor(bit * 2)] ?? true;
  const step = sender.baud / reader.baud;
  const end = line.length / 2;
  const found: Heard[] = [];
  for (let edge = nextEdge(line, 0); edge < end;) {
    let from = edge + 0.5 * step;
    // Back high in the middle of the start bit: a spike, which a receiver passes over.
    if (at(from)) {
      edge = nextEdge(line, edge + 0.5);
      continue;
    }
    let byte = 0;
    let ones = 0;
    for (let i = 0; i < reader.dataBits; i += 1) {
      from += step;
      if (!at(from)) continue;
      byte |= 1 << i;
      ones += 1;
    }
    let parity = false;
    if (reader.parity !== "none") {
      from += step;
      parity = at(from) !== parityBit(ones, reader.parity);
    }
    from += step;
    found.push({ byte, parity, framing: !at(from) });
    edge = nextEdge(line, from);
  }
  return found;
}

function sameFormat(a: LineFormat, b: LineFormat): boolean {
  return a.baud === b.baud && a.dataBits === b.dataBits && a.parity === b.parity && a.stopBits === b.stopBits;
}

/** The line in halves of the sender's bits. */
function levelsOf(bytes: Uint8Array, format: LineFormat): boolean[] {
  const line: boolean[] = [];
  const put = (level: boolean, halves: number): void => {
    for (let i = 0; i < halves; i += 1) line.push(level);
  };
  for (const byte of bytes) {
    let ones = 0;
    put(false, 2);
    for (let i = 0; i < format.dataBits; i += 1) {
      const one = ((byte >>> i) & 1) === 1;
      if (one) ones += 1;
      put(one, 2);
    }
    if (format.parity !== "none") put(parityBit(ones, format.parity), 2);
    put(true, format.stopBits * 2);
  }
  return line;
}

/** Where the line next goes from high to low, not before `from`, in bits; its end where it does not. */
function nextEdge(line: readonly boolean[], from: number): number {
  for (let half = Math.max(0, Math.ceil(from * 2)); half < line.length; half += 1)
    if (line[half] === false && (line[half - 1] ?? true)) return half / 2;
  return line.length / 2;
}

function parityBit(ones: number, parity: Exclude<LineFormat["parity"], "none">): boolean {
  switch (parity) {
    case "even":
      return ones % 2 === 1;
    case "odd":
      return ones % 2 === 0;
    case "mark":
      return true;
    case "space":
      return false;
    default:
      return assertNever(parity);
  }
}

const mask = (bits: number): number => (1 << bits) - 1;
