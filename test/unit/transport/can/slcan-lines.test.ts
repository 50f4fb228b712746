import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/lib/bytes.ts";
import { frameLine, readLine } from "../../../../src/transport/can/slcan-lines.ts";

describe("lines of an slcan adapter", () => {
  test.each([
    [{ id: 0x79, data: new Uint8Array(), fd: false }, "t0790"],
    [{ id: 0x31, data: Uint8Array.of(0x08, 0, 0, 0, 0xff), fd: false }, "t031508000000FF"],
    [{ id: 0x111, data: Uint8Array.of(0x5a), fd: true }, "b11115A"],
    [{ id: 0x04, data: new Uint8Array(64).fill(0xab), fd: true }, `b004F${"AB".repeat(64)}`],
  ])("frame %# goes out as the adapter wants it, and is read back", (frame, line) => {
    expect(frameLine(frame)).toBe(line);
    const read = readLine(line, false);
    expect(read).toMatchObject({ type: "frame", frame: { id: frame.id, fd: frame.fd } });
    expect(read.type === "frame" ? toHex(read.frame.data) : "").toBe(toHex(frame.data));
  });

  test("a length that no frame has is no line", () => {
    expect(() => frameLine({ id: 1, data: new Uint8Array(9), fd: false })).toThrow(RangeError);
    expect(() => frameLine({ id: 1, data: new Uint8Array(33), fd: true })).toThrow(RangeError);
  });

  test.each([
    ["t0791791a2b", "frame"], // with its time
    ["1t004179", "frame"], // RAMN's FD frame
    ["T0000007911F", "other"],
    ["r0790", "other"],
    ["D000000798AABBCCDD11223344", "other"],
    ["", "done"],
    ["z", "done"],
    ["Z", "done"],
    ["FA0", "flags"],
    ["sb000255", "state"],
    ["e1aB", "errors"],
    ["V1013", "text"],
    ["t07927", "text"], // half a frame
    ["t079179ff", "text"],
    ["t0799112233445566778899", "text"], // no classic frame has nine
    ["t979179", "text"], // no standard identifier
  ])("%s is read as %s", (text, type) => {
    expect(readLine(text, false).type).toBe(type);
  });

  test("whatever stood before BEL was refused", () => {
    expect(readLine("t079", true)).toEqual({ type: "refused" });
  });

  test("errors that are told unasked keep their kinds", () => {
    expect(readLine("e2bo", false)).toEqual({ type: "errors", errors: ["bit", "overrun"] });
  });
});
