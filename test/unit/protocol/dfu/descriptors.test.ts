import { describe, expect, test } from "vitest";
import {
  dfuFacts,
  parseDescriptors,
  parseRuntime,
  stringsNeeded,
  stringText,
  type DfuDescriptors,
} from "../../../../src/protocol/dfu/descriptors.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));

// The F407 of the fact sheet, sections 3.1 and 3.2.
const device = bytes("12 01 00 01 00 00 00 40 83 04 11 DF 00 21 01 02 03 01");
const configuration = bytes(`
  09 02 36 00 01 01 00 C0 32
  09 04 00 00 00 FE 01 02 04
  09 04 00 01 00 FE 01 02 05
  09 04 00 02 00 FE 01 02 06
  09 04 00 03 00 FE 01 02 07
  09 21 0B FF 00 00 08 1A 01`);

const parsed = (config: Uint8Array = configuration): DfuDescriptors => {
  const found = parseDescriptors(device, config);
  if (typeof found === "string") throw new Error(found);
  return found;
};

describe("the descriptors of a board in its loader", () => {
  test("say ids, alternates and transfer size", () => {
    expect(parsed()).toEqual({
      vendorId: 0x0483,
      productId: 0xdf11,
      deviceVersion: 0x2100,
      productString: 2,
      serialString: 3,
      interfaceNumber: 0,
      alternates: [0, 1, 2, 3].map((alternate) => ({ alternate, nameString: 4 + alternate })),
      transferSize: 2048,
      attributes: 0x0b,
      dfuVersion: 0x011a,
    });
    expect(stringsNeeded(parsed())).toEqual([2, 3, 4, 5, 6, 7]);
  });

  test("become facts with the strings that could be read", () => {
    const strings = new Map([
      [2, "STM32  BOOTLOADER"],
      [4, "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"],
    ]);
    const facts = dfuFacts(parsed(), strings);
    expect(facts.product).toBe("STM32  BOOTLOADER");
    expect(facts.serial).toBe("");
    expect(facts.alternates[0]?.name).toMatch(/^@Internal Flash/);
    expect(facts.alternates[1]).toEqual({ alternate: 1, name: "" });
  });

  test("are found by the class, whatever interface they lie in", () => {
    const composite = bytes(`
      09 02 2D 00 02 01 00 C0 32
      09 04 00 00 00 03 00 00 00
      09 21 11 01 00 01 22 40 00
      09 04 01 00 00 FE 01 02 04
      09 21 0B FF 00 00 04 1A 01`);
    expect(parsed(composite)).toMatchObject({ interfaceNumber: 1, transferSize: 1024 });
  });

  test("of another class are no loader, although the ids are right", () => {
    const hid = bytes("09 02 1B 00 01 01 00 C0 32  09 04 00 00 00 03 00 00 00  09 21 0B FF 00 00 08 1A 01");
    expect(parseDescriptors(device, hid)).toMatch(/FE\/01/);
  });

  test("of an application with a DFU interface say that the board is not in its loader", () => {
    const runtime = bytes(
      "09 02 1B 00 01 01 00 C0 32  09 04 00 00 00 FE 01 01 04  09 21 0B FF 00 00 08 1A 01",
    );
    expect(parseDescriptors(device, runtime)).toMatch(/BOOT0/);
  });

  test("of DFU 1.0 have seven bytes and no version", () => {
    const old = bytes("09 02 19 00 01 01 00 C0 32  09 04 00 00 00 FE 01 02 04  07 21 0B FF 00 00 08");
    expect(parsed(old)).toMatchObject({ dfuVersion: 0x0100, transferSize: 2048 });
  });

  test.each([
    ["cut off", configuration.subarray(0, 40)],
    ["with a length of 0", bytes("09 02 12 00 01 01 00 C0 32 00 04 00 00 00 FE 01 02 04 00")],
    ["that are something else", bytes("12 01 00 01")],
    ["with a transfer size of 0", Uint8Array.from([...configuration.subarray(0, 50), 0, 0, 0x1a, 1])],
  ])("%s are refused with a sentence", (_what, config) => {
    expect(parseDescriptors(device, config)).toBeTypeOf("string");
  });
});

describe("a string descriptor", () => {
  test("is UTF-16, little endian", () => {
    expect(stringText(bytes("0C 03 53 00 54 00 4D 00 33 00 32 00"))).toBe("STM32");
  });

  test("that states more than it sends is read as far as it goes", () => {
    expect(stringText(bytes("A6 03 40 00 49 00 6E"))).toBe("@I");
  });
});

describe("the run-time interface of an application", () => {
  const composite = (functional: string, protocol = "01"): Uint8Array =>
    bytes(`
      09 02 00 00 03 01 00 80 32
      09 04 00 00 01 03 00 00 00
      09 21 11 01 00 01 22 00 00
      09 04 02 00 00 FE 01 ${protocol} 00
      ${functional}`);

  test.each([
    ["09 21 0B FF 00 00 04 10 01", { interfaceNumber: 2, detachMs: 255, willDetach: true }],
    ["09 21 03 E8 03 00 04 10 01", { interfaceNumber: 2, detachMs: 1000, willDetach: false }],
    ["07 21 0D 10 27 40 00", { interfaceNumber: 2, detachMs: 10_000, willDetach: true }],
  ])("%s says how it is asked to go; a HID descriptor before it is none", (functional, runtime) => {
    expect(parseRuntime(composite(functional))).toEqual(runtime);
  });

  test("is none in DFU mode, without its descriptor, or in broken bytes", () => {
    expect(parseRuntime(configuration)).toBeNull();
    expect(parseRuntime(composite("09 21 0B FF 00 00 04 10 01", "02"))).toBeNull();
    expect(parseRuntime(composite(""))).toBeNull();
    expect(parseRuntime(composite("09 21 0B"))).toBeNull();
    expect(parseRuntime(new Uint8Array())).toBeNull();
  });
});
