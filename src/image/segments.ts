import { count } from "../lib/count.ts";
import { hex32 } from "../lib/bytes.ts";
import type { Parsed } from "../model/image-complaint.ts";
import type { Segment } from "../model/memory.ts";
import { maxPieces, type Piece, type Pieces } from "./pieces.ts";
import { hexByte, type PlaceKind, refuseAt, type Refusal } from "./refuse.ts";

/** No STM32 holds as much, external memories included; a file that claims more is damaged or hostile. */
export const maxImageBytes = 64 * 1024 * 1024;
export const maxSegments = 65_536;

const addressSpace = 2 ** 32;

export interface Joined {
  readonly segments: readonly Segment[];
  readonly warnings: readonly string[];
}

/** Pieces that touch or overlap, as indexes into `order`: they become one segment. */
interface Run {
  readonly first: number;
  readonly last: number;
  readonly address: number;
  readonly end: number;
}

interface Twice {
  bytes: number;
  places: number;
  address: number;
}

/**
 * Sorts what a file says and joins neighbours (protocols/image-formats.md, section 1): a byte set twice is a warning
 * when both say the same and a complaint when they do not; a gap stays a gap. Takes time in proportion to the bytes.
 */
export function joinPieces(source: Uint8Array, pieces: Pieces, kind: PlaceKind): Parsed<Joined> {
  const refusal = checkSizes(pieces, kind);
  if (refusal !== null) return refusal;
  const order = pieces.inOrder();
  const twice: Twice = { bytes: 0, places: 0, address: 0 };
  const segments: Segment[] = [];
  for (let first = 0; first < order.length;) {
    const run = runFrom(pieces, order, first);
    if (segments.length === maxSegments) {
      const { place } = pieces.at(order[first] ?? 0);
      return refuseAt(kind, place, `The file has more than ${maxSegments} separate pieces of memory.`);
    }
    const bytes = new Uint8Array(run.end - run.address);
    const conflict = fill(bytes, source, pieces, order, run, twice, kind);
    if (conflict !== null) return conflict;
    segments.push({ address: run.address, bytes });
    first = run.last + 1;
  }
  return { ok: true, value: { segments, warnings: twice.bytes === 0 ? [] : [sayTwice(twice)] } };
}

function checkSizes(pieces: Pieces, kind: PlaceKind): Refusal | null {
  let total = 0;
  for (let index = 0; index < pieces.size; index++) {
    const { address, length, place } = pieces.at(index);
    total += length;
    if (address + length > addressSpace) {
      const what = `${count(length, "byte")} at ${hex32(address)}`;
      return refuseAt(kind, place, `${what} reach beyond the last address, 0xFFFFFFFF.`);
    }
    if (total > maxImageBytes)
      return refuseAt(kind, place, `The file claims more than ${maxImageBytes} bytes of memory.`);
  }
  if (pieces.excess === null) return null;
  return refuseAt(kind, pieces.excess, `The file puts more than ${maxPieces} pieces into memory.`);
}

function runFrom(pieces: Pieces, order: Float64Array, first: number): Run {
  const start = pieces.at(order[first] ?? 0);
  let end = start.address + start.length;
  let last = first;
  while (last + 1 < order.length) {
    const next = pieces.at(order[last + 1] ?? 0);
    if (next.address > end) break;
    end = Math.max(end, next.address + next.length);
    last += 1;
  }
  return { first, last, address: start.address, end };
}

function fill(
  bytes: Uint8Array,
  source: Uint8Array,
  pieces: Pieces,
  order: Float64Array,
  run: Run,
  twice: Twice,
  kind: PlaceKind,
): Refusal | null {
  let filled = 0;
  for (let at = run.first; at <= run.last; at++) {
    const piece = pieces.at(order[at] ?? 0);
    const start = piece.address - run.address;
    const shared = Math.min(filled - start, piece.length);
    for (let index = 0; index < shared; index++)
      if (bytes[start + index] !== source[piece.from + index])
        return sayConflict(source, pieces, order, run, at, piece.address + index, kind);
    if (shared > 0) {
      if (twice.bytes === 0) twice.address = piece.address;
      twice.bytes += shared;
      twice.places += 1;
    }
    bytes.set(source.subarray(piece.from, piece.from + piece.length), start);
    filled = Math.max(filled, start + piece.length);
  }
  return null;
}

/** Names the later of the two places of the file that set one address. */
function sayConflict(
  source: Uint8Array,
  pieces: Pieces,
  order: Float64Array,
  run: Run,
  at: number,
  address: number,
  kind: PlaceKind,
): Refusal {
  const one = order[at] ?? 0;
  let other = Infinity;
  for (let before = run.first; before < at; before++) {
    const index = order[before] ?? 0;
    const piece = pieces.at(index);
    if (address >= piece.address && address < piece.address + piece.length) other = Math.min(other, index);
  }
  const first = pieces.at(Math.min(one, other));
  const second = pieces.at(Math.max(one, other));
  const place = kind === "line" ? `line ${first.place}` : `offset ${first.place}`;
  return refuseAt(
    kind,
    second.place,
    `${hex32(address)} is set to ${byteOf(source, second, address)} here, and to ${byteOf(source, first, address)} at ${place}.`,
  );
}

function byteOf(source: Uint8Array, piece: Piece, address: number): string {
  return hexByte(source[piece.from + address - piece.address] ?? 0);
}

function sayTwice({ bytes, places, address }: Twice): string {
  const where =
    places === 1 ? `at ${hex32(address)}` : `in ${places} places, the first at ${hex32(address)},`;
  return `${count(bytes, "byte")} ${where} ${bytes === 1 ? "is" : "are"} set twice, to the same value.`;
}
