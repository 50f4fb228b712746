import { describe, expect, test } from "vitest";
import { scanLines } from "../../../../src/transport/serial/serial-scanner.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (...pieces: string[]): string[] => {
  const scans: string[] = [];
  const take = scanLines((text) => scans.push(text));
  for (const piece of pieces) take(bytes(piece));
  return scans;
};

describe("a scanner on a serial line", () => {
  test("ends a scan with CR, LF or both, cut anywhere", () => {
    expect(read("UNIT", "-1\r", "\nUNIT-2\nUN", "IT-3\r\n")).toEqual(["UNIT-1", "UNIT-2", "UNIT-3"]);
  });

  test("keeps FNC1 of a GS1 label", () => {
    expect(read("]d221A\x1d10B\r")).toEqual(["]d221A\x1d10B"]);
  });

  test("that sends without end takes no memory, and the scan is too long to be ours", () => {
    const [scan = ""] = read("x".repeat(100_000), "\r");
    expect(scan.length).toBe(401);
  });
});
