import { describe, expect, test } from "vitest";
import { decodeOptions, encodeOptions } from "../../../src/model/option-codec.ts";
import type { OptionEncoding, OptionField, OptionLayout } from "../../../src/model/option-bytes.ts";

const field = (name: string, address: number, bit: number, width: number): OptionField => ({
  name,
  aliases: [],
  address,
  bit,
  width,
  factory: null,
  values: new Map(),
  danger: null,
  note: null,
});

const layout = (
  encoding: OptionEncoding,
  blocks: OptionLayout["blocks"],
  fields: readonly OptionField[],
): OptionLayout => ({ id: "X", encoding, blocks, writeOffset: 0, unreachable: null, fields });

const words = (...values: number[]): Uint8Array => {
  const out = new Uint8Array(values.length * 4);
  const view = new DataView(out.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value, true);
  return out;
};

const base = 0x1fff_f800;
const f1 = layout(
  "byte-complement",
  [{ address: base, size: 16 }],
  [
    field("RDP", base, 0, 8),
    field("nRST_STOP", base, 17, 1),
    field("DATA0", base + 4, 0, 8),
    field("DATA1", base + 4, 16, 8),
    field("WRP0", base + 8, 0, 8),
  ],
);
const f1Factory = words(0x00ff_5aa5, 0x00ff_00ff, 0x00ff_00ff, 0x00ff_00ff);

describe("option bytes of the F1", () => {
  test("are read by name from a new chip", () => {
    expect(Object.fromEntries(decodeOptions(f1, [f1Factory]))).toEqual({
      RDP: 0xa5,
      nRST_STOP: 1,
      DATA0: 0xff,
      DATA1: 0xff,
      WRP0: 0xff,
    });
  });

  test("carry the complement of each changed byte, and nothing else moves", () => {
    const [block] = encodeOptions(
      f1,
      [f1Factory],
      new Map([
        ["DATA1", 0x12],
        ["nRST_STOP", 0],
      ]),
    );
    expect(block).toEqual(words(0x02fd_5aa5, 0xed12_00ff, 0x00ff_00ff, 0x00ff_00ff));
  });

  test("are given back as they were when nothing is to change", () => {
    expect(encodeOptions(f1, [f1Factory], new Map())).toEqual([f1Factory]);
  });

  test("that were read with a broken complement are written with a right one", () => {
    const erased = new Uint8Array(16).fill(0xff);
    const [block] = encodeOptions(f1, [erased], new Map([["RDP", 0xa5]]));
    expect([...(block ?? [])].slice(0, 6)).toEqual([0xa5, 0x5a, 0xff, 0x00, 0xff, 0x00]);
    // WRP1 is no field of this chip: its bytes stay as read.
    expect([...(block ?? [])].slice(8, 12)).toEqual([0xff, 0x00, 0xff, 0xff]);
  });
});

describe("option bytes of the F4", () => {
  const home = 0x1fff_c000;
  const f4 = layout(
    "half-word-complement",
    [{ address: home, size: 16 }],
    [field("BOR_LEV", home, 2, 2), field("RDP", home, 8, 8), field("nWRP", home + 8, 0, 12)],
  );

  test("keep their inverted upper half true", () => {
    const read = words(0x5512_aaed, 0xffff_ffff, 0xf000_0fff, 0xffff_ffff);
    const [block] = encodeOptions(f4, [read], new Map([["BOR_LEV", 0]]));
    expect(block).toEqual(words(0x551e_aae1, 0xffff_ffff, 0xf000_0fff, 0xffff_ffff));
  });

  test("keep a reserved upper half as it was read", () => {
    const read = words(0x0000_aaed, 0, 0xffff_0fff, 0);
    const [block] = encodeOptions(f4, [read], new Map([["nWRP", 0xffe]]));
    expect(block).toEqual(words(0x0000_aaed, 0, 0xffff_0ffe, 0));
  });
});

test("an L0 word has its complement in the upper half", () => {
  const home = 0x1ff8_0000;
  const l0 = layout("high-half-complement", [{ address: home, size: 8 }], [field("RDP", home, 0, 8)]);
  const [block] = encodeOptions(l0, [words(0xff55_00aa, 0x7f8f_8070)], new Map([["RDP", 0xbb]]));
  expect(block).toEqual(words(0xff44_00bb, 0x7f8f_8070));
});

describe("option bytes of the G4", () => {
  const home = 0x1fff_7800;
  const second = 0x1fff_f800;
  const g4 = layout(
    "double-word-complement",
    [
      { address: home, size: 16 },
      { address: second, size: 8 },
    ],
    [field("RDP", home, 0, 8), field("DBANK", home, 22, 1), field("WRP2A_STRT", second, 0, 7)],
  );
  const read = [words(0xffef_f8aa, 0x0010_0755, 0x1234_5678, 0x1234_5678), words(0xff00_ffff, 0x00ff_0000)];

  test("carry the complement of the whole word behind it", () => {
    const blocks = encodeOptions(g4, read, new Map([["DBANK", 0]]));
    expect(blocks[0]).toEqual(words(0xffaf_f8aa, 0x0050_0755, 0x1234_5678, 0x1234_5678));
    expect(blocks[1]).toEqual(read[1]);
  });

  test("reach the area of the second bank", () => {
    const blocks = encodeOptions(g4, read, new Map([["WRP2A_STRT", 5]]));
    expect(blocks[0]).toEqual(read[0]);
    expect(blocks[1]).toEqual(words(0xff00_ff85, 0x00ff_007a));
  });

  test("that were not read have no value and cannot be changed", () => {
    expect([...decodeOptions(g4, read.slice(0, 1)).keys()]).toEqual(["RDP", "DBANK"]);
    expect(() => encodeOptions(g4, read.slice(0, 1), new Map([["WRP2A_STRT", 5]]))).toThrow(RangeError);
  });
});

test("a register pair takes the new value in both of its words", () => {
  const home = 0x5200_201c;
  const h7 = layout("register-pairs", [{ address: home, size: 16 }], [field("RDP", home, 8, 8)]);
  const [block] = encodeOptions(h7, [words(0x1bc6_aaf0, 0, 7, 8)], new Map([["RDP", 0x55]]));
  expect(block).toEqual(words(0x1bc6_55f0, 0x1bc6_55f0, 7, 8));
});

describe("a plain register", () => {
  const home = 0x4002_2040;
  const u5 = layout(
    "plain",
    [{ address: home, size: 8 }],
    [field("TZEN", home, 31, 1), field("ALL", home + 4, 0, 32), field("ADD0", home, 7, 24)],
  );

  test("holds fields up to its highest bit", () => {
    const [block = new Uint8Array()] = encodeOptions(
      u5,
      [words(0, 0)],
      new Map([
        ["TZEN", 1],
        ["ALL", 0xffff_fffe],
      ]),
    );
    expect(block).toEqual(words(0x8000_0000, 0xffff_fffe));
    expect(Object.fromEntries(decodeOptions(u5, [block]))).toEqual({ TZEN: 1, ALL: 0xffff_fffe, ADD0: 0 });
  });

  test("refuses a name it does not have", () => {
    expect(() => encodeOptions(u5, [words(0, 0)], new Map([["TZON", 1]]))).toThrow(
      "X has no option field TZON",
    );
  });

  test.each([2, -1, 0.5, Number.NaN])("refuses %s for one bit", (value) => {
    expect(() => encodeOptions(u5, [words(0, 0)], new Map([["TZEN", value]]))).toThrow(RangeError);
  });
});
