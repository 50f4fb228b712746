import { toHex } from "../../src/lib/bytes.ts";
import { base, hexEnd, hexRecord, sRecord } from "../unit/image/vectors.ts";

/** A random number below `limit`, the same row for the same seed. */
export type Dice = (limit: number) => number;

export function dice(seed: number): Dice {
  let state = seed | 0;
  return (limit) => {
    // mulberry32: small, and good enough to draw test images.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((((mixed ^ (mixed >>> 14)) >>> 0) * limit) / 2 ** 32) | 0;
  };
}

export interface Drawn {
  /** Not sorted; none overlap, some touch. */
  readonly parts: readonly { readonly address: number; readonly bytes: readonly number[] }[];
  readonly entry: number;
}

const places = [
  0, 0xff00, 0x1_0000, 0x0800_0000, 0x0800_fff0, 0x1fff_c000, 0x2000_0000, 0x9000_0000, 0xffff_0000,
];

/** One to six pieces around the places where formats change their ways: 64 KiB, 1 MiB, 16 MiB, 2 and 4 GiB. */
export function drawImage(roll: Dice): Drawn {
  const start = (places[roll(places.length)] ?? 0) + roll(256);
  let address = start;
  const parts = Array.from({ length: 1 + roll(6) }, () => {
    const bytes = Array.from({ length: 1 + roll(roll(8) === 0 ? 600 : 24) }, () => roll(256));
    const part = { address, bytes };
    const gap = roll(3) === 0 ? 0 : 1 + roll(roll(3) === 0 ? 5000 : 20);
    address += bytes.length + gap;
    return part;
  });
  // Inside the image: objcopy makes S-records as wide as their data needs, and cuts a start address that is wider.
  const { address: first, bytes } = parts[roll(parts.length)] ?? { address: start, bytes: [] };
  const entry = first + roll(bytes.length);
  return { parts: roll(2) === 0 ? parts : parts.toReversed(), entry };
}

/** As Intel HEX, in records of random length. */
export function writeHex({ parts, entry }: Drawn, roll: Dice): string {
  const records: string[] = [];
  let upper = 0;
  for (const { address, bytes } of parts)
    for (let from = 0; from < bytes.length;) {
      const at = address + from;
      if (at >>> 16 !== upper) records.push(base((upper = at >>> 16)));
      const length = Math.min(1 + roll(32), bytes.length - from, 0x1_0000 - (at & 0xffff));
      records.push(hexRecord(0, at & 0xffff, bytes.slice(from, from + length)));
      from += length;
    }
  records.push(
    hexRecord(5, 0, [entry >>> 24, (entry >>> 16) & 0xff, (entry >>> 8) & 0xff, entry & 0xff]),
    hexEnd,
  );
  return records.join(roll(2) === 0 ? "\r\n" : "\n");
}

/** As S-records of one type, wide enough for every address, in records of random length. */
export function writeSrec({ parts, entry }: Drawn, roll: Dice): string {
  const highest = Math.max(entry, ...parts.map(({ address, bytes }) => address + bytes.length - 1));
  const width = highest > 0xff_ffff ? 4 : highest > 0xffff ? 3 : 2 + roll(3);
  const records: string[] = [];
  for (const { address, bytes } of parts)
    for (let from = 0; from < bytes.length;) {
      const data = bytes.slice(from, from + 1 + roll(32));
      records.push(sRecord(width - 1, width, address + from, data));
      from += data.length;
    }
  return [...records, sRecord(11 - width, width, entry, [])].join("\n");
}

/** Sorted, neighbours joined, as one line of text for each piece, and the entry after it. */
export function writeExpected({ parts, entry }: Drawn): string {
  const out: string[] = [];
  let end = -1;
  for (const { address, bytes } of [...parts].sort((one, other) => one.address - other.address)) {
    const hex = toHex(Uint8Array.from(bytes));
    if (address === end) out.push(`${out.pop()}${hex}`);
    else out.push(`${address.toString(16)}:${hex}`);
    end = address + bytes.length;
  }
  return [...out, `entry ${entry.toString(16)}`].join("\n");
}
