import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newRom, oldRom } from "../../../src/sim/dfu/dfu-rom.ts";
import {
  firmware,
  folderOf,
  isFull,
  plugIn,
  run,
  shipped,
  timed,
  type ProgramEnd,
  type RunEnd,
} from "./boards.ts";
import { countedBoard, type Count } from "./counted.ts";

let folder = "";
beforeAll(() => {
  folder = folderOf();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const image = firmware(8192);
const file = (name: string, content: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe.each([
  { rom: oldRom, generation: "old" },
  { rom: newRom, generation: "new" },
])("dfu-util and a board with an $generation ROM", ({ rom, generation }) => {
  test("lists it, erases, writes, reads back and leaves", { timeout: 180_000 }, async () => {
    await using counted = await countedBoard("STM32F405", { rom, pace: "fast" });
    const { path, board } = counted;
    const dfuUtil = (...words: readonly string[]): Promise<ProgramEnd> =>
      timed("dfu-util", ["-p", path, "-a", "0", ...words]);
    const listed = await timed("dfu-util", ["-l"]);
    expect(listed.out).toContain(`path="${path}"`);
    expect(listed.out).toContain("@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg");

    board.chip().flash.fill(0, 0x10_000, 0x10_100);
    const image_ = file(`${generation}.bin`, image);
    const written = await dfuUtil("-s", "0x08000000:mass-erase:force", "-D", image_);
    expect(written).toMatchObject({ code: 0 });
    expect(board.chip().flash.subarray(0, image.length)).toEqual(image);
    expect(
      board
        .chip()
        .flash.subarray(0x10_000, 0x10_100)
        .every((byte) => byte === 0xff),
    ).toBe(true);

    const back = join(folder, `${generation}-back.bin`);
    const read = await dfuUtil("-s", `0x08000000:${image.length}`, "-U", back);
    expect(read).toMatchObject({ code: 0 });
    expect(Uint8Array.from(readFileSync(back))).toEqual(image);

    await dfuUtil("-s", "0x08000000:leave", "-D", image_);
    expect((await timed("dfu-util", ["-l"])).out).not.toContain(`path="${path}"`);
  });
});

describe("stm32flash", () => {
  test(
    "at 8e1 resets the board behind an adapter by its lines, writes, verifies and starts it",
    { timeout: 120_000 },
    async () => {
      await using bench = await plugIn([{ board: "STM32F405:uart" }], { pace: "fast" });
      const device = bench.held[0]?.port.replace("uart:", "") ?? "";
      const lines = "rts&dtr,-dtr,:-rts&dtr,-dtr";
      const words = ["-m", "8e1", "-b", "115200", "-w", file("flash.bin", image), "-v", "-i", lines, "-R"];
      const end = await timed("stm32flash", [...words, device]);
      expect(end, end.err + end.out).toMatchObject({ code: 0 });
      const [flash = new Uint8Array()] = await bench.end();
      expect(Buffer.compare(flash.subarray(0, image.length), image)).toBe(0);
    },
  );
});

test(
  "figures: dfu-util, dfu-util with an upload, and ours, on the same board",
  { timeout: 900_000 },
  async () => {
    const big = isFull ? shipped("vesc-60.bin") : firmware(16 * 1024);
    const bytes = big.length;
    const path_ = file("big.bin", big);
    await using counted = await countedBoard("STM32F405");
    const at = ["-p", counted.path, "-a", "0"];
    const rows: string[] = [];
    const row = (what: string, end: { readonly ms: number; readonly cpuMs: number }, count: Count): void => {
      const cells = [
        what.padEnd(32),
        `${(end.ms / 1000).toFixed(1)} s`.padStart(8),
        `cpu ${(end.cpuMs / 1000).toFixed(1)} s`.padStart(11),
        `${count.transfers} transfers`.padStart(16),
        `${count.writePhase} of the write`.padStart(18),
        `${count.bytesOut} out, ${count.bytesIn} in`,
      ];
      rows.push(cells.join("  "));
    };

    const profile = `profile: figures
revision: A
product: { name: Figures }
chip: STM32F405
images:
  - { file: fw.bin, at: 0x08000000 }
after: stay
`;
    const runOn = (port: string, name: string, batch: string): Promise<RunEnd> =>
      run(join(folder, "figures"), [{ name, port }], { batch, image: big, profile });
    // Starting the program is slow in the guest: shown by itself, and once before.
    await runOn("sim:STM32F405:usb", "A2", "WO-1");
    const bare = await runOn("sim:STM32F405:usb", "A3", "WO-1");
    counted.take();
    row("gangflash run without a device", bare, counted.take());
    const ratio = (a: number, b: number): string => (a / b).toFixed(2);

    for (const state of ["blank", "used"] as const) {
      // As the line has it, and as it comes back: full of what was in it before.
      const lay = (): void => void counted.board.chip().flash.fill(state === "blank" ? 0xff : 0x5a);
      lay();
      counted.take();
      const alone = await timed("dfu-util", [...at, "-s", "0x08000000", "-D", path_]);
      expect(alone).toMatchObject({ code: 0 });
      const write = counted.take();
      row(`${state}: dfu-util -D, not verified`, alone, write);

      const back = join(folder, `${state}-back.bin`);
      const upload = await timed("dfu-util", [...at, "-s", `0x08000000:${bytes}`, "-U", back]);
      expect(upload).toMatchObject({ code: 0 });
      expect(Buffer.compare(readFileSync(back), big)).toBe(0);
      const read = counted.take();
      row(
        `${state}: dfu-util -D and -U`,
        { ms: alone.ms + upload.ms, cpuMs: alone.cpuMs + upload.cpuMs },
        {
          writePhase: write.writePhase,
          transfers: write.transfers + read.transfers,
          bytesOut: write.bytesOut + read.bytesOut,
          bytesIn: write.bytesIn + read.bytesIn,
        },
      );

      lay();
      const ours = await runOn(`usb:${counted.path}`, "A1", `WO-${state}`);
      expect(ours, ours.err).toMatchObject({ code: 0 });
      expect(Buffer.compare(counted.board.chip().flash.subarray(0, bytes), big)).toBe(0);
      const verified = counted.take();
      row(`${state}: gangflash run, verified`, ours, verified);
      const steps = ours.lines
        .filter((line) => line["type"] === "step" && line["state"] === "done")
        .map((line) => `${String(line["step"])} ${String(line["ms"])} ms`);
      const unitMs = ours.units.get("A1")?.ms ?? Number.NaN;
      const parts = [
        `the unit ${ratio(unitMs, alone.ms)}`,
        `the whole program ${ratio(ours.ms, alone.ms)} of its time`,
        `write phase ${ratio(verified.writePhase, write.writePhase)} of its transfers`,
        `over -D and -U the whole program ${ratio(ours.ms, alone.ms + upload.ms)}`,
      ];
      rows.push(
        `${state}: the unit ${unitMs} ms: ${steps.join(", ")}`,
        `${state}: over dfu-util -D: ${parts.join(", ")}`,
      );
      // What both send does not hang on the machine's load; the times do, and are only told.
      expect(write.writePhase).toBeGreaterThan(bytes / 2048);
      expect(verified.writePhase / write.writePhase).toBeLessThanOrEqual(0.6);
    }
    console.log(`${bytes} bytes\n${rows.join("\n")}`);
  },
);
