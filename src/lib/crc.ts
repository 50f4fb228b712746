import { crc32 } from "node:zlib";

/**
 * CRC-32 of zip and Ethernet: polynomial 0x04C11DB7 reflected, initial 0xFFFFFFFF, final XOR 0xFFFFFFFF.
 * Check value of ASCII "123456789": 0xCBF43926.
 */
export function crc32Zip(bytes: Uint8Array): number {
  return crc32(bytes);
}

/**
 * CRC of the DFU suffix (protocols/image-formats.md, 2.1), known as CRC-32/JAMCRC: as zip's, without the final XOR.
 * Check value of ASCII "123456789": 0x340BC6D9.
 */
export function crc32Dfu(bytes: Uint8Array): number {
  return ~crc32(bytes) >>> 0;
}

const polynomial = 0x04c11db7;
const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ polynomial : value << 1;
  return value;
});

function step(crc: number, byte: number): number {
  // The index has eight bits: the table has a value for each.
  return (crc << 8) ^ (table[(crc >>> 24) ^ byte] ?? 0);
}

/**
 * The CRC unit of the STM32 after reset: CRC-32/MPEG-2 (polynomial 0x04C11DB7, initial 0xFFFFFFFF, not reflected, no
 * final XOR) over 32-bit little-endian words, each fed from its high byte down. Check value of the one word
 * 0x12345678: 0xDF8A8A2B. The unit knows no part of a word: bytes that are not whole words are a mistake of the caller.
 */
export function crc32Stm32(bytes: Uint8Array): number {
  if (bytes.length % 4 !== 0) throw new RangeError(`${bytes.length} bytes are not whole 32-bit words`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = -1;
  for (let at = 0; at < bytes.length; at += 4) {
    const word = view.getUint32(at, true);
    crc = step(crc, word >>> 24);
    crc = step(crc, (word >>> 16) & 0xff);
    crc = step(crc, (word >>> 8) & 0xff);
    crc = step(crc, word & 0xff);
  }
  return crc >>> 0;
}
