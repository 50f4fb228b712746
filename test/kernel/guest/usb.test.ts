import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dfuBootloader } from "../../../src/protocol/dfu/dfu-bootloader.ts";
import { chipSpec } from "../../../src/family/table.ts";
import { simUid } from "../../../src/sim/sim-bench.ts";
import { usbPlaces, watchUsb } from "../../../src/transport/usb/usb-bus.ts";
import { dfuSlot } from "../../../src/transport/usb/usb.ts";
import {
  firmware,
  folderOf,
  isFull,
  plugIn,
  profileText,
  recorded,
  run,
  shipped,
  wantedFlash,
  type Board,
  type RunEnd,
} from "./boards.ts";
import { countedBoard } from "./counted.ts";

const never = new AbortController().signal;
const flashBytes = 1024 * 1024;
const usb = (mishap = "none"): Board => ({ board: "STM32F405:usb", mishap });
const uart = (mishap = "none"): Board => ({ board: "STM32F405:uart", mishap });
const times = (count: number, make: () => Board): Board[] => Array.from({ length: count }, make);
const isSame = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0;

/** Boards beside the ones in trouble, and beside the two with a big image: a gang of 20 in the long form. */
const beside = { usb: 12, uart: 4 };
/** The whole flash of a product in the long form; a check has no time for 20 of them in an emulated machine. */
const gangImage = isFull ? shipped("vesc-60.bin") : firmware(8192);
/** Its units' own bytes lie at the end of the flash. */
const gangDataAt = 0xf_ff00;
const gangProfile = profileText().replaceAll("0x0800BF", "0x080FFF");
const gang = isFull ? { usb: 16, uart: 4 } : { usb: 4, uart: 2 };

/** Starting the program takes half of it there: some thousand files over the guest's file system. */
function tell(what: string, { ms, cpuMs, lines }: RunEnd): void {
  const [whole, gang, cpu] = [ms, Number(lines.at(-1)?.["ms"]), cpuMs].map((one) => (one / 1000).toFixed(1));
  console.log(`${what}: ${gang} s, the whole program ${whole} s, cpu ${cpu} s`);
}

/** What went wrong, with all that is known of it. */
const failuresOf = ({ units }: RunEnd): string[] =>
  [...units.values()].flatMap(({ slot, failure }) =>
    failure === null ? [] : [`${slot}: ${failure.code}: ${failure.detail}`],
  );

/** Attaching 20 boards takes 15 to 40 s, the run as long. */
const gangMs = 300_000;
/** The whole flash of two more boards, under emulation. */
const fullMs = 900_000;

describe("a gang behind the kernel's own USB", () => {
  test(
    `16 USB boards and 4 behind serial adapters take ${gangImage.length} bytes in one run, each with its own data`,
    { timeout: isFull ? fullMs : gangMs },
    async () => {
      await using bench = await plugIn([...times(16, usb), ...times(4, uart)]);
      const end = await run(bench.folder, bench.held, { image: gangImage, profile: gangProfile });
      tell(`${gangImage.length} bytes on a gang of 20`, end);
      expect(failuresOf(end)).toEqual([]);
      expect(end.err).toBe("");
      expect(end.code).toBe(0);
      const flashes = await bench.end();
      const serials = bench.held.map(({ name }) => end.units.get(name)?.serial ?? "");
      expect(new Set(serials).size).toBe(20);
      for (const [i, { name }] of bench.held.entries()) {
        expect(end.units.get(name)).toMatchObject({ outcome: "PASS", failure: null });
        const wanted = wantedFlash(flashBytes, gangImage, serials[i] ?? "", gangDataAt);
        expect(isSame(flashes[i], wanted), name).toBe(true);
      }
    },
  );

  test(
    "trouble stays in its slot: one pulled, one mute, one locked, one foreign",
    { timeout: gangMs },
    async () => {
      const image = firmware(8192);
      const boards = [
        usb("pullAt=3000"),
        usb("muteAfter=3000"),
        usb("protected"),
        ...times(beside.usb, usb),
        ...times(beside.uart, uart),
      ];
      const foreign = `S${boards.length + 1}`;
      await using bench = await plugIn(boards, { foreign: ["Label printer"] });
      const end = await run(bench.folder, bench.held, { image });
      tell("the same with trouble", end);
      const outcome = (name: string): string => {
        const unit = end.units.get(name);
        return `${unit?.outcome} ${unit?.failure?.code ?? ""}`.trim();
      };
      expect(["S1", "S2", "S3", foreign].map(outcome)).toEqual([
        "FAIL BOARD_LEFT",
        "TIMEOUT LINK_SILENT",
        "FAIL PROTECTED",
        "SKIPPED FOREIGN_DEVICE",
      ]);
      expect(end.units.get(foreign)?.failure?.detail).toContain("Label printer");
      expect(end.code).toBe(1);
      const flashes = await bench.end();
      for (const [i, { name }] of bench.held.entries()) {
        if (i < 3 || name === foreign) continue;
        expect(outcome(name), `${name} ${end.units.get(name)?.failure?.detail}`).toBe("PASS");
        const serial = end.units.get(name)?.serial ?? "";
        expect(isSame(flashes[i], wantedFlash(flashBytes, image, serial)), name).toBe(true);
      }
      // What is locked was left alone.
      expect(flashes[2]?.every((byte) => byte === 0xff)).toBe(true);
    },
  );

  test(
    "two boards with one serial number get their own data, and an alarm is told",
    { timeout: gangMs },
    async () => {
      await using bench = await plugIn([usb(), usb("twin")], { pace: "fast" });
      const end = await run(bench.folder, bench.held);
      expect([...end.units.values()].map(({ outcome }) => outcome)).toEqual(["PASS", "PASS"]);
      const warning = end.lines.find((line) => line["type"] === "warning");
      expect(String(warning?.["message"])).toContain("is shown by 2 devices");
      const flashes = await bench.end();
      for (const [i, { name }] of bench.held.entries())
        expect(
          isSame(flashes[i], wantedFlash(flashBytes, firmware(8192), end.units.get(name)?.serial ?? "")),
        ).toBe(true);
    },
  );

  const big = isFull ? gangImage : firmware(48 * 1024);
  test(
    `${gang.usb + gang.uart - 2} boards take a small image and two beside them ${big.length} bytes, in two runs at once on one USB tree`,
    { timeout: isFull ? fullMs : gangMs },
    async () => {
      const small = firmware(8192);
      await using bench = await plugIn([...times(gang.usb, usb), ...times(gang.uart, uart)]);
      const [two, rest] = [bench.held.slice(0, 2), bench.held.slice(2)];
      const [ofTwo, ofRest] = await Promise.all([
        run(join(bench.folder, "big"), two, { image: big, profile: gangProfile }),
        run(join(bench.folder, "small"), rest, { image: small }),
      ]);
      tell(`${big.length} bytes on two`, ofTwo);
      tell("8 KiB on the others", ofRest);
      expect([...failuresOf(ofTwo), ...failuresOf(ofRest)]).toEqual([]);
      expect([ofTwo.code, ofRest.code], ofTwo.err + ofRest.err).toEqual([0, 0]);
      const flashes = await bench.end();
      const serial = (name: string): string =>
        (ofTwo.units.get(name) ?? ofRest.units.get(name))?.serial ?? "";
      for (const [i, { name }] of bench.held.entries()) {
        const wanted =
          i < 2
            ? wantedFlash(flashBytes, big, serial(name), gangDataAt)
            : wantedFlash(flashBytes, small, serial(name));
        expect(isSame(flashes[i], wanted), name).toBe(true);
      }
    },
  );
});

describe("option bytes", () => {
  const setting = (fields: string, onProtected: "refuse" | "unprotect" = "refuse"): string =>
    profileText(`optionBytes: { ${fields} }\nonProtected: ${onProtected}\nafter: stay\n`);
  const locking = (onProtected: "refuse" | "unprotect"): string =>
    setting("BOR_LEV: 1, nRST_STOP: 0, RDP: 0x55", onProtected).replace("revision: A", "revision: B");

  test(
    "are set and proved over the re-enumeration; a second run refuses the locked board, or unlocks it",
    { timeout: gangMs },
    async () => {
      await using counted = await countedBoard("STM32F405", { pace: "fast" });
      const held = [{ name: "A1", port: `usb:${counted.path}` }];
      const folder = folderOf();
      const image = firmware(8192);
      const open = setting("BOR_LEV: 1, nRST_STOP: 0");
      const set = await run(folder, held, { image, profile: open, batch: "WO-0" });
      expect(set.units.get("A1"), set.err).toMatchObject({ outcome: "PASS" });
      // As an F405 leaves the factory: BOR_LEV 3, nRST_STOP 1 (RM0090, section 3.6.1).
      expect(await recorded(folder, "U-A1")).toEqual({
        BOR_LEV: { wanted: 1, before: 3, after: 1 },
        nRST_STOP: { wanted: 0, before: 1, after: 0 },
      });
      const first = await run(folder, held, { image, profile: locking("refuse"), batch: "WO-1" });
      expect(first.units.get("A1"), first.err).toMatchObject({ outcome: "PASS" });
      // Behind level 1 nothing is read any more: the loader's refusal is the proof.
      expect(await recorded(folder, "U-A1")).toEqual({
        BOR_LEV: { wanted: 1, before: 1, after: null },
        nRST_STOP: { wanted: 0, before: 0, after: null },
        RDP: { wanted: 0x55, before: 0xaa, after: null },
      });
      const second = await run(folder, held, {
        image,
        profile: locking("refuse"),
        batch: "WO-1",
        prefix: "V",
      });
      expect(second.units.get("A1")).toMatchObject({ outcome: "FAIL", failure: { code: "PROTECTED" } });
      const again = locking("unprotect").replace("revision: B", "revision: C");
      const third = await run(folder, held, { image, profile: again, batch: "WO-2", prefix: "W" });
      expect(third.units.get("A1"), third.err).toMatchObject({ outcome: "PASS" });
      const notes = third.lines.filter((line) => line["type"] === "note").map((line) => String(line["text"]));
      expect(notes.join("\n")).toContain("read protection taken off");
      const serial = third.units.get("A1")?.serial ?? "";
      expect(isSame(counted.board.chip().flash, wantedFlash(flashBytes, image, serial))).toBe(true);
    },
  );
});

const cycles = isFull ? 50 : 6;
test(
  `${cycles} boards one after another at one place: each is met, no handle and no memory stays`,
  { timeout: fullMs },
  async () => {
    using watch = watchUsb();
    const image = firmware(4096);
    const handles = (): number => readdirSync("/proc/self/fd").length;
    const figures: { readonly handles: number; readonly mib: number }[] = [];
    const paths = new Set<string>();
    let path = "";
    for (let i = 0; i < cycles; i += 1) {
      await using counted = await countedBoard("STM32F405", { pace: "fast" });
      ({ path } = counted);
      paths.add(path);
      const slot = dfuSlot(path, watch);
      {
        await using loader = await dfuBootloader(await slot.open(never), never);
        loader.adopt(chipSpec("STM32F405", simUid("one")).family);
        await loader.erase([{ index: 0, address: 0x0800_0000, size: 16 * 1024 }], never);
        for (let at = 0; at < image.length; at += loader.blockBytes)
          await loader.write(0x0800_0000 + at, image.subarray(at, at + loader.blockBytes), never);
        await loader.launch(0x0800_0000, never);
      }
      expect(isSame(counted.board.chip().flash.subarray(0, image.length), image)).toBe(true);
      globalThis.gc?.();
      figures.push({ handles: handles(), mib: Math.round(process.memoryUsage().rss / 2 ** 20) });
    }
    expect([...paths]).toEqual([path]);
    const [first] = figures;
    const last = figures.at(-1);
    console.log(
      `${cycles} cycles: handles ${first?.handles} to ${last?.handles}, memory ${first?.mib} to ${last?.mib} MiB`,
    );
    expect((last?.handles ?? 0) - (first?.handles ?? 0)).toBeLessThanOrEqual(2);
    expect(
      (await usbPlaces()).some(
        (place) => place.path === path && existsSync(join("/sys/bus/usb/devices", path)),
      ),
    ).toBe(false);
  },
);
