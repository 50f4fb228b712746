import { randomFillSync } from "node:crypto";

/** Blocks of so many bytes are what a UART loader writes at once, and what can be left out. */
const blockBytes = 256;

/** Firmware that a chip would start: a vector table, noise, and 42 % of its blocks blank, in one hole. */
export function firmware(bytes: number): Uint8Array {
  const image = randomFillSync(new Uint8Array(bytes));
  image.set([0x00, 0x20, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08]);
  const blocks = Math.floor(bytes / blockBytes);
  const hole = Math.round(blocks * 0.42);
  const from = Math.floor((blocks - hole) / 2);
  return image.fill(0xff, from * blockBytes, (from + hole) * blockBytes);
}

/** Share of its blocks that are all 0xFF. */
export function blankShare(image: Uint8Array): number {
  const blocks = Math.ceil(image.length / blockBytes);
  let blank = 0;
  for (let at = 0; at < image.length; at += blockBytes)
    if (image.subarray(at, at + blockBytes).every((byte) => byte === 0xff)) blank += 1;
  return blocks === 0 ? 0 : blank / blocks;
}
