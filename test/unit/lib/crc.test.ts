import { expect, test } from "vitest";
import { crc32Dfu, crc32Stm32, crc32Zip } from "../../../src/lib/crc.ts";

const check = new TextEncoder().encode("123456789");

/** CRC-32/MPEG-2 bit by bit, as its definition reads: the judge of the table. */
function mpeg2(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

function wordsTurned(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, index) => bytes[index ^ 3] ?? 0);
}

test("the zip kind has its catalogued check value", () => {
  expect(crc32Zip(check)).toBe(0xcbf43926);
});

test("the DFU kind has the check value of the sheet, 0x340BC6D9", () => {
  expect(crc32Dfu(check)).toBe(0x340bc6d9);
});

test("the DFU kind of nothing is its initial value", () => {
  expect(crc32Dfu(new Uint8Array())).toBe(0xffffffff);
});

test("the judge has the catalogued check value of CRC-32/MPEG-2", () => {
  expect(mpeg2(check)).toBe(0x0376e6e7);
});

test.each([
  { name: "0x00000000", word: [0, 0, 0, 0], crc: 0xc704dd7b },
  { name: "0x12345678", word: [0x78, 0x56, 0x34, 0x12], crc: 0xdf8a8a2b },
  { name: "0xFFFFFFFF", word: [0xff, 0xff, 0xff, 0xff], crc: 0 },
])("the CRC unit gives the known value of the word $name", ({ word, crc }) => {
  expect(crc32Stm32(Uint8Array.from(word))).toBe(crc);
});

test("the CRC unit takes each word from its high byte down", () => {
  const bytes = Uint8Array.from({ length: 1024 }, (_, index) => (index * 37 + (index >> 3)) & 0xff);
  expect(crc32Stm32(bytes)).toBe(mpeg2(wordsTurned(bytes)));
});

test("the CRC unit reads its own bytes of a larger buffer, at any offset", () => {
  const buffer = Uint8Array.from({ length: 9 }, (_, index) => index);
  expect(crc32Stm32(buffer.subarray(1))).toBe(crc32Stm32(Uint8Array.from(buffer.subarray(1))));
});

test("the CRC unit refuses a part of a word", () => {
  expect(() => crc32Stm32(new Uint8Array(5))).toThrow("5 bytes are not whole 32-bit words");
});
