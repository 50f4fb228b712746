import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { holdLink } from "../../../../src/sim/os/hold-link.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gangflash-link-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === "win32")("a held link", () => {
  test("is there while it is held, and nothing beside it", () => {
    const link = join(folder, "board1");
    {
      using _held = holdLink(link, "/dev/pts/7");
      expect(readlinkSync(link)).toBe("/dev/pts/7");
      expect(readdirSync(folder)).toEqual(["board1"]);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test("takes the place of a link that a killed run left", () => {
    const link = join(folder, "board1");
    symlinkSync("/dev/pts/gone", link);
    using _held = holdLink(link, "/dev/pts/7");
    expect(readlinkSync(link)).toBe("/dev/pts/7");
  });

  test("does not take the place of a file", () => {
    const link = join(folder, "board1");
    writeFileSync(link, "precious");
    expect(() => holdLink(link, "/dev/pts/7")).toThrow("is no link");
    expect(existsSync(link)).toBe(true);
  });

  test("that another run has taken over stays", () => {
    const link = join(folder, "board1");
    const first = holdLink(link, "/dev/pts/7");
    using _second = holdLink(link, "/dev/pts/8");
    first[Symbol.dispose]();
    expect(readlinkSync(link)).toBe("/dev/pts/8");
  });
});
