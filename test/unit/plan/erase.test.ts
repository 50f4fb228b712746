import { describe, expect, test } from "vitest";
import type { MemoryMap, Segment } from "../../../src/model/memory.ts";
import { outside, sectorsTouched } from "../../../src/plan/erase.ts";

const start = 0x0800_0000;
const sectors = [0x0000, 0x0400, 0x0800, 0x2000].map((offset, index) => ({
  index,
  address: start + offset,
  size: 0x400,
}));
/** Three sectors side by side, a hole, and one more behind it. */
const map: MemoryMap = { layoutId: "two-banks", sectors, flashBytes: 0x1000 };
const stretch = (from: number, to: number): Segment => ({
  address: start + from,
  bytes: new Uint8Array(to - from),
});

describe("an image fits the flash of a chip", () => {
  test.each([
    ["that it fills", [stretch(0, 0xc00), stretch(0x2000, 0x2400)]],
    ["with a byte at its very end", [stretch(0x23ff, 0x2400)]],
    ["with nothing at all", []],
  ])("%s", (_, segments) => {
    expect(outside(map, segments)).toBeNull();
  });

  test.each([
    ["that begins a byte before it", stretch(-1, 4), { address: start - 1, end: start + 4 }],
    ["that ends a byte behind it", stretch(0x2300, 0x2401), { address: start + 0x2400, end: start + 0x2401 }],
    ["that lies behind it", stretch(0x2400, 0x2500), { address: start + 0x2400, end: start + 0x2500 }],
    ["that reaches into a hole", stretch(0xb00, 0xc01), { address: start + 0xc00, end: start + 0xc01 }],
    ["that lies in a hole", stretch(0x1000, 0x1010), { address: start + 0x1000, end: start + 0x1010 }],
  ])("but not one %s: named from its first byte outside", (_, segment, found) => {
    expect(outside(map, [stretch(0, 4), segment])).toEqual(found);
  });
});

describe("a sector is erased", () => {
  const touched = (...segments: Segment[]): number[] =>
    sectorsTouched(map, segments).map(({ index }) => index);

  test("for its first byte, for its last byte, and for nothing beside it", () => {
    expect(touched(stretch(0x400, 0x401))).toEqual([1]);
    expect(touched(stretch(0x7ff, 0x800))).toEqual([1]);
    expect(touched(stretch(0x3ff, 0x401))).toEqual([0, 1]);
    expect(touched(stretch(0, 0x400), stretch(0x800, 0x801))).toEqual([0, 2]);
  });
});
