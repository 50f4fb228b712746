import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { simulateCommand } from "../../src/cli/simulate/simulate.ts";
import { someIo } from "../unit/cli/some-io.ts";
import { ptyHere } from "../unit/sim/os/pty-here.ts";

const run = promisify(execFile);
const installed = spawnSync("stm32flash", ["-h"]).error === undefined;

/** Bytes that look like firmware: a vector table that Go accepts, then noise with a hole. */
function image(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  bytes.set([0x00, 0x20, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08]);
  bytes.fill(0xff, 1024, 2048);
  return bytes;
}

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gangflash-stm32flash-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** One simulated board on a pty, and the stranger that programs it. A pty has no parity, so it talks 8n1. */
async function bench(chip: string, mishaps: readonly string[] = []) {
  const { io, out, err, interrupt } = someIo();
  const port = join(folder, "board");
  const dump = join(folder, "flash.bin");
  const ended = simulateCommand(
    { boards: [`${chip}:uart`], links: [port], dumps: [dump], mishaps, uids: [], pace: "fast", baud: null },
    io,
  );
  await vi.waitFor(() => expect(out).toHaveLength(1), 10_000);
  return {
    /** What the chip holds against the host. */
    complaints: err,
    async stm32flash(...words: readonly string[]): Promise<string> {
      const { stdout, stderr } = await run("stm32flash", ["-m", "8n1", "-b", "115200", ...words, port]);
      return stdout + stderr;
    },
    /** Ends the board; its flash as the dump has it. */
    async flash(): Promise<Uint8Array> {
      interrupt();
      expect(await ended).toBe(130);
      expect(existsSync(port)).toBe(false);
      return Uint8Array.from(readFileSync(dump));
    },
  };
}

const chips = [
  { chip: "STM32F405", id: "0x0413", bytes: 40_960 },
  { chip: "STM32F103", id: "0x0410", bytes: 22_272 },
];

describe.skipIf(!installed || !ptyHere).each(chips)(
  "stm32flash and a simulated $chip",
  ({ chip, id, bytes }) => {
    const firmware = image(bytes);
    const file = async (): Promise<string> => {
      const path = join(folder, "fw.bin");
      await writeFile(path, firmware);
      return path;
    };

    test("programs, verifies and starts it; the dump is the file, and blank beyond it", async () => {
      const board = await bench(chip);
      const said = await board.stm32flash("-w", await file(), "-v", "-g", "0x0");
      expect(said).toContain(id);
      expect(said).toContain("Wrote and verified");
      expect(said).toContain("Starting execution at address 0x08000000... done.");
      const flash = await board.flash();
      expect(Buffer.compare(flash.subarray(0, bytes), firmware)).toBe(0);
      expect(flash.subarray(bytes).every((byte) => byte === 0xff)).toBe(true);
    });

    test("reads back what the host before it wrote, after its application was started", async () => {
      const board = await bench(chip);
      await board.stm32flash("-w", await file(), "-g", "0x0");
      const back = join(folder, "back.bin");
      await board.stm32flash("-r", back, "-S", `0x08000000:${bytes}`);
      expect(Buffer.compare(readFileSync(back), firmware)).toBe(0);
      await board.flash();
    });

    test("programs it twice over: it erases for itself", async () => {
      const board = await bench(chip);
      await board.stm32flash("-w", await file(), "-v");
      await board.stm32flash("-w", await file(), "-v");
      expect(Buffer.compare((await board.flash()).subarray(0, bytes), firmware)).toBe(0);
    });

    test("erases it", async () => {
      const board = await bench(chip);
      await board.stm32flash("-w", await file());
      await board.stm32flash("-o");
      expect((await board.flash()).every((byte) => byte === 0xff)).toBe(true);
    });

    test("locks it, then reads nothing; unlocking it blanks it", async () => {
      const board = await bench(chip);
      await board.stm32flash("-w", await file());
      await board.stm32flash("-j");
      await expect(
        board.stm32flash("-r", join(folder, "stolen.bin"), "-S", "0x08000000:256"),
      ).rejects.toThrow("Failed to read memory");
      await board.stm32flash("-k");
      await board.stm32flash("-r", join(folder, "blank.bin"), "-S", "0x08000000:256");
      expect(readFileSync(join(folder, "blank.bin")).every((byte) => byte === 0xff)).toBe(true);
      expect((await board.flash()).every((byte) => byte === 0xff)).toBe(true);
    });

    test("sees a bit that flipped", async () => {
      const board = await bench(chip, ["flipBit=5000"]);
      await expect(board.stm32flash("-w", await file(), "-v", "-n", "0")).rejects.toThrow("Failed to verify");
      await board.flash();
    });
  },
);
