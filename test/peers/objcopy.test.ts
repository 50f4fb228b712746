import { execFile, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseElf } from "../../src/image/elf.ts";
import { parseHex } from "../../src/image/hex.ts";
import { parseSrec } from "../../src/image/srec.ts";
import { toHex } from "../../src/lib/bytes.ts";
import type { Parsed } from "../../src/model/image-complaint.ts";
import type { Image } from "../../src/model/memory.ts";
import { seed } from "../unit/image/seed.ts";
import { complaintOf } from "../unit/image/vectors.ts";
import { dice, drawImage, writeExpected, writeHex, writeSrec } from "./random-image.ts";
import { sectionElf } from "./section-elf.ts";

const run = promisify(execFile);
const images = Number(process.env["GANGFLASH_IMAGES"] ?? 3000);
const elfImages = Math.ceil(images / 20);
const batch = 250;
const minutes = 60_000;

function knows(tool: string, format: string): boolean {
  const asked = spawnSync(tool, ["--info"], { encoding: "utf8" });
  return asked.error === undefined && asked.stdout.split("\n").includes(format);
}

const objcopy = knows("objcopy", "ihex");
const armObjcopy = ["arm-none-eabi-objcopy", "objcopy"].find((tool) => knows(tool, "elf32-littlearm"));
const armLinker = spawnSync("arm-none-eabi-ld", ["--version"]).error === undefined;

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gangflash-objcopy-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Conversion {
  readonly tool: string;
  readonly from: string;
  readonly to: string;
  readonly input: string;
  readonly output: string;
}

/** One objcopy for each conversion, started by a shell of their own: starting them from here costs twice as much. */
async function convert(cwd: string, conversions: readonly Conversion[]): Promise<void> {
  const lines = conversions.map(
    ({ tool, from, to, input, output }) => `${tool} -I ${from} -O ${to} ${input} ${output}`,
  );
  await run("sh", ["-e", "-c", lines.join("\n")], { cwd });
}

/** What the file says, in the words of `writeExpected`. */
function told(parsed: Parsed<Image>): string {
  if (!parsed.ok) return JSON.stringify(parsed.complaint);
  const { segments, entry, warnings } = parsed.value;
  const lines = segments.map(({ address, bytes }) => `${address.toString(16)}:${toHex(bytes)}`);
  const remarks = warnings.filter((warning) => !warning.startsWith("The header says"));
  return [...lines, `entry ${(entry ?? 0).toString(16)}`, ...remarks].join("\n");
}

/** Runs batches three at a time: two are converted while one is written or compared. */
async function inBatches(
  total: number,
  act: (cwd: string, first: number, last: number) => Promise<void>,
): Promise<void> {
  const firsts = Array.from({ length: Math.ceil(total / batch) }, (_, index) => index * batch);
  const lane = async (): Promise<void> => {
    for (let first = firsts.shift(); first !== undefined; first = firsts.shift()) {
      const cwd = join(folder, `${total}-${first}`);
      await mkdir(cwd);
      await act(cwd, first, Math.min(first + batch, total));
      await rm(cwd, { recursive: true });
    }
  };
  await Promise.all([lane(), lane(), lane()]);
}

describe.skipIf(!objcopy)("what GNU objcopy reads and writes", () => {
  test(
    `${images} random images go through it both ways and stay the same (seed ${seed})`,
    async () => {
      let compared = 0;
      await inBatches(images, async (cwd, first, last) => {
        const expected = new Map<number, string>();
        const conversions: Conversion[] = [];
        for (let index = first; index < last; index++) {
          const roll = dice(seed + index);
          const drawn = drawImage(roll);
          const [hex, srec] = [writeHex(drawn, roll), writeSrec(drawn, roll)];
          expected.set(index, writeExpected(drawn));
          expect(told(parseHex(Buffer.from(hex)))).toBe(expected.get(index));
          expect(told(parseSrec(Buffer.from(srec)))).toBe(expected.get(index));
          writeFileSync(join(cwd, `${index}.hex`), hex);
          writeFileSync(join(cwd, `${index}.srec`), srec);
          conversions.push(
            { tool: "objcopy", from: "ihex", to: "srec", input: `${index}.hex`, output: `${index}.to-srec` },
            { tool: "objcopy", from: "srec", to: "ihex", input: `${index}.srec`, output: `${index}.to-hex` },
          );
        }
        await convert(cwd, conversions);
        for (const [index, wanted] of expected) {
          const name = `image ${index} of seed ${seed}`;
          expect([name, told(parseSrec(readFileSync(join(cwd, `${index}.to-srec`))))]).toEqual([
            name,
            wanted,
          ]);
          expect([name, told(parseHex(readFileSync(join(cwd, `${index}.to-hex`))))]).toEqual([name, wanted]);
          compared += 1;
        }
      });
      expect(compared).toBe(images);
    },
    // 20 000 processes: a busy machine of two cores needs minutes for them.
    5 * minutes,
  );
});

describe.skipIf(armObjcopy === undefined)("what objcopy for ARM makes of an ELF file", () => {
  const tool = armObjcopy ?? "";

  test(
    `${elfImages} random programs give the image that objcopy writes as HEX, as S-record and as ELF (seed ${seed})`,
    async () => {
      let compared = 0;
      await inBatches(elfImages, async (cwd, first, last) => {
        const expected = new Map<number, string>();
        const conversions: Conversion[] = [];
        for (let index = first; index < last; index++) {
          const drawn = drawImage(dice(seed + index));
          const elf = sectionElf(drawn);
          expected.set(index, writeExpected(drawn));
          expect(told(parseElf(elf))).toBe(expected.get(index));
          writeFileSync(join(cwd, `${index}.elf`), elf);
          const [from, input] = ["elf32-littlearm", `${index}.elf`];
          conversions.push(
            { tool, from, to: "ihex", input, output: `${index}.hex` },
            { tool, from, to: "srec", input, output: `${index}.srec` },
            { tool, from, to: from, input, output: `${index}.to-elf` },
          );
        }
        await convert(cwd, conversions);
        for (const [index, wanted] of expected) {
          const name = `program ${index} of seed ${seed}`;
          expect([name, told(parseHex(readFileSync(join(cwd, `${index}.hex`))))]).toEqual([name, wanted]);
          expect([name, told(parseSrec(readFileSync(join(cwd, `${index}.srec`))))]).toEqual([name, wanted]);
          expect([name, told(parseElf(readFileSync(join(cwd, `${index}.to-elf`))))]).toEqual([name, wanted]);
          compared += 1;
        }
      });
      expect(compared).toBe(elfImages);
    },
    minutes,
  );

  test("raw bytes made into an object file are refused as not linked", async () => {
    await writeFile(join(folder, "raw.bin"), Uint8Array.of(1, 2, 3, 4));
    await convert(folder, [
      { tool, from: "binary", to: "elf32-littlearm", input: "raw.bin", output: "raw.o" },
    ]);
    expect(complaintOf(parseElf(await readFile(join(folder, "raw.o")))).message).toBe(
      "The ELF file is an object file that is not linked yet; a linked program is needed.",
    );
  });

  test.skipIf(!armLinker)("a program linked with data in RAM is what objcopy writes of it", async () => {
    const script = `
      MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 64K  RAM (rw) : ORIGIN = 0x20000000, LENGTH = 16K }
      ENTRY(reset) reset = 0x08000101;
      SECTIONS {
        .text : { text.o(.data) } > FLASH
        .data : { data.o(.data) } > RAM AT> FLASH
        .bss (NOLOAD) : { . += 512; } > RAM
      }`;
    await writeFile(join(folder, "app.ld"), script);
    await writeFile(
      join(folder, "text.bin"),
      Uint8Array.from({ length: 300 }, (_, index) => index & 0xff),
    );
    await writeFile(
      join(folder, "data.bin"),
      Uint8Array.from({ length: 52 }, (_, index) => 255 - index),
    );
    await convert(
      folder,
      ["text", "data"].map((name) => ({
        tool,
        from: "binary",
        to: "elf32-littlearm",
        input: `${name}.bin`,
        output: `${name}.o`,
      })),
    );
    await run("arm-none-eabi-ld", ["-T", "app.ld", "-o", "app.elf", "text.o", "data.o"], { cwd: folder });
    await convert(folder, [
      { tool, from: "elf32-littlearm", to: "ihex", input: "app.elf", output: "app.hex" },
    ]);
    const image = parseElf(await readFile(join(folder, "app.elf")));
    expect(told(image)).toBe(told(parseHex(await readFile(join(folder, "app.hex")))));
    expect(image).toMatchObject({
      value: { entry: 0x0800_0101, segments: [{ address: 0x0800_0000, bytes: { length: 352 } }] },
    });
  });
});
