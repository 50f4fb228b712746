import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/lib/bytes.ts";
import {
  failedReply,
  inReply,
  outReply,
  parseCommand,
  parseReply,
  submitCommand,
  unlinkCommand,
  unlinkReply,
  urbStatus,
} from "../../../../src/sim/os/usbip-urbs.ts";

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));

/** The sheet's worked bytes, 3.8. */
const getStatus = bytesOf(`
  00000001 0000000d 00010002 00000001 00000000
  00000200 00000006 00000000 00000000 00000000
  a103000000000600`);
const setAddress = bytesOf(`
  00000001 0000000e 00010002 00000000 00000000
  00000000 00000005 00000000 00000000 00000000
  2101000000000500 2100000008`);
const unlink = bytesOf(`
  00000002 0000000f 00010002 00000000 00000000
  0000000d 00000000 00000000 00000000 00000000
  0000000000000000`);

describe("a transfer", () => {
  test("GETSTATUS reads as the sheet writes it, and the other way round", () => {
    const submit = {
      seqnum: 0x0d,
      devid: 0x0001_0002,
      direction: "in" as const,
      endpoint: 0,
      length: 6,
      setup: bytesOf("a103000000000600"),
      data: new Uint8Array(),
    };
    expect(parseCommand(getStatus)).toEqual({
      kind: "message",
      message: { kind: "submit", ...submit },
      bytes: 48,
    });
    expect(toHex(submitCommand(submit))).toBe(toHex(getStatus));
  });

  test("Set Address brings its data along", () => {
    const parsed = parseCommand(setAddress);
    expect(parsed).toMatchObject({ kind: "message", bytes: 53, message: { direction: "out", length: 5 } });
    if (parsed.kind !== "message" || parsed.message.kind !== "submit") throw new Error("no submit");
    expect(toHex(parsed.message.data)).toBe("2100000008");
    expect(toHex(submitCommand(parsed.message))).toBe(toHex(setAddress));
  });

  test("that came in pieces waits for the rest; one behind another is left alone", () => {
    expect(parseCommand(getStatus.subarray(0, 47))).toEqual({ kind: "more" });
    expect(parseCommand(setAddress.subarray(0, 52))).toEqual({ kind: "more" });
    expect(parseCommand(Uint8Array.of(...setAddress, ...getStatus))).toMatchObject({ bytes: 53 });
  });

  test("number_of_packets may be all ones, as the kernel's document has it", () => {
    const other = getStatus.slice();
    other.fill(0xff, 32, 36);
    expect(parseCommand(other).kind).toBe("message");
  });

  test.each<[string, number, number]>([
    ["a reply", 3, 3],
    ["a third direction", 15, 2],
    ["endpoint 16", 19, 16],
    ["a transfer of 2 GiB", 24, 0x80],
    ["an isochronous transfer", 35, 1],
  ])("%s breaks the connection", (_, at, value) => {
    const broken = getStatus.slice();
    broken[at] = value;
    expect(parseCommand(broken).kind).toBe("bad");
  });
});

describe("an answer", () => {
  test("to GETSTATUS is the sheet's 54 bytes", () => {
    const reply = inReply(0x0d, bytesOf("006400000400"));
    expect(toHex(reply)).toBe(
      toHex(
        bytesOf(`
          00000003 0000000d 00000000 00000000 00000000
          00000000 00000006 00000000 00000000 00000000
          0000000000000000
          006400000400`),
      ),
    );
    expect(parseReply(reply, () => true)).toMatchObject({ bytes: 54, message: { status: 0, length: 6 } });
  });

  test("to an OUT transfer counts its bytes and brings none", () => {
    const reply = outReply(0x0e, 5);
    expect(reply.length).toBe(48);
    expect(toHex(reply.subarray(20, 28))).toBe("0000000000000005");
    expect(parseReply(reply, () => false)).toMatchObject({ bytes: 48, message: { length: 5 } });
  });

  test("of a STALL is EPIPE", () => {
    expect(toHex(failedReply(1, urbStatus.stall).subarray(20, 28))).toBe("ffffffe000000000");
  });
});

describe("an unlink", () => {
  test("names the transfer that it takes back", () => {
    expect(parseCommand(unlink)).toEqual({
      kind: "message",
      message: { kind: "unlink", seqnum: 0x0f, devid: 0x0001_0002, target: 0x0d },
      bytes: 48,
    });
    expect(toHex(unlinkCommand({ seqnum: 0x0f, devid: 0x0001_0002, target: 0x0d }))).toBe(toHex(unlink));
  });

  test("is answered ECONNRESET where the transfer was waiting", () => {
    const reply = unlinkReply(0x0f, urbStatus.cancelled);
    expect(toHex(reply.subarray(0, 24))).toBe("000000040000000f000000000000000000000000ffffff98");
    expect(parseReply(reply, () => false)).toMatchObject({ message: { kind: "unlinked", status: -104 } });
  });
});
