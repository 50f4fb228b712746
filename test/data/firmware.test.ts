import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { loadProfile } from "../../src/cli/order/load-profile.ts";
import { loadImage } from "../../src/image/load.ts";
import { fieldSpan } from "../../src/inject/patch.ts";
import { endOf, type Image, type Segment } from "../../src/model/memory.ts";
import { overlaps } from "../../src/plan/writes.ts";

const run = promisify(execFile);
const profiles = fileURLToPath(new URL("../../profiles/", import.meta.url));
const hexFile = join(profiles, "firmware/demo.hex");
const buildScript = join(profiles, "firmware/demo/build.sh");

const flashStart = 0x0800_0000;
const ram = { start: 0x2000_0000, end: 0x2002_0000 };
/** 16 vectors of the core and 82 of the STM32F405. */
const vectorCount = 16 + 82;
const dataBlock: Segment = { address: 0x0800_bf00, bytes: new Uint8Array(24) };

async function loadDemo(): Promise<Image> {
  const loaded = await loadImage(hexFile);
  if (!loaded.ok) throw new Error(loaded.complaint.message);
  return loaded.image;
}

/** Why the firmware cannot be rebuilt here to the same bytes; `null` when it can. */
function whyNoRebuild(expected: string): string | null {
  if (process.platform === "win32") return "build.sh needs a POSIX shell";
  const asked = spawnSync("arm-none-eabi-gcc", ["-dumpfullversion"], { encoding: "utf8" });
  if (asked.error !== undefined || asked.status !== 0) return "the compiler is not installed";
  const version = asked.stdout.trim();
  return version === expected ? null : `the compiler is ${version}, the firmware was built with ${expected}`;
}

describe("the demonstration firmware", () => {
  let image: Image;
  let segment: Segment;
  let words: DataView;

  beforeAll(async () => {
    image = await loadDemo();
    const [first] = image.segments;
    if (first === undefined) throw new Error("demo.hex is empty");
    segment = first;
    words = new DataView(first.bytes.buffer, first.bytes.byteOffset, first.bytes.length);
  });

  const vector = (number: number): number => words.getUint32(4 * number, true);
  const inside = (address: number): boolean => address >= segment.address && address < endOf(segment);

  test("is one piece without remarks from the start of the flash", () => {
    expect(image.format).toBe("hex");
    expect(image.warnings).toEqual([]);
    expect(image.segments.map(({ address }) => address)).toEqual([flashStart]);
  });

  test("takes a visible time to program: 20 to 28 KiB", () => {
    expect(segment.bytes.length).toBeGreaterThan(20 * 1024);
    expect(segment.bytes.length).toBeLessThan(28 * 1024);
  });

  test("has address and start records (04 and 05) and lines that end in LF", async () => {
    const lines = (await readFile(hexFile, "latin1")).split("\n");
    expect(lines[0]).toBe(":020000040800F2");
    expect(lines.at(-3)).toMatch(/^:04000005/);
    expect(lines.slice(-2)).toEqual([":00000001FF", ""]);
    expect(lines.filter((line) => line.includes("\r"))).toEqual([]);
  });

  test("starts with a stack that is aligned and grows down from inside the RAM", () => {
    const stack = vector(0);
    expect(stack % 8).toBe(0);
    expect(stack).toBeGreaterThan(ram.start);
    expect(stack).toBeLessThanOrEqual(ram.end);
  });

  test("has a reset vector that is odd, inside the image and the entry that the file names", () => {
    const reset = vector(1);
    expect(reset % 2).toBe(1);
    expect(inside(reset - 1)).toBe(true);
    expect(image.entry).toBe(reset);
  });

  test("has a handler for each interrupt, odd and behind the vector table", () => {
    const reserved = new Set([7, 8, 9, 10, 13]);
    const wrong: number[] = [];
    for (let number = 1; number < vectorCount; number++) {
      const handler = vector(number);
      const behind = handler % 2 === 1 && inside(handler - 1) && handler > flashStart + 4 * vectorCount;
      if (reserved.has(number) ? handler !== 0 : !behind) wrong.push(number);
    }
    expect(wrong).toEqual([]);
  });

  test("does not touch the unit's data block, nor the sector that holds it", () => {
    const sector: Segment = { address: 0x0800_8000, bytes: new Uint8Array(16 * 1024) };
    expect(overlaps(sector, dataBlock)).toBe(true);
    expect(overlaps(segment, sector)).toBe(false);
  });

  test("carries a full-scale sine of 4096 samples for its test signal", () => {
    const sine = new Uint8Array(2 * 4096);
    const view = new DataView(sine.buffer);
    for (let i = 0; i < 4096; i++)
      view.setInt16(2 * i, Math.round(32767 * Math.sin((2 * Math.PI * i) / 4096)), true);
    expect(Buffer.from(segment.bytes).indexOf(sine)).toBeGreaterThan(0);
  });

  test("has a profile without mistakes, whose fields are the block that the firmware reads", async () => {
    const loaded = await loadProfile(join(profiles, "demo.yaml"));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
    const { profile, warnings } = loaded.value;
    expect(warnings).toEqual([]);
    expect(profile.data.map(({ name, at, length }) => ({ name, at, length }))).toEqual([
      { name: "serial", at: 0x0800_bf00, length: 16 },
      { name: "built", at: 0x0800_bf10, length: 4 },
      { name: "check", at: 0x0800_bf14, length: 4 },
    ]);
    for (const span of fieldSpan(profile.data)) expect(overlaps(span, segment)).toBe(false);
  });

  test("is built byte for byte from its sources", { timeout: 120_000 }, async ({ skip }) => {
    const script = await readFile(buildScript, "utf8");
    const expected = /^# compiler: (\S+)$/m.exec(script)?.[1];
    if (expected === undefined) throw new Error("build.sh does not name its compiler");
    const why = whyNoRebuild(expected);
    if (why !== null) skip(why);

    const folder = await mkdtemp(join(tmpdir(), "gangflash-firmware-"));
    try {
      const rebuilt = join(folder, "demo.hex");
      await run("sh", [buildScript, rebuilt]);
      expect(await readFile(rebuilt, "utf8")).toBe(await readFile(hexFile, "utf8"));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
