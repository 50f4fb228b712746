import { describe, expect, test } from "vitest";
import { commonMishaps, rehearsalOf } from "../../../../src/cli/line/rehearse.ts";
import { checkStation } from "../../../../src/config/station-file.ts";
import { chipChoice } from "../../../../src/family/table.ts";
import type { Station } from "../../../../src/model/station.ts";
import { profileOf } from "../../../reliability/recipe.ts";

const profile = profileOf({
  chip: "STM32F405RG",
  image: new Uint8Array(64),
  dataAt: null,
  options: new Map(),
});

function station(): Station {
  const read = checkStation(
    "b.yaml",
    'station: bench\nlogin: badge\nsignals: { fail: [lamp] }\nslots:\n  - { name: A1, port: "usb:1-1" }\n  - { name: A2, port: "uart:COM7" }\n',
    chipChoice,
  );
  if (!read.ok) throw new Error("the station is not good");
  return read.value;
}

describe("a rehearsal", () => {
  test("has a simulated board of the profile's chip in each slot, on the slot's own wire", () => {
    const planned = rehearsalOf(station(), profile, ["A2=pullAt=4096"]);
    expect(planned.slots.map(({ port, pace, mishap }) => ({ port, pace, mishap }))).toEqual([
      { port: { kind: "sim", chip: "STM32F405RG", wire: "usb" }, pace: "real", mishap: {} },
      { port: { kind: "sim", chip: "STM32F405RG", wire: "uart" }, pace: "real", mishap: { pullAt: 4096 } },
    ]);
  });

  test("asks for no badge and switches no light", () => {
    expect(rehearsalOf(station(), profile, []).rules).toMatchObject({ login: "none", signals: {} });
  });

  test.each([
    ["a slot that is not there", "A9=pullAt=1", "A9"],
    ["a plan that is none", "A1=explode", "explode"],
    ["no slot", "pullAt", "SLOT=PLAN"],
  ])("refuses %s", (_name, words, said) => {
    expect(() => rehearsalOf(station(), profile, [words])).toThrow(said);
  });

  test("knows troubles that F8 goes through, all different", () => {
    expect(new Set(commonMishaps.map((one) => JSON.stringify(one))).size).toBe(commonMishaps.length);
  });
});
