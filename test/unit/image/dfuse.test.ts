import { describe, expect, test } from "vitest";
import { parseDfu } from "../../../src/image/dfuse.ts";
import {
  altered,
  complaintOf,
  fourBytesDfu,
  imageOf,
  memory,
  resealed,
  u32,
  vectorA,
  vectorB,
} from "./vectors.ts";

const target = 11;
const element = 285;

describe("vector A of section 3.3: one target, one element", () => {
  test("is 313 bytes and gives four of them at 08000000", () => {
    expect(vectorA()).toHaveLength(313);
    const image = imageOf(parseDfu(vectorA()));
    expect(memory({ ok: true, value: image })).toEqual({ "08000000": "01020304" });
    expect(image).toMatchObject({
      format: "dfuse",
      entry: null,
      warnings: [],
      dfu: {
        vendorId: 0x0483,
        productId: 0xdf11,
        version: 0xffff,
        specification: 0x011a,
        targets: [{ alternate: 0, name: "ST..." }],
      },
    });
  });
});

describe("vector B of section 3.4: two targets, three elements", () => {
  test("is 620 bytes and gives three segments and two targets", () => {
    expect(vectorB).toHaveLength(620);
    const image = imageOf(parseDfu(vectorB));
    expect(memory({ ok: true, value: image })).toEqual({
      "08000000": "AABB",
      "08000800": "102030",
      "1FFFC000": "FFAA0055FFAA0055FFAA0055FFAA0055",
    });
    expect(image.warnings).toEqual([]);
    expect(image.dfu).toEqual({
      vendorId: 0x0483,
      productId: 0xdf11,
      version: 0x2200,
      specification: 0x011a,
      targets: [
        { alternate: 0, name: "Internal Flash" },
        { alternate: 1, name: null },
      ],
    });
  });
});

describe("DFUImageSize, section 3.1", () => {
  test("length minus 16, as ST writes it, is right", () => {
    expect(imageOf(parseDfu(vectorA())).warnings).toEqual([]);
  });

  test("the full length, as UM0391 and dfuse-pack have it, is right", () => {
    const image = imageOf(parseDfu(vectorA("39 01 00 00", "2B 9B B3 C9")));
    expect(memory({ ok: true, value: image })).toEqual({ "08000000": "01020304" });
    expect(image.warnings).toEqual([]);
  });

  test.each([0, 296, 298, 312, 314, 0xffff_ffff])("%i is another value: a warning", (size) => {
    const image = imageOf(parseDfu(resealed(altered(vectorA(), 6, ...u32(size)))));
    expect(image.warnings).toEqual([`The DfuSe prefix claims ${size} bytes; the file has 313.`]);
  });
});

describe("targets and elements", () => {
  test("what ST's writer leaves after the NUL is not part of the name", () => {
    const file = resealed(altered(vectorA(), target + 11 + 6, 0x58, 0x59, 0xff));
    expect(imageOf(parseDfu(file)).dfu?.targets).toEqual([{ alternate: 0, name: "ST..." }]);
  });

  test("a name is ignored when the target is not named", () => {
    const file = resealed(altered(vectorA(), target + 7, 0));
    expect(imageOf(parseDfu(file)).dfu?.targets).toEqual([{ alternate: 0, name: null }]);
  });

  test("a name without an end takes its 255 bytes and no more", () => {
    const file = resealed(altered(vectorA(), target + 11, ...new Uint8Array(255).fill(0x41)));
    expect(imageOf(parseDfu(file)).dfu?.targets).toEqual([{ alternate: 0, name: "A".repeat(255) }]);
  });

  test("a name with control characters is cleaned", () => {
    const file = resealed(altered(vectorA(), target + 11, 0x1b, 0x5b, 0x41, 0x0a, 0x42));
    expect(imageOf(parseDfu(file)).dfu?.targets).toEqual([{ alternate: 0, name: "[AB" }]);
  });

  test("elements may be unsorted", () => {
    const file = resealed(altered(vectorB, element, ...u32(0x0800_0900)));
    expect(Object.keys(memory(parseDfu(file)))).toEqual(["08000800", "08000900", "1FFFC000"]);
  });

  test("elements that differ at one address are refused at the later one", () => {
    const file = resealed(altered(vectorB, 295, ...u32(0x0800_0001)));
    expect(complaintOf(parseDfu(file))).toEqual({
      line: null,
      offset: 295,
      message: "0x08000001 is set to 0x10 here, and to 0xBB at offset 285.",
    });
  });

  test.each([
    { name: "another version", at: 5, values: [2], offset: 5, message: "The DfuSe version is 2" },
    { name: "no target", at: 10, values: [0], offset: 11, message: "The targets end here, 286 bytes before" },
    { name: "a target too many", at: 10, values: [2], offset: 297, message: "but the suffix comes first" },
    {
      name: "a target without its name",
      at: 11,
      values: [0x74],
      offset: 11,
      message: '"Target" is not found',
    },
    {
      name: "a target too large",
      at: 277,
      values: u32(13),
      offset: 277,
      message: "claims 13 bytes; 12 are left",
    },
    { name: "a target of 4 GiB", at: 277, values: u32(0xffff_ffff), offset: 277, message: "12 are left" },
    { name: "a target too small", at: 277, values: u32(11), offset: 285, message: "its target has 3 left" },
    {
      name: "no element",
      at: 281,
      values: u32(0),
      offset: 285,
      message: "12 bytes before the end of their target",
    },
    {
      name: "an element too many",
      at: 281,
      values: u32(2),
      offset: 297,
      message: "claims 2 elements and ends after 1",
    },
    { name: "4 GiB of elements", at: 281, values: u32(0xffff_ffff), offset: 297, message: "ends after 1" },
    { name: "an element too large", at: 289, values: u32(5), offset: 285, message: "claims 5 bytes" },
    {
      name: "an element of 4 GiB",
      at: 289,
      values: u32(0xffff_ffff),
      offset: 285,
      message: "claims 4294967295",
    },
    {
      name: "an element too small",
      at: 289,
      values: u32(3),
      offset: 296,
      message: "1 byte before the end of their target",
    },
    {
      name: "an address past the end",
      at: 285,
      values: u32(0xffff_fffd),
      offset: 285,
      message: "last address",
    },
  ])("$name is refused with its offset", ({ at, values, offset, message }) => {
    const complaint = complaintOf(parseDfu(resealed(altered(vectorA(), at, ...values))));
    expect(complaint).toMatchObject({ line: null, offset });
    expect(complaint.message).toContain(message);
  });

  test("elements without bytes are refused, not an empty image", () => {
    const empty = vectorA();
    const file = Uint8Array.from([...empty.subarray(0, 293), ...empty.subarray(297)]);
    const sized = resealed(altered(altered(file, 277, 8), 289, 0));
    expect(complaintOf(parseDfu(sized))).toMatchObject({
      message: "No element has bytes: there is nothing to program.",
    });
  });
});

describe("the two kinds are not mixed up", () => {
  test("a base address beside DfuSe is refused", () => {
    expect(complaintOf(parseDfu(vectorA(), { at: 0x0800_0000 })).message).toBe(
      "A base address belongs to .bin only; this file carries its own addresses.",
    );
  });

  test("a DfuSe file with a plain suffix is refused", () => {
    const file = resealed(altered(vectorA(), 303, 0x00, 0x01));
    expect(complaintOf(parseDfu(file)).message).toBe("The file begins as DfuSe, its suffix says plain DFU.");
  });

  test("a plain file with a DfuSe suffix is refused", () => {
    const file = resealed(altered(fourBytesDfu, 10, 0x1a));
    expect(complaintOf(parseDfu(file)).message).toBe("The suffix says DfuSe, the file does not begin so.");
  });

  test("a wrong checksum is refused, no switch", () => {
    expect(complaintOf(parseDfu(altered(vectorA(), 293, 9)))).toMatchObject({ offset: 309 });
  });

  test("a file that lost its suffix is refused", () => {
    expect(complaintOf(parseDfu(vectorA().subarray(0, 297))).message).toBe(
      "The file does not end in a DFU suffix.",
    );
  });
});
