import { describe, expect, test } from "vitest";
import { fdLengths } from "../../../../src/protocol/can/length-code.ts";
import { bitsMs, crc15Of, plainBits, wireBits } from "../../../../src/sim/can/can-bits.ts";
import type { CanFrame } from "../../../../src/protocol/links.ts";

const classic = (id: number, ...data: readonly number[]): CanFrame => ({
  id,
  data: Uint8Array.from(data),
  fd: false,
});
const fd = (id: number, data: Uint8Array): CanFrame => ({ id, data, fd: true });
const binary = (value: number, bits: number): string => value.toString(2).padStart(bits, "0");
const payload = (frame: CanFrame): string => [...frame.data].map((byte) => binary(byte, 8)).join("");

/** Stuff bits counted in another way than the program's: on text, by looking for five equal characters. */
function stuffed(text: string): number {
  let count = 0;
  let rest = text;
  for (let at = rest.search(/00000|11111/); at >= 0; at = rest.search(/00000|11111/)) {
    count += 1;
    // The stuff bit takes the place of the five.
    rest = (rest[at] === "0" ? "1" : "0") + rest.slice(at + 5);
  }
  return count;
}

function crcText(bits: string): string {
  let crc = 0;
  for (const bit of bits) crc = crc15Of(Number(bit), 1, crc);
  return binary(crc, 15);
}

/** The stretch that is stuffed, from SOF on. */
function classicText(frame: CanFrame): string {
  const head = `0${binary(frame.id, 11)}000${binary(frame.data.length, 4)}${payload(frame)}`;
  return head + crcText(head);
}

const some = (length: number, seed: number): Uint8Array =>
  Uint8Array.from(
    { length },
    (_, i) => [0, 0xff, 0x0f, 0x87, 0xc3, i * 89 + seed * 31][(i * 7 + seed) % 6] ?? 0,
  );

describe("a CRC", () => {
  test("has the check value of CRC-15/CAN", () => {
    const crc = Buffer.from("123456789").reduce((sum, byte) => crc15Of(byte, 8, sum), 0);
    expect(crc).toBe(0x059e);
  });
});

describe("bits without stuffing (A5, B4)", () => {
  test.each([
    [0, 47],
    [1, 55],
    [2, 63],
    [4, 79],
    [5, 87],
    [8, 111],
  ])("a classic frame of %i bytes has %i", (n, bits) => {
    expect(plainBits(classic(0x31, ...new Uint8Array(n)))).toEqual({ nominal: bits, data: 0 });
  });

  test.each([
    [0, 152, 63.3],
    [1, 160, 66.7],
    [5, 192, 80],
    [8, 216, 90],
    [64, 669, 278.75],
  ])("an FD frame of %i bytes takes %d us at 250k/1M, %d at 600k/2.4M", (n, slow, fast) => {
    const bits = plainBits(fd(0x31, new Uint8Array(n)));
    expect(bitsMs(bits, 250_000, 1_000_000) * 1000).toBeCloseTo(slow, 1);
    expect(bitsMs(bits, 600_000, 2_400_000) * 1000).toBeCloseTo(fast, 1);
  });

  test("a block of 256 bytes is 5509 bits to write and 3749 to read", () => {
    const bits = (n: number): number => plainBits(classic(0, ...new Uint8Array(n))).nominal;
    expect(bits(5) + 34 * bits(1) + 32 * bits(8)).toBe(5509);
    expect(bits(5) + bits(1) + 32 * bits(8) + bits(1)).toBe(3749);
  });
});

describe("stuff bits", () => {
  test("a frame of nothing but zeros has one behind each five: 34 bits, 6 stuff bits", () => {
    expect(wireBits(classic(0)).nominal).toBe(47 + 6);
  });

  test("are as many as another way of counting finds, and never more than the sheet's worst case", () => {
    for (let seed = 0; seed < 3000; seed += 1) {
      const frame = classic((seed * 73) & 0x7ff, ...some(seed % 9, seed));
      const n = frame.data.length;
      const bits = wireBits(frame).nominal;
      expect(bits).toBe(47 + 8 * n + stuffed(classicText(frame)));
      expect(bits).toBeLessThanOrEqual(47 + 8 * n + Math.floor((34 + 8 * n - 1) / 4));
    }
  });

  test("of an FD frame are in the phase where they lie, and none stands behind the payload", () => {
    for (let seed = 0; seed < 3000; seed += 1) {
      const length = fdLengths[seed % fdLengths.length] ?? 0;
      const frame = fd((seed * 73) & 0x7ff, some(length, seed));
      const code = fdLengths.indexOf(length);
      const text = `0${binary(frame.id, 11)}001010${binary(code, 4)}${payload(frame)}`;
      const before = stuffed(text.slice(0, 16));
      // One that five bits at the very end would need is the first of the fixed ones.
      const all = stuffed(text) - (stuffed(text) > stuffed(text.slice(0, -1)) ? 1 : 0);
      const plain = plainBits(frame);
      expect(wireBits(frame)).toEqual({ nominal: plain.nominal + before, data: plain.data + all - before });
    }
  });

  test("no frame has a length that the bus does not know", () => {
    expect(() => wireBits(classic(1, ...new Uint8Array(9)))).toThrow(RangeError);
    expect(() => wireBits(fd(1, new Uint8Array(13)))).toThrow(RangeError);
  });
});
