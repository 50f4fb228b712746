import { array, assert, integer, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { createPieces, maxPieces } from "../../../src/image/pieces.ts";
import { joinPieces, type Joined, maxImageBytes, maxSegments } from "../../../src/image/segments.ts";
import { toHex } from "../../../src/lib/bytes.ts";
import type { Parsed } from "../../../src/model/image-complaint.ts";
import { parseBin } from "../../../src/image/bin.ts";
import { parseDfu } from "../../../src/image/dfuse.ts";
import { parseElf } from "../../../src/image/elf.ts";
import { parseHex } from "../../../src/image/hex.ts";
import { parseSrec } from "../../../src/image/srec.ts";
import { mutations, seed } from "./seed.ts";
import {
  altered,
  complaintOf,
  elf,
  elfVector,
  fourBytesDfu,
  hexEnd,
  hexRecord,
  imageOf,
  lines,
  memory,
  plainHex,
  plainSrec,
  sRecord,
  vectorA,
} from "./vectors.ts";

interface Put {
  readonly address: number;
  readonly bytes: readonly number[];
}

function join(puts: readonly Put[]): Parsed<Joined> {
  const pieces = createPieces();
  let from = 0;
  for (const [index, put] of puts.entries()) {
    pieces.add(put.address, from, put.bytes.length, index);
    from += put.bytes.length;
  }
  return joinPieces(Uint8Array.from(puts.flatMap((put) => [...put.bytes])), pieces, "offset");
}

function shape(joined: Parsed<Joined>): string[] {
  if (!joined.ok) throw new Error(joined.complaint.message);
  return joined.value.segments.map(({ address, bytes }) => `${address}:${toHex(bytes)}`);
}

const end = "S70508000101F0";

describe("the policy of section 1", () => {
  describe("two segments overlap, same bytes: accept with a warning", () => {
    test.each([
      {
        format: "Intel HEX",
        parsed: parseHex(lines(hexRecord(0, 0, [1, 2, 3]), hexRecord(0, 1, [2, 3, 4]), hexEnd)),
      },
      {
        format: "S-record",
        parsed: parseSrec(lines(sRecord(1, 2, 0, [1, 2, 3]), sRecord(1, 2, 1, [2, 3, 4]), end)),
      },
      {
        format: "ELF",
        parsed: parseElf(
          elf([
            { physical: 0, virtual: 1, data: [1, 2, 3] },
            { physical: 1, data: [2, 3, 4] },
          ]),
        ),
      },
    ])("$format", ({ parsed }) => {
      const image = imageOf(parsed);
      expect(memory({ ok: true, value: image })).toEqual({ "00000000": "01020304" });
      expect(image.warnings).toEqual(["2 bytes at 0x00000001 are set twice, to the same value."]);
    });
  });

  test("two segments overlap, different bytes: reject at the later place, whatever the order of addresses", () => {
    const low = { address: 0, bytes: [1, 2, 3] };
    const high = { address: 2, bytes: [9, 9] };
    expect(complaintOf(join([low, high]))).toEqual({
      line: null,
      offset: 1,
      message: "0x00000002 is set to 0x09 here, and to 0x03 at offset 0.",
    });
    expect(complaintOf(join([high, low]))).toEqual({
      line: null,
      offset: 1,
      message: "0x00000002 is set to 0x03 here, and to 0x09 at offset 0.",
    });
  });

  test("gap: stays a gap", () => {
    expect(
      shape(
        join([
          { address: 0, bytes: [1] },
          { address: 2, bytes: [2] },
        ]),
      ),
    ).toEqual(["0:01", "2:02"]);
  });

  test("gap: flash and option bytes in one file stay two small segments", () => {
    const joined = join([
      { address: 0x0800_0000, bytes: [1, 2] },
      { address: 0x1fff_c000, bytes: [3, 4] },
    ]);
    expect(shape(joined)).toEqual(["134217728:0102", "536854528:0304"]);
  });

  test("end record missing: reject by default, switch to accept", () => {
    const hex = lines(...plainHex.slice(0, -1));
    const srec = lines(...plainSrec.slice(0, -1));
    expect([parseHex(hex).ok, parseSrec(srec).ok]).toEqual([false, false]);
    const options = { allowMissingEnd: true };
    expect([parseHex(hex, options).ok, parseSrec(srec, options).ok]).toEqual([true, true]);
  });

  test("data after the end record: reject", () => {
    expect(parseHex(lines(...plainHex, plainHex[1])).ok).toBe(false);
    expect(parseSrec(lines(...plainSrec, plainSrec[1])).ok).toBe(false);
  });

  test("bad checksum or CRC: reject, no switch", () => {
    const options = { allowMissingEnd: true };
    expect(parseHex(lines(":0400000001020304F3", hexEnd), options).ok).toBe(false);
    expect(parseSrec(lines("S3090800000001020304E5", end), options).ok).toBe(false);
    expect(parseDfu(altered(vectorA(), 309, 0)).ok).toBe(false);
    expect(parseDfu(altered(fourBytesDfu, 16, 0), { at: 0 }).ok).toBe(false);
  });

  test("length not a multiple of the program unit: the file layer keeps it as it is", () => {
    expect(memory(parseBin(Uint8Array.of(1, 2, 3), 0x0800_0000))).toEqual({ "08000000": "010203" });
  });

  test("entry or start address: information only, it may lie anywhere", () => {
    const start = hexRecord(5, 0, [0xff, 0xff, 0xff, 0xff]);
    expect(imageOf(parseHex(lines(start, ...plainHex))).entry).toBe(0xffff_ffff);
    expect(imageOf(parseElf(elfVector)).entry).toBe(0x0800_0101);
  });
});

describe("joining", () => {
  test("neighbours become one segment, sorted, whatever their order", () => {
    const puts = [
      { address: 6, bytes: [7] },
      { address: 2, bytes: [3, 4] },
      { address: 0, bytes: [1, 2] },
      { address: 4, bytes: [5, 6] },
    ];
    expect(shape(join(puts))).toEqual(["0:01020304050607"]);
  });

  test("a piece inside another one is an overlap too", () => {
    const outer = { address: 0, bytes: [1, 2, 3, 4] };
    expect(shape(join([outer, { address: 1, bytes: [2, 3] }, { address: 4, bytes: [5] }]))).toEqual([
      "0:0102030405",
    ]);
    expect(complaintOf(join([outer, { address: 1, bytes: [2, 9] }]))).toMatchObject({ offset: 1 });
  });

  test("of three places that set one byte, the first two that differ are named", () => {
    const puts = [
      { address: 0, bytes: [1] },
      { address: 0, bytes: [1] },
      { address: 0, bytes: [2] },
    ];
    expect(complaintOf(join(puts))).toEqual({
      line: null,
      offset: 2,
      message: "0x00000000 is set to 0x02 here, and to 0x01 at offset 0.",
    });
  });

  test("one byte that is set twice is one byte", () => {
    const joined = join([
      { address: 5, bytes: [1] },
      { address: 5, bytes: [1] },
    ]);
    expect(joined).toMatchObject({
      value: { warnings: ["1 byte at 0x00000005 is set twice, to the same value."] },
    });
  });

  test("several overlaps are one warning", () => {
    const puts = [0, 0, 16, 16, 32, 32].map((address) => ({ address, bytes: [1, 2] }));
    expect(join(puts)).toMatchObject({
      value: {
        warnings: ["6 bytes in 3 places, the first at 0x00000000, are set twice, to the same value."],
      },
    });
  });

  test(`more than ${maxSegments} separate segments are refused`, () => {
    const puts = Array.from({ length: maxSegments + 1 }, (_, index) => ({ address: 2 * index, bytes: [1] }));
    expect(shape(join(puts.slice(1)))).toHaveLength(maxSegments);
    expect(complaintOf(join(puts))).toMatchObject({ offset: maxSegments });
  });

  test("more pieces than any image has are refused at the first of them", () => {
    const pieces = createPieces();
    for (let index = 0; index <= maxPieces; index++) pieces.add(index, 0, 1, index);
    expect(complaintOf(joinPieces(Uint8Array.of(1), pieces, "line"))).toMatchObject({ line: maxPieces });
  });

  test("more bytes than any chip has are refused, however small the file", () => {
    const source = new Uint8Array(1024 * 1024);
    const pieces = createPieces();
    for (let index = 0; index <= maxImageBytes / source.length; index++)
      pieces.add(0x0800_0000, 0, source.length, index);
    expect(complaintOf(joinPieces(source, pieces, "offset"))).toMatchObject({ offset: 64 });
  });

  test(`random pieces give what a map of single bytes gives (seed ${seed})`, () => {
    const put = record({
      address: integer({ min: 0, max: 60 }),
      bytes: array(integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 8 }),
    });
    assert(
      property(array(put, { minLength: 1, maxLength: 8 }), (puts) => {
        expect(judged(join(puts))).toEqual(single(puts));
      }),
      { seed, numRuns: mutations },
    );
  });
});

function judged(joined: Parsed<Joined>): string[] | "refused" {
  return joined.ok ? shape(joined) : "refused";
}

/** The same decided byte by byte: slow, and too simple to be wrong in the same way. */
function single(puts: readonly Put[]): string[] | "refused" {
  const cells = new Map<number, number>();
  for (const { address, bytes } of puts)
    for (const [index, byte] of bytes.entries()) {
      if ((cells.get(address + index) ?? byte) !== byte) return "refused";
      cells.set(address + index, byte);
    }
  const out: string[] = [];
  for (const address of [...cells.keys()].sort((a, b) => a - b)) {
    const hex = toHex(Uint8Array.of(cells.get(address) ?? 0));
    if (cells.has(address - 1)) out.push(`${out.pop()}${hex}`);
    else out.push(`${address}:${hex}`);
  }
  return out;
}
