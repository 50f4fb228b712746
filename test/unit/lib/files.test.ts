import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readWhole } from "../../../src/lib/read-whole.ts";
import { writeAtomic } from "../../../src/lib/write-atomic.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "gangflash-files-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const windows = process.platform === "win32";

test.skipIf(windows)("a named pipe is refused at once, read or written, and stays one", () => {
  const pipe = join(folder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  expect(() => readWhole(pipe, 100)).toThrow("a device or a pipe found, a file was expected");
  expect(() => writeAtomic(pipe, Uint8Array.of(1))).toThrow("a device or a pipe has this name");
  expect(lstatSync(pipe).isFIFO()).toBe(true);
});

test("a file is read whole, a larger one than was asked for is told with both sizes", () => {
  const file = join(folder(), "file");
  writeFileSync(file, "12345");
  expect(Buffer.from(readWhole(file, 5)).toString()).toBe("12345");
  expect(() => readWhole(file, 4)).toThrow("5 bytes found, at most 4 were expected");
});

test.skipIf(windows)("a link stays one, and the file behind it is replaced", () => {
  const made = folder();
  const [file, link] = [join(made, "file"), join(made, "link")];
  writeFileSync(file, "old");
  symlinkSync("file", link);
  writeAtomic(link, Buffer.from("new"));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, "utf8")).toBe("new");
});
