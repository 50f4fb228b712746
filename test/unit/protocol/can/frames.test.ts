import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/lib/bytes.ts";
import {
  address,
  aheadDataId,
  allExtendedPages,
  allPages,
  codes,
  dataId,
  extendedPageCount,
  extendedPageList,
  fillerId,
  padded,
  pageCount,
  speedCodes,
  split,
  stretch,
} from "../../../../src/protocol/can/frames.ts";

describe("the frames of the sheet (can-an3154.md, A3 and B3)", () => {
  test("Read and Write: address, most significant byte first, and the count less one", () => {
    expect(toHex(stretch(0x0800_0000, 256))).toBe("08000000ff");
    expect(toHex(stretch(0x1fff_c000, 16))).toBe("1fffc0000f");
    expect(toHex(stretch(0xffff_0000, 4))).toBe("ffff000003");
  });

  test("Go: the address alone", () => {
    expect(toHex(address(0x0801_0200))).toBe("08010200");
  });

  test("Speed: 125k is 1, 1M is 4", () => {
    expect([...speedCodes]).toEqual([
      [125_000, 1],
      [250_000, 2],
      [500_000, 3],
      [1_000_000, 4],
    ]);
  });

  test("classic Erase counts less one, FDCAN Erase counts", () => {
    expect(toHex(pageCount(1))).toBe("00");
    expect(toHex(pageCount(8))).toBe("07");
    expect(toHex(allPages)).toBe("ff");
    expect(toHex(extendedPageCount(1))).toBe("0001");
    expect(toHex(extendedPageCount(32))).toBe("0020");
    expect(toHex(allExtendedPages)).toBe("ffff");
  });

  test("a list of FDCAN pages: two bytes each, most significant first, in a frame of 64", () => {
    expect(toHex(extendedPageList([1, 0x102]))).toBe(`00010102${"ff".repeat(60)}`);
    expect(extendedPageList(Array.from({ length: 32 }, (_, i) => i))).toHaveLength(64);
  });

  test("a payload in frames, the last as short as it is, or padded", () => {
    const parts = split(
      Uint8Array.from({ length: 19 }, (_, i) => i),
      8,
    );
    expect(parts.map(toHex)).toEqual(["0001020304050607", "08090a0b0c0d0e0f", "101112"]);
    expect(toHex(padded(Uint8Array.of(1, 2), 4))).toBe("0102ffff");
  });

  test("data frames are on identifiers that are no command; one wins against ACKs, one loses", () => {
    const commands = Object.values<number>(codes);
    expect(commands).not.toContain(dataId);
    const ahead = Array.from({ length: 32 }, (_, i) => aheadDataId(i));
    expect(commands.filter((code) => ahead.includes(code) || code === fillerId)).toEqual([]);
    expect(dataId).toBeLessThan(codes.write);
    expect(ahead).toEqual(ahead.toSorted((a, b) => a - b));
    expect(ahead.every((id) => id > codes.write && id < fillerId)).toBe(true);
  });
});
