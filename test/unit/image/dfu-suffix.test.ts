import { describe, expect, test } from "vitest";
import { endsInSuffix, readSuffix } from "../../../src/image/dfu-suffix.ts";
import { parseDfu } from "../../../src/image/dfuse.ts";
import {
  altered,
  bytes,
  complaintOf,
  fourBytesDfu,
  helloDfu,
  imageOf,
  join,
  memory,
  resealed,
  suffixOnly,
} from "./vectors.ts";

const flash = 0x0800_0000;

describe("the vectors of section 2.3", () => {
  test.each([
    { payload: "(none)", file: suffixOnly, vendorId: 0xffff, productId: 0xffff, offset: 0 },
    { payload: "01 02 03 04", file: fourBytesDfu, vendorId: 0x0483, productId: 0xdf11, offset: 4 },
    { payload: "hello world", file: helloDfu, vendorId: 0x1234, productId: 0x4321, offset: 11 },
  ])("the suffix after the payload $payload", ({ file, vendorId, productId, offset }) => {
    expect(readSuffix(file)).toEqual({
      ok: true,
      value: { vendorId, productId, version: 0xffff, specification: 0x0100, offset },
    });
  });

  test("a suffix without a payload is refused, not an empty image", () => {
    expect(complaintOf(parseDfu(suffixOnly, { at: flash }))).toEqual({
      line: null,
      offset: 0,
      message: "The file is a DFU suffix and nothing else: there is nothing to program.",
    });
  });

  test.each(Array.from({ length: 16 }, (_, at) => at))(
    "a change of byte %i of vector 2, before the checksum, fails",
    (at) => {
      for (let bit = 1; bit < 256; bit <<= 1) {
        const file = altered(fourBytesDfu, at, (fourBytesDfu[at] ?? 0) ^ bit);
        expect(readSuffix(file).ok).toBe(false);
      }
    },
  );

  test("a wrong checksum is told with both values, at its offset", () => {
    expect(complaintOf(readSuffix(altered(fourBytesDfu, 0, 0xff)))).toMatchObject({
      offset: 16,
      message: "The DFU checksum is 0x937F460B; the file gives 0x3066EE4D.",
    });
  });
});

describe("plain DFU", () => {
  test("its payload goes to the base address; the suffix stays behind, and that is said", () => {
    const image = imageOf(parseDfu(fourBytesDfu, { at: flash }));
    expect(memory({ ok: true, value: image })).toEqual({ "08000000": "01020304" });
    expect(image).toEqual({
      format: "dfu",
      segments: [{ address: flash, bytes: bytes("01 02 03 04") }],
      entry: null,
      warnings: ["The file ends in a DFU suffix; its 16 bytes are not programmed."],
      dfu: { vendorId: 0x0483, productId: 0xdf11, version: 0xffff, specification: 0x0100, targets: [] },
    });
  });

  test("without a base address it is refused", () => {
    expect(complaintOf(parseDfu(fourBytesDfu)).message).toBe(
      "A plain DFU file carries no address; it needs a base address.",
    );
  });

  test("extra fields before the fixed ones belong to the suffix", () => {
    const file = resealed(
      join(bytes("01 02"), bytes("EE EE EE EE"), altered(fourBytesDfu.subarray(4), 11, 20)),
    );
    expect(memory(parseDfu(file, { at: flash }))).toEqual({ "08000000": "0102" });
  });
});

describe("a suffix that is not as it must be", () => {
  test.each([
    { name: "an empty file", file: new Uint8Array(), offset: 0, message: "The file is empty." },
    { name: "15 bytes", file: suffixOnly.subarray(1), offset: 0, message: "does not end in a DFU suffix" },
    {
      name: "no signature",
      file: altered(fourBytesDfu, 12, 0),
      offset: 4,
      message: "does not end in a DFU suffix",
    },
    {
      name: "a length of 15",
      file: resealed(altered(fourBytesDfu, 15, 15)),
      offset: 15,
      message: "claims 15 bytes",
    },
    {
      name: "a length beyond the file",
      file: resealed(altered(fourBytesDfu, 15, 21)),
      offset: 15,
      message: "claims 21 bytes",
    },
    {
      name: "an unknown specification",
      file: resealed(altered(fourBytesDfu, 10, 0x10)),
      offset: 10,
      message: "names specification 0x110",
    },
  ])("$name is refused with its offset", ({ file, offset, message }) => {
    const complaint = complaintOf(readSuffix(file));
    expect(complaint).toMatchObject({ line: null, offset });
    expect(complaint.message).toContain(message);
  });
});

describe("the end of a file is taken for a suffix", () => {
  test("when it is one", () => {
    expect(endsInSuffix(fourBytesDfu)).toBe(true);
  });

  test("when it was one and the file was damaged", () => {
    expect(endsInSuffix(altered(fourBytesDfu, 1, 0x99))).toBe(true);
    expect(endsInSuffix(altered(fourBytesDfu, 17, 0x99))).toBe(true);
  });

  test("not for three bytes alone that could be chance", () => {
    expect(endsInSuffix(altered(fourBytesDfu, 15, 0x77))).toBe(false);
  });
});
