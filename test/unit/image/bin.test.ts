import { expect, test } from "vitest";
import { parseBin } from "../../../src/image/bin.ts";
import { bytes, complaintOf, memory } from "./vectors.ts";

test("raw bytes go to the base address as they are", () => {
  expect(parseBin(bytes("01 02 03"), 0x0800_4000)).toEqual({
    ok: true,
    value: {
      format: "bin",
      segments: [{ address: 0x0800_4000, bytes: bytes("01 02 03") }],
      entry: null,
      warnings: [],
      dfu: null,
    },
  });
});

test("the image keeps its own copy of the bytes", () => {
  const file = bytes("01 02 03");
  const parsed = parseBin(file, 0);
  file.fill(0);
  expect(memory(parsed)).toEqual({ "00000000": "010203" });
});

test("an empty file is refused", () => {
  expect(complaintOf(parseBin(new Uint8Array(), 0))).toMatchObject({
    offset: 0,
    message: "The file is empty.",
  });
});

test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 32])("%d is not a base address", (at) => {
  expect(complaintOf(parseBin(bytes("01"), at)).message).toBe(
    `The base address is ${at}; it must be a whole number up to 0xFFFFFFFF.`,
  );
});

test("bytes may end at the last address, not after it", () => {
  expect(memory(parseBin(bytes("01 02"), 0xffff_fffe))).toEqual({ FFFFFFFE: "0102" });
  expect(complaintOf(parseBin(bytes("01 02"), 0xffff_ffff))).toMatchObject({
    offset: 0,
    message: "2 bytes at 0xFFFFFFFF reach beyond the last address, 0xFFFFFFFF.",
  });
});
