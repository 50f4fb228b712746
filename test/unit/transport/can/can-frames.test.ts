import { endianness } from "node:os";
import { describe, expect, test } from "vitest";
import { packFrame, unpackFrame } from "../../../../src/transport/can/can-frames.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
/** An error frame of these classes, with bytes 1 to 3 of its data. */
const fault = (kinds: number, ...data: readonly number[]): Uint8Array => {
  const frame = new Uint8Array(16);
  new DataView(frame.buffer).setUint32(0, (0x2000_0000 | kinds) >>> 0, true);
  frame[4] = 8;
  frame.set(data, 9);
  return frame;
};

describe.skipIf(endianness() === "BE")("frames as Linux has them", () => {
  test("a classic one has 16 bytes, identifier first, its length and its data", () => {
    const frame = { id: 0x431, data: Uint8Array.of(0x08, 0x00, 0x7f), fd: false };
    expect(packFrame(frame)).toEqual(bytes("31040000 03 00 00 00 08007f0000000000"));
    expect(unpackFrame(packFrame(frame))).toEqual([{ type: "frame", frame }]);
  });

  test("an FD one has 72 bytes, and says that its data runs at the data rate", () => {
    const frame = { id: 0x111, data: new Uint8Array(64).fill(0x5a), fd: true };
    const packed = packFrame(frame);
    expect([packed.length, packed[4], packed[5]]).toEqual([72, 64, 0x05]);
    expect(unpackFrame(packed)).toEqual([{ type: "frame", frame }]);
  });

  test.each(["79000080 00000000 0000000000000000", "79000040 00000000 0000000000000000"])(
    "%s, extended or remote, is none of ours",
    (hex) => {
      expect(unpackFrame(bytes(hex))).toEqual([]);
    },
  );

  test.each([
    ["no node took it", fault(0x20), ["ack"]],
    ["a wrong bit", fault(0x08, 0, 0x01), ["bit"]],
    ["bit dominant", fault(0x08, 0, 0x08), ["bit"]],
    ["a wrong form", fault(0x08, 0, 0x02), ["form"]],
    ["stuffing", fault(0x08, 0, 0x04), ["stuff"]],
    ["in the CRC", fault(0x08, 0, 0x00, 0x08), ["crc"]],
    ["an overflow", fault(0x04, 0x01), ["overrun"]],
    ["a warning only", fault(0x04, 0x08), []],
    ["bus-off", fault(0x40), ["bus-off"]],
  ])("an error frame of %s is told", (_, frame, told) => {
    expect(unpackFrame(frame).map((event) => (event.type === "error" ? event.error : event.type))).toEqual(
      told,
    );
  });
});
