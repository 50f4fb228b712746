import { describe, expect, test } from "vitest";
import { bench, firmware, gangflash, mishapEnds, profileText, runWords, simStation } from "./gangflash.ts";

const chips = [
  ["STM32F405", "sim:STM32F405:can"],
  ["STM32G0B1", "sim:STM32G0B1:can"],
] as const;

const folderOf = (chip: string, slot: string, more = ""): string =>
  bench({
    "station.yaml": simStation({ A1: slot }, "supply: 3.3\n"),
    "profile.yaml": profileText(more).replace("chip: STM32F405", `chip: ${chip}`),
    "fw.bin": firmware(10_000),
  });
const run = (chip: string, slot: string, more = "") =>
  gangflash(runWords(folderOf(chip, slot, more), ["A1=UNIT-0001"]));

describe.each(chips)("an attempt on %s over a simulated CAN bus", (chip, port) => {
  const slot = `port: "${port}"`;

  test("passes, with its UID in the record", async () => {
    const ended = await run(chip, slot);
    expect(ended.err).toBe("");
    expect(ended.code).toBe(0);
    const unit = ended.unit("A1");
    expect(unit).toMatchObject({ outcome: "PASS", serial: "T-00001", marginal: false, simulated: true });
    expect(unit["uid"]).toMatch(/^[0-9a-f]{24}$/);
  });

  test.each(mishapEnds)("with { %s } ends as %s %s", async (mishap, outcome, code) => {
    const ended = await run(chip, `${slot}, mishap: { ${mishap} }`);
    expect(ended.unit("A1")).toMatchObject({ outcome, failure: { code } });
    expect(ended.code).toBe(1);
  });

  test.each([["nackWrite: 3"], ["noiseRead: 4"]])("with { %s } it is a marginal pass", async (mishap) => {
    const ended = await run(chip, `${slot}, mishap: { ${mishap} }`);
    expect(ended.unit("A1")).toMatchObject({ outcome: "PASS", marginal: true });
  });

  test("a locked board is unprotected where the profile says so, and option bytes hold", async () => {
    const more = "onProtected: unprotect\noptionBytes: { RDP: 0xAA, nRST_STOP: 0 }\n";
    const ended = await run(chip, `${slot}, mishap: { protected: true }`, more);
    expect(ended.unit("A1")).toMatchObject({ outcome: "PASS", failure: null });
  });

  test("probe tells who is there", async () => {
    const ended = await gangflash(["probe", port, "--json"]);
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.out)).toMatchObject({
      protection: "off",
      productId: chip === "STM32F405" ? 0x413 : 0x467,
    });
  });
});

describe("the bit rate of a slot", () => {
  test.each([125_000, 1_000_000])("of %i bit/s is enough for a pass", async (bitrate) => {
    const folder = folderOf("STM32F405", `port: "sim:STM32F405:can", bitrate: ${bitrate}`);
    const ended = await gangflash(runWords(folder, ["A1=UNIT-0001"]));
    expect(ended.unit("A1")).toMatchObject({ outcome: "PASS" });
  });

  test("at 1 Mbit/s a board takes a fraction of what it takes at 125 kbit/s", async () => {
    const time = async (bitrate: number): Promise<number> => {
      const ended = await run("STM32F405", `port: "sim:STM32F405:can", bitrate: ${bitrate}`);
      return Number(ended.unit("A1")["ms"]);
    };
    expect(await time(1_000_000)).toBeLessThan((await time(125_000)) / 1.5);
  });
});
