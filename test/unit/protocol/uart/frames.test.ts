import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/lib/bytes.ts";
import {
  address,
  block,
  codes,
  command,
  extendedPageList,
  massErase,
  pageList,
  readCount,
  xorOf,
} from "../../../../src/protocol/uart/frames.ts";

describe("commands are their code and its complement (section 3.1)", () => {
  test.each([
    ["Get", codes.get, "00ff"],
    ["Get ID", codes.getId, "02fd"],
    ["Read Memory", codes.read, "11ee"],
    ["Go", codes.go, "21de"],
    ["Write Memory", codes.write, "31ce"],
    ["Erase", codes.erase, "43bc"],
    ["Extended Erase", codes.extendedErase, "44bb"],
    ["Readout Unprotect", codes.readUnprotect, "926d"],
  ])("%s", (_name, code, bytes) => {
    expect(toHex(command(code))).toBe(bytes);
  });
});

describe("addresses go most significant byte first and end with their XOR (section 2)", () => {
  test.each([
    [0x0800_0000, "0800000008"],
    [0x0800_1234, "080012342e"],
    [0x1fff_77de, "1fff77de49"],
    // As a signed 32-bit number this address is negative: the shift must not show it.
    [0xffff_0000, "ffff000000"],
  ])("%i", (value, bytes) => {
    expect(toHex(address(value))).toBe(bytes);
    expect(xorOf(address(value))).toBe(0);
  });
});

describe("blocks of a write: count less one, the data, XOR over both (section 3.7)", () => {
  test("four bytes", () => {
    expect(toHex(block(Uint8Array.of(1, 2, 3, 4)))).toBe("030102030407");
  });

  test("256 bytes are the longest, 258 on the wire", () => {
    const frame = block(new Uint8Array(256).fill(0xaa));
    expect(frame.length).toBe(258);
    expect(frame[0]).toBe(0xff);
    expect(frame[257]).toBe(0xff);
    expect(xorOf(frame)).toBe(0);
  });
});

test("a read asks for its count less one and the complement", () => {
  expect(toHex(readCount(1))).toBe("00ff");
  expect(toHex(readCount(256))).toBe("ff00");
});

describe("lists of an erase (sections 3.8 and 3.9)", () => {
  test("one-byte pages", () => {
    expect(toHex(pageList([0]))).toBe("000000");
    expect(toHex(pageList([1, 2, 3]))).toBe("0201020302");
  });

  test("two-byte pages, most significant byte first", () => {
    expect(toHex(extendedPageList([0]))).toBe("0000000000");
    expect(toHex(extendedPageList([5, 0x0102]))).toBe("00010005010207");
  });

  test("a list's checksum makes its XOR 0", () => {
    const pages = Array.from({ length: 64 }, (_, i) => 3 * i);
    expect(xorOf(pageList(pages))).toBe(0);
    expect(xorOf(extendedPageList(pages))).toBe(0);
  });

  test("mass erase", () => {
    expect(toHex(massErase.short)).toBe("ff00");
    expect(toHex(massErase.extended)).toBe("ffff00");
  });
});
