import { describe, expect, test } from "vitest";
import { flashSectors, parseLayout, type Layout } from "../../../../src/protocol/dfu/layout-string.ts";

const layout = (text: string): Layout => {
  const parsed = parseLayout(text);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
};
const shape = (text: string): [number, number][] => {
  const runs: [number, number][] = [];
  for (const { size } of flashSectors([text])) {
    const last = runs.at(-1);
    if (last?.[1] === size) last[0] += 1;
    else runs.push([1, size]);
  }
  return runs;
};

describe("the memory string of a loader", () => {
  test.each([
    [
      "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
      "F405",
      [
        [4, 16384],
        [1, 65536],
        [7, 131072],
      ],
    ],
    [
      "@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg",
      "F722",
      [
        [4, 16384],
        [1, 65536],
        [3, 131072],
      ],
    ],
    ["@Internal Flash  /0x08000000/128*002Kg", "F105", [[128, 2048]]],
    ["@Internal Flash  /0x08000000/032*0001Kg", "F042", [[32, 1024]]],
    ["@Internal Flash  /0x08000000/1536*128g", "L072, no unit", [[1536, 128]]],
    ["@Internal Flash  /0x08000000/1024*256 g", "L152, a blank for bytes", [[1024, 256]]],
    ["@Internal Flash   /0x08000000/64*02Kg", "G431", [[64, 2048]]],
    ["@Internal Flash /0x08000000/64*08Kg", "C5", [[64, 8192]]],
    ["@Internal Flash   /0x08000000/8*02Ka,248*02Kg", "OpenBL, first pages read-only", [[256, 2048]]],
    [
      "@Internal Flash  /0x08000000/04.5*01Kg",
      "a fractional count",
      [
        [4, 1024],
        [1, 512],
      ],
    ],
  ])("%s gives the sectors of %s", (text, _part, runs) => {
    expect(shape(text)).toEqual(runs);
  });

  test("continues each run where the one before ended", () => {
    const sectors = flashSectors(["@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg"]);
    expect(sectors[4]).toEqual({ address: 0x0802_0000, size: 131_072 });
    expect(sectors.at(-1)).toEqual({ address: 0x080c_0000, size: 262_144 });
  });

  test("may have two zones, as both banks of option bytes have", () => {
    const { name, regions } = layout("@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e");
    expect(name).toBe("Option Bytes");
    expect(regions.map(({ address, end }) => [address, end])).toEqual([
      [0x1fff_c000, 0x1fff_c010],
      [0x1ffe_c000, 0x1ffe_c010],
    ]);
  });

  test.each([
    ["a", true, false, false],
    ["b", false, true, false],
    ["c", true, true, false],
    ["d", false, false, true],
    ["e", true, false, true],
    ["f", false, true, true],
    ["g", true, true, true],
  ])("type %s says what may be done", (letter, readable, erasable, writable) => {
    const [region] = layout(`@X /0x08000000/01*16K${letter}`).regions;
    expect(region).toMatchObject({ readable, erasable, writable });
  });

  test.each([
    ["@OTP Memory /0x1FF07800/01*528e", 528],
    ["@Option Bytes   /0x1FFF7800/01*40Be", 40],
    ["@OTP Memory /0x1FFF7000/01*0001Ke", 1024],
    ["@Device Feature/0xFFFF0000/01*004 e", 4],
    ["@DATA Memory /0x08080000/2*3Ke", 6144],
  ])("%s is %i bytes long", (text, bytes) => {
    const [region] = layout(text).regions;
    expect((region?.end ?? 0) - (region?.address ?? 0)).toBe(bytes);
  });

  test("counts once where three alternates carry the same string", () => {
    const text = "@Internal Flash   /0x08000000/64*02Kg";
    expect(flashSectors([text, text, text])).toHaveLength(64);
  });

  test("takes sectors of the internal flash only", () => {
    expect(
      flashSectors(["@External Flash /0x90000000/16*64Kg", "@Option Bytes  /0x1FFFF800/01*016 e"]),
    ).toEqual([]);
  });

  test.each([
    "Internal Flash /0x08000000/64*02Kg",
    "@Internal Flash /0x08000000/64*02K",
    "@Internal Flash /0x08000000/64*02Kz",
    "@Internal Flash /0x08000000/64*02KKg",
    "@Internal Flash /0x08000000/*02Kg",
    "@Internal Flash /0x08000000/64*Kg",
    "@Internal Flash /0x08000000/64*00Kg",
    "@Internal Flash /0x08000000/64*02Kg,",
    "@Internal Flash /0x08000000/",
    "@Internal Flash /0x108000000/1*1Kg",
    "@Internal Flash /0xFFFFF000/9*9Kg",
    "@Internal Flash /0x08000000/99999*1g",
    `@Internal Flash /0x08000000/${"1*1Kg,".repeat(200)}1*1Kg`,
  ])("that makes no sense gives a sentence and no sectors: %s", (text) => {
    expect(parseLayout(text)).toBeTypeOf("string");
    expect(flashSectors([text])).toEqual([]);
  });
});
