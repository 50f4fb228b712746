import { describe as group, expect, test } from "vitest";
import { toHex } from "../../../../src/lib/bytes.ts";
import {
  describe,
  eraseAt,
  failureCode,
  isFailure,
  massErase,
  parseStatus,
  readUnprotect,
  setAddress,
  statusAnswer,
} from "../../../../src/protocol/dfu/requests.ts";

const status = (hex: string) => {
  const parsed = parseStatus(Buffer.from(hex, "hex"));
  if (parsed === null) throw new Error(hex);
  return parsed;
};

group("commands of a download to block 0", () => {
  test("carry the address little endian", () => {
    expect(toHex(setAddress(0x0800_0000))).toBe("2100000008");
    expect(toHex(eraseAt(0x0800_4000))).toBe("4100400008");
    expect(toHex(setAddress(0xffff_0000))).toBe("210000ffff");
  });

  test("without an address are one byte", () => {
    expect(toHex(massErase)).toBe("41");
    expect(toHex(readUnprotect)).toBe("92");
  });
});

group("the answer to GETSTATUS", () => {
  test.each([
    ["0a0000000a00", { status: 10, pollMs: 0, state: 10 }, "first contact with an older ROM"],
    ["006400000400", { status: 0, pollMs: 100, state: 4 }, "busy"],
    ["000000000500", { status: 0, pollMs: 0, state: 5 }, "done"],
    ["0b0000000a00", { status: 11, pollMs: 0, state: 10 }, "read protection"],
    ["00e803010400", { status: 0, pollMs: 66_536, state: 4 }, "a poll time of 24 bits"],
  ])("%s says %o: %s", (hex, wanted) => {
    expect(status(hex)).toEqual(wanted);
    expect(toHex(statusAnswer(wanted))).toBe(hex);
  });

  test("that is too short is none", () => {
    expect(parseStatus(Uint8Array.of(0, 0, 0, 0))).toBeNull();
  });

  test("names the error for the engineer", () => {
    expect(describe(status("010000000a00"))).toBe("errTARGET in dfuERROR");
    expect(describe(status("0f0000000a00"))).toBe("errSTALLEDPKT in dfuERROR");
  });

  test("with a status code in the field of the state is an error, too", () => {
    expect(isFailure(status("000000000f00"))).toBe(true);
    expect(describe(status("000000000f00"))).toBe("errSTALLEDPKT in state 15");
    expect(failureCode(status("000000000b00"))).toBe(11);
    expect(isFailure(status("000000000500"))).toBe(false);
  });
});
