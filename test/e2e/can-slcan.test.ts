import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { apartFromItsNumber, heldCan } from "../tools/held-can.ts";
import { ptyHere } from "../unit/sim/os/pty-here.ts";
import { bench, firmware, gangflash, profileText, runWords, simStation } from "./gangflash.ts";

describe.skipIf(!ptyHere)("a CAN slot behind an slcan adapter", () => {
  test.each([
    ["STM32F405", 125_000],
    ["STM32F405", 1_000_000],
    ["STM32G0B1", 500_000],
    ["STM32H743", 500_000],
  ])("%s with %i bit/s allowed passes, and its flash is the image", async (chip, bitrate) => {
    const image = firmware(20_000);
    const folder = bench({
      "profile.yaml": profileText("").replace("chip: STM32F405", `chip: ${chip}`),
      "fw.bin": image,
    });
    const { got, flash } = await heldCan([`${chip}:can`], folder, async ([port]) => {
      const slot = { A1: `port: "${port}", bitrate: ${bitrate}` };
      writeFileSync(join(folder, "station.yaml"), simStation(slot, "supply: 3.3\n"));
      return await gangflash(runWords(folder, ["A1=UNIT-0001"]));
    });
    expect(got.err).toBe("");
    expect(got.unit("A1")).toMatchObject({ outcome: "PASS", simulated: false, marginal: false });
    expect(apartFromItsNumber(flash[0], image.length)).toEqual(apartFromItsNumber(image, image.length));
  });

  test("probe finds a classic board and an FDCAN board without being told which", async () => {
    const folder = bench({});
    const { got } = await heldCan(["STM32F405:can", "STM32G0B1:can"], folder, async (ports) => [
      await gangflash(["probe", ports[0] ?? "", "--json"]),
      await gangflash(["probe", ports[1] ?? "", "--json"]),
    ]);
    expect(got.map(({ code }) => code)).toEqual([0, 0]);
    expect(got.map(({ out }) => (JSON.parse(out) as { productId: number }).productId)).toEqual([
      0x413, 0x467,
    ]);
  });

  test("a chip whose rates slcan has not is refused before the run, with the reason", async () => {
    const folder = bench({});
    await heldCan(["STM32F405:can"], folder, async ([port]) => {
      const station = bench({
        "station.yaml": simStation({ A1: `port: "${port}"` }),
        "profile.yaml": profileText("").replace("chip: STM32F405", "chip: STM32U385"),
        "fw.bin": firmware(4096),
      });
      const ended = await gangflash(runWords(station, ["A1=UNIT-0001"]));
      expect(ended.code).toBe(3);
      expect(ended.err).toContain("slcan has no command for 600000 bit/s");
    });
  });

  test("a chip without a loader on CAN, and an adapter that is not there, are refused", async () => {
    const at = (port: string, chip: string): string =>
      bench({
        "station.yaml": simStation({ A1: `port: "${port}"` }),
        "profile.yaml": profileText("").replace("chip: STM32F405", `chip: ${chip}`),
        "fw.bin": firmware(4096),
      });
    const none = await gangflash(runWords(at("can:slcan:/dev/no-such", "STM32F103C8"), ["A1=UNIT-0001"]));
    expect([none.code, none.err]).toEqual([3, expect.stringContaining("is on no CAN bus")]);
    const gone = await gangflash(runWords(at("can:slcan:/dev/no-such", "STM32F405"), ["A1=UNIT-0001"]));
    expect([gone.code, gone.err]).toEqual([3, expect.stringContaining("there is no serial port")]);
  });
});
