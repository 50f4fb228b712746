import { describe, expect, test } from "vitest";
import { treatments } from "../../src/family/issues.ts";
import { chipChoice, chipSpec, chipTable, deviceKeys, optionLayouts } from "../../src/family/table.ts";
import { readFacts } from "../../src/family/facts.ts";
import { readLayouts } from "../../src/family/layouts.ts";
import { readParts } from "../../src/family/names.ts";
import type { ChipTable } from "../../src/job/job.ts";
import type { ChipChoice, DeviceFamily } from "../../src/model/family.ts";
import { decodeOptions, encodeOptions } from "../../src/model/option-codec.ts";
import type { OptionLayout } from "../../src/model/option-bytes.ts";
import { OptionWrite } from "../../src/model/option-write.ts";
import { flashSectors } from "../../src/protocol/dfu/layout-string.ts";

const table: ChipTable = chipTable;
const uid = Uint8Array.from({ length: 12 }, (_, i) => i);

const productIds = [...new Set(deviceKeys().map((key) => Number(key.split("/")[0])))];
const variants = productIds.flatMap((id) => table.variantsOf(id));

/** Each loader, as it is with each of its documented ids, and as it is when its id cannot be read. */
const everyLoader = productIds.flatMap((id) => [
  ...Array.from({ length: 256 }, (_, byte) => table.familyOf(id, byte)).filter((one) => one !== null),
  ...table.variantsOf(id),
]);

function known(productId: number, bootloaderId: number | null = null): DeviceFamily {
  const family = table.familyOf(productId, bootloaderId);
  if (family === null) throw new Error(`${productId} is in no table`);
  return family;
}

function choice(name: string): ChipChoice {
  const found = chipChoice(name);
  if ("nearest" in found) throw new Error(`${name} is not known`);
  return found;
}

const unitSizes = (family: DeviceFamily): number[] =>
  family.knownSizesKiB.flatMap((flashKiB) =>
    table
      .mapVariants(family, flashKiB)
      .flatMap((bits) => table.mapOf(family, flashKiB, bits).sectors.map((sector) => sector.size)),
  );

const eraseRow = (family: DeviceFamily, size: number) => family.times.erase.find((row) => row.size === size);

const maps = variants.flatMap((family) =>
  family.knownSizesKiB.flatMap((flashKiB) =>
    table.mapVariants(family, flashKiB).map((bits) => ({
      name: `${family.key} ${family.name}, ${flashKiB} KiB, ${JSON.stringify([...bits])}`,
      family,
      flashKiB,
      map: table.mapOf(family, flashKiB, bits),
    })),
  ),
);

/** Every part number that a profile can name. */
const partNames = readParts().map((part) => part.name);
const optionFieldNames = (layout: OptionLayout): string[] => layout.fields.map((field) => field.name);

describe("the chip table", () => {
  test("has every entry of the shared sheet", () => {
    expect([readFacts().devices.size, partNames.length, readLayouts().size]).toEqual([100, 1572, 15]);
    expect(variants.map((family) => family.key).toSorted()).toEqual([...deviceKeys()].toSorted());
  });

  test("has each key once", () => {
    expect(new Set(deviceKeys()).size).toBe(100);
    expect(productIds.length).toBe(86);
  });

  test("knows each part of the list as a part, and a chip that answers as it", () => {
    for (const name of partNames) {
      const found = choice(name);
      expect(found).toMatchObject({ name, kind: "part" });
      expect(found.productIds.every((id) => table.familyOf(id, null) !== null)).toBe(true);
    }
  });

  const sound: readonly (readonly [string, (family: DeviceFamily) => boolean])[] = [
    ["a wire", ({ wires }) => wires.length > 0],
    ["padding in whole flash words", (f) => f.writeAlignBytes % f.programBytes === 0],
    [
      "an erase time for each size of unit",
      (f) => unitSizes(f).every((size) => eraseRow(f, size) !== undefined),
    ],
    [
      "worst times above typical ones",
      (f) => f.times.erase.every((row) => row.maxMs >= row.typMs && row.typMs > 0),
    ],
    ["a time to program", ({ times }) => times.programTypUs > 0 && times.programBytes > 0],
    [
      "a limit above the time of a unit",
      (f) => f.times.erase.every((row) => row.maxMs < f.deadlines.eraseUnitMs),
    ],
    [
      "a limit for each further unit",
      (f) => f.times.erase.every((row) => row.maxMs <= f.deadlines.nextUnitMs),
    ],
    ["a limit above the time of a mass erase", (f) => f.deadlines.massEraseMs >= f.times.massMaxMs],
    [
      "a typical mass erase above zero",
      ({ times }) => times.massTypMs > 0 && times.massTypMs <= times.massMaxMs,
    ],
    [
      "RAM for the host inside its RAM",
      (f) => f.usableRam.every((r) => r.start >= f.ram.start && r.end <= f.ram.end),
    ],
  ];

  test.each(sound)("gives every chip %s", (_, holds) => {
    expect(variants.filter((family) => !holds(family)).map((family) => family.key)).toEqual([]);
  });

  test("names a chip that is no STM32 of this table, and none that nobody knows", () => {
    expect(table.foreignDevice(0x9a8)).toBe("STM32W 128 KiB");
    expect(table.foreignDevice(0x123)).toBeNull();
    expect(table.familyOf(0x123, null)).toBeNull();
    expect(table.variantsOf(0x123)).toEqual([]);
  });
});

describe("sectors", () => {
  test.each(maps)(
    "of $name lie in order, without overlap, and fill the size",
    ({ family, flashKiB, map }) => {
      expect(map.sectors[0]).toMatchObject({ address: family.flashStart, index: 0 });
      let end = family.flashStart;
      let index = -1;
      let holes = 0;
      for (const sector of map.sectors) {
        expect(sector.address).toBeGreaterThanOrEqual(end);
        expect(sector.index).toBeGreaterThan(index);
        if (sector.address > end) holes += 1;
        end = sector.address + sector.size;
        index = sector.index;
      }
      expect(holes).toBeLessThanOrEqual(1);
      expect(map.sectors.reduce((sum, sector) => sum + sector.size, 0)).toBe(map.flashBytes);
      expect(map.flashBytes).toBe(Math.min(flashKiB * 1024, family.maxFlashBytes));
    },
  );

  test("of an F405 are four of 16 KiB, one of 64 and seven of 128", () => {
    const { sectors } = table.mapOf(known(0x413), 1024, new Map());
    expect(sectors.map((sector) => sector.size / 1024)).toEqual([16, 16, 16, 16, 64, ...Array(7).fill(128)]);
    expect(sectors[5]).toEqual({ index: 5, address: 0x0802_0000, size: 0x2_0000 });
  });

  test("of an F103 are pages of 1 KiB up to 128 KiB of flash, and of 2 KiB above", () => {
    expect(table.mapOf(known(0x410), 64, new Map()).sectors.map((sector) => sector.size)).toEqual(
      Array(64).fill(1024),
    );
    expect(table.mapOf(known(0x414), 256, new Map()).sectors[1]?.size).toBe(2048);
  });

  test("of a 768 KiB F103 leave 256 KiB for the second bank", () => {
    const { sectors } = table.mapOf(known(0x430), 768, new Map());
    expect(sectors.length).toBe(384);
    expect(sectors.at(-1)).toEqual({ index: 383, address: 0x080b_f800, size: 2048 });
  });

  test("of an F429 of 1 MiB follow DB1M, and the second bank counts from 12", () => {
    const family = known(0x419);
    expect(table.mapHangsOnOptions(family, 1024)).toBe(true);
    expect(table.mapHangsOnOptions(family, 2048)).toBe(false);
    expect(table.mapOf(family, 1024, new Map()).layoutId).toBe("single-1m");
    const dual = table.mapOf(family, 1024, new Map([["DB1M", 1]]));
    expect(dual.layoutId).toBe("dual-1m");
    expect(dual.sectors[8]).toEqual({ index: 12, address: 0x0808_0000, size: 0x4000 });
  });

  test("of an F767 are twice as large with one bank", () => {
    const family = known(0x451);
    expect(table.mapOf(family, 2048, new Map()).sectors[0]?.size).toBe(0x8000);
    expect(table.mapOf(family, 2048, new Map([["nDBANK", 0]])).sectors[0]?.size).toBe(0x4000);
  });

  test("of a G0B1 of 256 KiB are two banks side by side", () => {
    const { layoutId, sectors } = table.mapOf(known(0x467), 256, new Map([["DUAL_BANK", 1]]));
    expect(layoutId).toBe("dual");
    expect(sectors[64]).toEqual({ index: 64, address: 0x0802_0000, size: 2048 });
  });

  test("of a G474 of 256 KiB leave a hole between the banks", () => {
    const { sectors } = table.mapOf(known(0x469), 256, new Map([["DBANK", 1]]));
    expect(sectors[63]?.address).toBe(0x0801_f800);
    expect(sectors[64]).toEqual({ index: 64, address: 0x0804_0000, size: 2048 });
  });

  test("of an H743 of 1 MiB start again at 0x08100000", () => {
    const { sectors } = table.mapOf(known(0x450), 1024, new Map());
    expect(sectors.map((sector) => sector.address)).toContain(0x0810_0000);
    expect(sectors.length).toBe(8);
  });
});

describe("facts of a chip", () => {
  test("are those of the shared sheet for the F405", () => {
    expect(known(0x413, 0x91)).toMatchObject({
      key: "0x413/0x91",
      bootloaderId: 0x91,
      bootloaderIdAddress: 0x1fff_77de,
      uid: { address: 0x1fff_7a10, wordOffsets: [0, 4, 8] },
      flashSizeRegister: { address: 0x1fff_7a22, mask: 0xffff },
      usableRam: [{ start: 0x2000_3000, end: 0x2002_0000 }],
      optionRanges: [{ start: 0x1fff_c000, end: 0x1fff_c010 }],
      otp: { start: 0x1fff_7800, end: 0x1fff_7a10 },
      deviceFeature: 0xffff_0000,
      writeAlignBytes: 4,
      programBytes: 1,
      erasedByte: 0xff,
      bootMs: 74,
      deadlines: { eraseUnitMs: 12_000, nextUnitMs: 4000, massEraseMs: 40_000 },
    });
  });

  test("mask the flash size of the G0, whose register has other bits above it", () => {
    expect(known(0x460).flashSizeRegister.mask).toBe(0xff);
    expect(known(0x467).flashSizeRegister.mask).toBe(0x3ff);
  });

  test("say that L0 and L1 erase to zeros and have no mass erase", () => {
    for (const family of variants.filter((one) => one.family === "L0" || one.family === "L1")) {
      expect(family.erasedByte).toBe(0);
      expect(family.loaderMassErase).toBe(false);
      expect(family.quirks.has("no-mass-erase")).toBe(true);
      expect(family.uid.wordOffsets).toEqual([0, 4, 20]);
    }
  });

  test("pick the variant by its loader id, else the usual one", () => {
    expect(known(0x413, 0x30).key).toBe("0x413/0x31");
    expect(known(0x413, 0x90).key).toBe("0x413/0x91");
    expect(known(0x413, null).key).toBe("0x413/0x91");
    expect(known(0x413, 0x77).key).toBe("0x413/0x91");
    expect(known(0x44d, 0x21)).toMatchObject({ key: "0x44D/0x121", bootloaderId: 0x121 });
  });

  test("describe their memory over USB as the ROM would", () => {
    const told = variants.filter((one) => one.wires.includes("usb"));
    const wrong = told.filter((family) => {
      const sectors = flashSectors(family.dfuStrings);
      return !family.knownSizesKiB.some((flashKiB) =>
        table.mapVariants(family, flashKiB).some((bits) => {
          const map = table.mapOf(family, flashKiB, bits).sectors;
          return (
            map.length === sectors.length &&
            map.every((s, i) => s.address === sectors[i]?.address && s.size === sectors[i]?.size)
          );
        }),
      );
    });
    expect(wrong.map((family) => `${family.key} ${family.dfuStrings.join(" | ")}`)).toEqual([]);
  });
});

describe("faults of a loader", () => {
  test("that are high are each worked around, refused or warned of", () => {
    const high = everyLoader.flatMap((family) =>
      family.issues.filter((one) => one.severity === "high").map((one) => ({ ...one, key: family.key })),
    );
    expect(high.filter((one) => one.handling === "note").map((one) => `${one.key} ${one.id}`)).toEqual([]);
    expect(new Set(high.map((one) => one.id)).size).toBe(31);
  });

  test("are handled by names that the table has", () => {
    const named = new Set(everyLoader.flatMap((family) => family.issues.map((issue) => issue.id)));
    expect([...treatments.keys()].filter((id) => !named.has(id))).toEqual([]);
  });

  test("belong to the loader id that has them", () => {
    const has = (id: number, issue: string): boolean =>
      known(0x460, id).issues.some((one) => one.id === issue);
    expect(has(0xb3, "g07-v11.3")).toBe(true);
    expect(has(0xb4, "g07-v11.3")).toBe(false);
    expect(known(0x460, 0xb3).quirks).toContain("one-page-per-erase");
    expect(known(0x460, 0xb4).quirks).not.toContain("one-page-per-erase");
  });

  test("are all possible while the loader id is not known, and refuse nothing then", () => {
    const issues = known(0x460, null).issues.filter((issue) => issue.id === "g07-v11.2");
    expect(issues.map((issue) => issue.handling)).toEqual(["warned", "warned"]);
    expect(known(0x460, null).quirks).toContain("early-erase-ack");
  });

  test("of USB refuse nobody on another wire", () => {
    const refused = known(0x467, 0x92).issues.filter((issue) => issue.handling === "refused");
    expect(refused).toMatchObject([{ id: "g0b1-no-ob-alt", wires: ["usb"], concerns: "option bytes" }]);
  });

  test("become the quirks that the protocols ask for", () => {
    expect(known(0x411, 0x33).quirks).toContain("silent-abort");
    expect(known(0x464, 0xd1).quirks).toContain("double-ack-sync");
    expect(known(0x432, 0x50).quirks).toContain("max-57600");
    expect(known(0x419, 0x91).quirks).toContain("dfu-bank2-erase-broken");
    expect(known(0x413, 0x91).quirks).toContain("uid-as-large-block");
    expect(known(0x467, 0x92).quirks).toContain("one-page-per-erase");
    expect(known(0x450, 0x91).quirks).toContain("early-erase-ack");
    expect(known(0x442, 0x50).quirks).toContain("stale-empty-flag");
  });

  test("take the RAM away where writes to it are lost", () => {
    expect(known(0x425).usableRam).toEqual([]);
    expect(known(0x415, 0xa1).usableRam).toEqual([]);
    expect(known(0x415, 0xa3).usableRam).not.toEqual([]);
  });
});

describe("names of chips", () => {
  test("are parts, with or without package and temperature, in any case", () => {
    expect(choice("STM32F405RG")).toEqual({
      name: "STM32F405RG",
      kind: "part",
      productIds: [0x413],
      flashKiB: { least: 1024, most: 1024 },
    });
    for (const name of ["STM32F405RGT6", "stm32f405rgt6tr", " STM32F405RG "])
      expect(choice(name).name).toBe("STM32F405RG");
    expect(choice("STM32H7A3ZIT6Q").name).toBe("STM32H7A3ZI");
    expect(choice("STM32L151RC-A").name).toBe("STM32L151RC-A");
    expect(choice("STM32L151RCT6").name).toBe("STM32L151RC");
    expect(choice("STM32L151RCT6A").name).toBe("STM32L151RC-A");
  });

  test("are lines, which accept each product id that they were made with", () => {
    expect(choice("STM32F405")).toMatchObject({ name: "STM32F405", kind: "line", productIds: [0x413] });
    expect(choice("STM32F103").productIds.toSorted((a, b) => a - b)).toEqual([0x410, 0x412, 0x414, 0x430]);
    expect(choice("STM32F103xB")).toMatchObject({ name: "STM32F103xB", productIds: [0x410] });
    expect(choice("stm32f103XB").flashKiB).toEqual({ least: 128, most: 128 });
    expect(choice("STM32G0B1")).toMatchObject({ productIds: [0x467], flashKiB: { least: 128, most: 512 } });
    expect(choice("STM32F405xx").name).toBe("STM32F405");
    expect(choice("STM32WBA52").kind).toBe("line");
  });

  test("of a WB35 accept the answer of a WB55 too", () => {
    expect(choice("STM32WB35").productIds.toSorted((a, b) => a - b)).toEqual([0x495, 0x496]);
  });

  test.each([
    ["STM32F406", "STM32F405"],
    ["STM32F4O5RG", "STM32F405RG"],
    ["STM32F40", "STM32F405"],
  ])("that are unknown, as %s, are answered with near ones", (wrong, right) => {
    expect(chipChoice(wrong)).toHaveProperty("nearest", expect.arrayContaining([right]));
  });

  test.each(["", "foo", "STM32", "STM32F103xZZ", "STM32F405R", "../STM32F405"])("%j is no chip", (name) => {
    expect(chipChoice(name)).toHaveProperty("nearest");
  });
});

interface OptionCase {
  readonly family: DeviceFamily;
  readonly layout: OptionLayout;
  readonly factory: readonly Uint8Array[];
}

/** One chip for each product whose option bytes can be reached. */
const optionCases: OptionCase[] = partNames
  .map((name) => chipSpec(name, uid))
  .filter((spec, i, all) => all.findIndex((one) => one.family.key === spec.family.key) === i)
  .flatMap(({ family, optionLayout, factoryOptions }) =>
    optionLayout === null || optionLayout.unreachable !== null
      ? []
      : [{ family, layout: optionLayout, factory: factoryOptions }],
  );

describe("a simulated chip", () => {
  test("of a line is a common part of it", () => {
    expect(chipSpec("STM32F405", uid)).toMatchObject({ flashKiB: 1024, family: { key: "0x413/0x91" } });
    expect(chipSpec("STM32F103", uid)).toMatchObject({ flashKiB: 128, family: { productId: 0x410 } });
    expect(chipSpec("STM32G0B1", uid)).toMatchObject({ flashKiB: 512, family: { productId: 0x467 } });
    expect(chipSpec("STM32F405RGT6", uid).mapOf(new Map()).sectors.length).toBe(12);
  });

  test("can be made of every part", () => {
    const empty = partNames.filter((name) => {
      const spec = chipSpec(name, uid);
      return spec.mapOf(new Map()).flashBytes !== spec.flashKiB * 1024;
    });
    expect(empty).toEqual([]);
  });

  test("is delivered unprotected", () => {
    const locked = optionCases.filter(
      ({ family, layout, factory }) =>
        decodeOptions(layout, factory).get("RDP") !== (family.family === "F1" ? 0xa5 : 0xaa),
    );
    expect(locked.map(({ family }) => family.key)).toEqual([]);
  });

  test("needs a name that is known and a whole UID", () => {
    expect(() => chipSpec("STM32F999", uid)).toThrow(RangeError);
    expect(() => chipSpec("STM32F405", new Uint8Array(4))).toThrow(RangeError);
  });
});

describe("option bytes", () => {
  test("are known for every chip, and say where they cannot be reached", () => {
    expect(variants.filter((family) => table.optionLayoutOf(family) === null)).toEqual([]);
    const closed = variants.flatMap((family) => {
      const layout = table.optionLayoutOf(family);
      return layout === null || layout.unreachable === null ? [] : [layout.id];
    });
    expect([...new Set(closed)].toSorted()).toEqual(["C5", "H5", "H7RS", "U0", "U3WBA"]);
    expect(new Set(optionCases.map(({ layout }) => layout.id)).size).toBe(10);
  });

  test("of every chip have a name each and fields inside their words, each bit once", () => {
    const complaints: string[] = [];
    for (const family of variants) {
      const layout = table.optionLayoutOf(family);
      const taken = new Map<number, bigint>();
      for (const field of layout?.fields ?? []) {
        const mask = ((1n << BigInt(field.width)) - 1n) << BigInt(field.bit);
        const before = taken.get(field.address) ?? 0n;
        taken.set(field.address, before | mask);
        const sound =
          field.width > 0 &&
          field.bit + field.width <= 32 &&
          (before & mask) === 0n &&
          (field.factory ?? 0) < 2 ** field.width;
        if (!sound) complaints.push(`${family.key} ${field.name}`);
      }
      const names = layout === null ? [] : optionFieldNames(layout);
      if (new Set(names).size !== names.length) complaints.push(`${family.key} has a name twice`);
    }
    expect(complaints).toEqual([]);
  });

  test.each(optionCases)(
    "of $family.key $family.name can be changed and changed back",
    ({ layout, factory }) => {
      expect(factory.map((block) => block.length)).toEqual(layout.blocks.map((block) => block.size));
      expect(layout.blocks.every((block) => block.size > 0 && block.size <= 256)).toBe(true);
      const before = decodeOptions(layout, factory);
      expect([...before.keys()]).toEqual(optionFieldNames(layout));
      expect(encodeOptions(layout, factory, new Map())).toEqual(factory);
      const given = layout.fields.flatMap(({ name, factory: value }) =>
        value === null ? [] : [{ name, value }],
      );
      expect(given.map(({ name }) => ({ name, value: before.get(name) }))).toEqual(given);
      for (const field of layout.fields) {
        const old = before.get(field.name) ?? 0;
        const other = old === 0 ? 1 : old - 1;
        const changed = encodeOptions(layout, factory, new Map([[field.name, other]]));
        expect(
          [...decodeOptions(layout, changed)].filter(([name, value]) => value !== before.get(name)),
        ).toEqual([[field.name, other]]);
        expect(encodeOptions(layout, changed, new Map([[field.name, old]]))).toEqual(factory);
      }
    },
  );

  test("of a new F405 are the words that tools read from it", () => {
    const { factoryOptions } = chipSpec("STM32F405", uid);
    const view = new DataView(factoryOptions[0]?.buffer as ArrayBuffer);
    expect(view.getUint32(0, true)).toBe(0x5512_aaed);
    expect(view.getUint32(8, true)).toBe(0xf000_0fff);
  });

  test("of a new F103 are the words of the sheet", () => {
    const { factoryOptions } = chipSpec("STM32F103", uid);
    expect(factoryOptions[0]).toEqual(
      Uint8Array.of(0xa5, 0x5a, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0),
    );
  });

  test("of a new G0 and G4 are their option word and its complement", () => {
    for (const [name, word] of [
      ["STM32G071RB", 0xffff_feaa],
      ["STM32G474RE", 0xffef_f8aa],
    ] as const) {
      const view = new DataView(chipSpec(name, uid).factoryOptions[0]?.buffer as ArrayBuffer);
      expect(view.getUint32(0, true)).toBe(word);
      expect(view.getUint32(4, true)).toBe(~word >>> 0);
    }
  });

  test.each(optionCases)(
    "of $family.key are not locked for ever without the word",
    ({ family, layout, factory }) => {
      const locked = encodeOptions(layout, factory, new Map([["RDP", 0xcc]]));
      const passes = (blocks: readonly Uint8Array[], words: readonly string[]): boolean => {
        try {
          return OptionWrite.permit(layout, blocks, words).length === layout.blocks.length;
        } catch (error) {
          if (error instanceof RangeError) return false;
          throw error;
        }
      };
      expect(passes(factory, [])).toBe(true);
      // The F1 has no level 2.
      expect(passes(locked, [])).toBe(family.family === "F1");
      expect(passes(locked, ["RDP_LEVEL_2"])).toBe(true);
    },
  );

  test("of a new L073 are the words of the sheet", () => {
    const view = new DataView(chipSpec("STM32L073RZ", uid).factoryOptions[0]?.buffer as ArrayBuffer);
    expect([0, 4, 8].map((at) => view.getUint32(at, true))).toEqual([0xff55_00aa, 0x7f8f_8070, 0xffff_0000]);
  });

  test("of the U5 end before the keys that cannot be read back", () => {
    const [layout] = optionLayouts(choice("STM32U575ZI"));
    expect(layout?.blocks).toEqual([{ address: 0x4002_2040, size: 48 }]);
    expect(layout?.fields.some((field) => field.name.startsWith("OEM"))).toBe(false);
  });

  test("that a variant lacks are left out of it", () => {
    const names = (id: number): readonly string[] => {
      const layout = table.optionLayoutOf(known(0x442, id));
      return layout === null ? [] : optionFieldNames(layout);
    };
    expect(names(0x50)).toContain("nBOOT0");
    expect(names(0x52)).not.toContain("nBOOT0");
  });
});
