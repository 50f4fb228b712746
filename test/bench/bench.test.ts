import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ptyHere } from "../unit/sim/os/pty-here.ts";
import { blankShare, firmware } from "./image.ts";
import { median } from "./table.ts";

const run = promisify(execFile);
const script = resolve(import.meta.dirname, "bench.ts");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gangflash-bench-test-"));
  writeFileSync(join(folder, "small.bin"), firmware(8192));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!ptyHere)("the bench", () => {
  test("prints all its rows for a small image, in 80 columns", async () => {
    const image = join(folder, "small.bin");
    const { stdout } = await run(process.execPath, [script, "--image", image, "--baud", "460800"]);
    const lines = stdout.trimEnd().split("\n");
    for (const name of [
      "whole command, s",
      "processor, s",
      "first byte to last answer, s",
      "bytes sent",
      "bytes received",
      "wire needs, s",
      "flash needs, s",
      "both need, s",
      "lost, whole command",
      "lost, first to last byte",
    ])
      expect(lines.filter((line) => line.startsWith(name))).toHaveLength(1);
    expect(stdout).not.toContain("NaN");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  }, 60_000);
});

test("the generated image has 42 % of its blocks blank", () => {
  expect(blankShare(firmware(512 * 1024))).toBeCloseTo(0.42, 2);
});

test("a median lies in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});
