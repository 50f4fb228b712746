import { expect, test } from "vitest";
import { concat } from "../../../../src/lib/bytes.ts";
import { isSlipped } from "../../../../src/protocol/uart/slip.ts";

const wanted = Uint8Array.from({ length: 256 }, (_, i) => (i * 7 + 3) & 0xff);
const blank = new Uint8Array(256).fill(0xff);
/** What lies in flash when a stray byte made the frame's first `count` bytes the data. */
const slipped = (count: number): Uint8Array =>
  concat([concat([Uint8Array.of(0xff), wanted]).subarray(0, count), blank.subarray(count)]);

test.each([4, 8, 164, 252, 256])("a frame that was taken one byte late is known by its %i bytes", (count) => {
  expect(isSlipped(wanted, slipped(count), 0xff)).toBe(true);
});

test("a cell that does not hold, a block that was never written, and a lost tail are the flash's", () => {
  const cell = wanted.slice();
  cell[100] = (cell[100] ?? 0) & 0xfe;
  expect(isSlipped(wanted, cell, 0xff)).toBe(false);
  expect(isSlipped(wanted, blank, 0xff)).toBe(false);
  expect(isSlipped(wanted, concat([wanted.subarray(0, 128), blank.subarray(128)]), 0xff)).toBe(false);
});

test("a block of one value cannot say whether it lies one place behind", () => {
  const zeros = new Uint8Array(256);
  const cell = zeros.slice();
  cell[255] = 0x10;
  expect(isSlipped(zeros, cell, 0xff)).toBe(false);
});
