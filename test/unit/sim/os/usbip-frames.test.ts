import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/lib/bytes.ts";
import {
  devlistReply,
  devlistRequest,
  importReply,
  importRequest,
  opStatus,
  parseImportReply,
  parseOpRequest,
  type DeviceRecord,
} from "../../../../src/sim/os/usbip-frames.ts";

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

const board: DeviceRecord = {
  path: "/sys/devices/gangflash/usb1/1-2",
  busid: "1-2",
  busnum: 1,
  devnum: 2,
  speed: 2,
  vendorId: 0x0483,
  productId: 0xdf11,
  deviceVersion: 0x2200,
  deviceClass: [0, 0, 0],
  configuration: 1,
  configurations: 1,
  interfaces: [[0xfe, 1, 2]],
};

describe("a list of devices", () => {
  test("is asked for as the sheet has it (2.3)", () => {
    expect(toHex(devlistRequest())).toBe("0111800500000000");
    expect(parseOpRequest(bytesOf("0111 8005 00000000"))).toEqual({ kind: "devlist" });
  });

  test("of one board is 328 bytes, its interface behind its record", () => {
    const reply = devlistReply([board]);
    expect(reply.length).toBe(328);
    expect(toHex(reply.subarray(0, 12))).toBe("011100050000000000000001");
    expect(toHex(reply.subarray(12 + 256, 12 + 260))).toBe("312d3200");
    // busnum, devnum, speed, ids, version, classes, configuration 1 of 1, one interface
    expect(toHex(reply.subarray(12 + 288, 12 + 312))).toBe(
      "0000000100000002000000020483df112200000000010101",
    );
    expect(toHex(reply.subarray(324))).toBe("fe010200");
  });

  test("can be empty", () => {
    expect(toHex(devlistReply([]))).toBe("011100050000000000000000");
  });
});

describe("an import", () => {
  test("is asked for by bus id in 40 bytes (2.4)", () => {
    const request = importRequest("1-1");
    expect(request.length).toBe(40);
    expect(toHex(request.subarray(0, 12))).toBe("0111800300000000312d3100");
    expect(parseOpRequest(request)).toEqual({ kind: "import", busid: "1-1" });
  });

  test("is answered with the record alone, 320 bytes", () => {
    const reply = importReply(board);
    expect(reply.length).toBe(320);
    expect(toHex(reply.subarray(0, 8))).toBe("0111000300000000");
    expect(parseImportReply(reply)).toEqual({ kind: "device", busid: "1-2", devid: 0x0001_0002, speed: 2 });
  });

  test("that is refused has nothing behind its status", () => {
    expect(toHex(importReply(opStatus.busy))).toBe("0111000300000002");
    expect(parseImportReply(importReply(opStatus.noSuchDevice))).toEqual({ kind: "refused", status: 4 });
  });
});

describe("what came in pieces", () => {
  test.each([0, 7])("%i bytes are no message yet", (length) => {
    expect(parseOpRequest(devlistRequest().subarray(0, length))).toEqual({ kind: "more" });
  });

  test("an import waits for its whole bus id, its answer for the whole record", () => {
    expect(parseOpRequest(importRequest("1-1").subarray(0, 39))).toEqual({ kind: "more" });
    expect(parseImportReply(importReply(board).subarray(0, 319))).toEqual({ kind: "more" });
  });
});

describe("what is no USB/IP", () => {
  test.each([
    ["another version", "0106 8005 00000000"],
    ["a reply", "0111 0005 00000000"],
    ["a web browser", "474554202f20485454502f312e310d0a"],
  ])("%s is refused", (_, hex) => {
    expect(parseOpRequest(bytesOf(hex)).kind).toBe("bad");
  });

  test("bytes behind the answer to an import are the kernel's, not ours", () => {
    expect(parseImportReply(Uint8Array.of(...importReply(board), 0)).kind).toBe("bad");
  });
});
