/**
 * Frames of the CAN loaders, classic AN3154 and FDCAN AN5405 (protocols/can-an3154.md). Pure; nothing here waits. A
 * command is the identifier, its parameters are the payload, and no frame has a checksum of its own.
 */

export const ACK = 0x79;
export const NACK = 0x1f;

export const codes = {
  get: 0x00,
  getVersion: 0x01,
  getId: 0x02,
  /** Classic only. */
  speed: 0x03,
  read: 0x11,
  go: 0x21,
  write: 0x31,
  /** Classic: one byte a page. */
  erase: 0x43,
  /** FDCAN: two bytes a page. */
  extendedErase: 0x44,
  writeProtect: 0x63,
  writeUnprotect: 0x73,
  /** Classic: brings the loader's loop up (A3); a running loop takes it for a command that it does not know. */
  synchronise: 0x79,
  readProtect: 0x82,
  readUnprotect: 0x92,
} as const;

/** Identifiers that the loaders listen and answer on; nothing else may use them while a board is programmed (A1). */
export const lastLoaderId = 0xff;

/** FDCAN: the one frame that wakes protocols above 2.1, and the identifier that some answer Readout Unprotect on (B2). */
export const wakeId = 0x111;
export const wake = Uint8Array.of(0x5a);
/** FDCAN: wakes protocols up to 2.1, which take the low eight bits for a command that none of them has (B2). */
export const anyFrameId = 0x181;

/** Data frames of a write that wait for their ACKs: the identifier that ST recommends (AN2662 p55). */
export const dataId = 0x04;
/**
 * Data frames that go ahead of ACKs, each with the next identifier: any is taken (AN2662 p55). These lose the arbitration
 * against the loader's ACKs, and stay in order in an adapter that sends the lowest of its frames first. And as none of
 * them is a command, a loader that has refused the write refuses them, each on its own identifier, which none of the
 * frames behind it has: two senders of one identifier would destroy each other's frames.
 */
export const aheadDataId = (frame: number): number => 0xc0 + frame;
/** Erased value for a loader that may still wait for data, and no command to one that does not. */
export const fillerId = 0xff;

/** Rates of Speed and their codes (A3). */
export const speedCodes: ReadonlyMap<number, number> = new Map([
  [125_000, 0x01],
  [250_000, 0x02],
  [500_000, 0x03],
  [1_000_000, 0x04],
]);

const bytesOf = (address: number): number[] => [address >>> 24, address >>> 16, address >>> 8, address];

/** Go: the address, most significant byte first. */
export function address(value: number): Uint8Array {
  return Uint8Array.from(bytesOf(value));
}

/** Read Memory and Write Memory: the address, then the count of bytes, 1 to 256, less one. */
export function stretch(value: number, count: number): Uint8Array {
  return Uint8Array.from([...bytesOf(value), count - 1]);
}

/** A payload in frames of `size` bytes, the last one as short as what is left. */
export function split(data: Uint8Array, size: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += size) frames.push(data.subarray(at, at + size));
  return frames;
}

/** Classic Erase: count of pages, 1 to 255, less one; 0xFF is all of them. */
export function pageCount(count: number): Uint8Array {
  return Uint8Array.of(count - 1);
}
export const allPages = Uint8Array.of(0xff);

/** FDCAN Erase: the count itself (B3), most significant byte first; 0xFFFF is all pages. */
export function extendedPageCount(count: number): Uint8Array {
  return Uint8Array.of(count >>> 8, count);
}
export const allExtendedPages = Uint8Array.of(0xff, 0xff);
/** FDCAN: the loader reads one frame of page numbers, so a command takes no more (B3). */
export const mostExtendedPages = 32;

/** FDCAN Erase: page numbers, most significant byte first, in a frame of 64 bytes whose rest nobody reads. */
export function extendedPageList(pages: readonly number[]): Uint8Array {
  return padded(Uint8Array.from(pages.flatMap((page) => [page >>> 8, page & 0xff])), 64);
}

/** Bytes of the loader's frames are 64 whatever the payload is (B3). */
export function padded(data: Uint8Array, size: number): Uint8Array {
  if (data.length === size) return data;
  const out = new Uint8Array(size).fill(0xff);
  out.set(data);
  return out;
}
