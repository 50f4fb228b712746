import { describe, expect, test } from "vitest";
import { characterMs, heardAs, loaderFormat, type LineFormat } from "../../../../src/sim/uart/uart-frame.ts";

const plain = (baud: number): LineFormat => ({ baud, dataBits: 8, parity: "none", stopBits: 1 });
const loader = loaderFormat(115_200);
const all = Uint8Array.from({ length: 256 }, (_, i) => i);
const bytesOf = (heard: readonly { byte: number }[]): number[] => heard.map(({ byte }) => byte);

describe("two ends of a line", () => {
  test("that agree understand every byte", () => {
    expect(bytesOf(heardAs(all, loader, loader))).toEqual([...all]);
  });

  test.each([1.02, 0.98])("that are 2 %% apart (%f) do so, too", (factor) => {
    const heard = heardAs(all, loader, { ...loader, baud: loader.baud * factor });
    expect(bytesOf(heard)).toEqual([...all]);
    expect(heard.some(({ parity, framing }) => parity || framing)).toBe(false);
  });

  test.each([57_600, 230_400, 76_800])("of which one reads at %i hear noise", (baud) => {
    const heard = heardAs(all, loader, { ...loader, baud });
    expect(bytesOf(heard)).not.toEqual([...all]);
  });

  test("with the other parity: every byte is there, each with a wrong parity bit", () => {
    const heard = heardAs(all, { ...loader, parity: "odd" }, loader);
    expect(bytesOf(heard)).toEqual([...all]);
    expect(heard.every(({ parity }) => parity)).toBe(true);
  });

  test("two stop bits do not harm", () => {
    expect(bytesOf(heardAs(all, { ...loader, stopBits: 2 }, loader))).toEqual([...all]);
  });
});

describe("a host without parity", () => {
  test("sends a sync byte that looks right: 0x7F has the parity bit of an idle line", () => {
    expect(heardAs(Uint8Array.of(0x7f), plain(115_200), loader)).toEqual([
      { byte: 0x7f, parity: false, framing: false },
    ]);
  });

  test("hears the acknowledge right for the same reason", () => {
    expect(heardAs(Uint8Array.of(0x79), loader, plain(115_200))).toEqual([
      { byte: 0x79, parity: false, framing: false },
    ]);
  });

  test("sends a command whose next start bit stands where the loader wants its stop bit", () => {
    const heard = heardAs(Uint8Array.of(0x00, 0xff), plain(115_200), loader);
    expect(heard[0]).toEqual({ byte: 0x00, parity: true, framing: true });
    expect(bytesOf(heard)).not.toEqual([0x00, 0xff]);
  });
});

test("a character of the loader takes 11 bits, one without parity 10", () => {
  expect(characterMs(loaderFormat(9600))).toBeCloseTo(11_000 / 9600, 9);
  expect(characterMs(plain(9600))).toBeCloseTo(10_000 / 9600, 9);
});
