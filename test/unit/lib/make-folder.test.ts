import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "../../../src/lib/make-folder.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "gangflash-folder-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder is made with all above it, and may be there already", () => {
  const deep = join(folder, "a", "b", "c");
  makeFolder(deep, 0o750);
  makeFolder(deep, 0o750);
  expect(statSync(deep).isDirectory()).toBe(true);
});

test("a file in its way is told", () => {
  writeFileSync(join(folder, "a"), "");
  expect(() => makeFolder(join(folder, "a"), 0o750)).toThrow(/EEXIST/);
  expect(() => makeFolder(join(folder, "a", "b"), 0o750)).toThrow(/ENOTDIR|EEXIST/);
});

test.skipIf(!existsSync("/proc/self"))(
  "a place that takes no folders is told, and not tried for ever",
  () => {
    expect(() => makeFolder("/proc/gangflash/data", 0o750)).toThrow(/ENOENT|EPERM|EACCES/);
  },
);
