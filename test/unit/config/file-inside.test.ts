import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileInside } from "../../../src/config/file-inside.ts";

describe.skipIf(process.platform === "win32")("a file that a file of ours names", () => {
  let root = "";
  let folder = "";
  beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "gangflash-inside-")));
    folder = join(root, "profiles");
    mkdirSync(join(folder, "firmware"), { recursive: true });
    writeFileSync(join(root, "secret.bin"), "secret");
    writeFileSync(join(folder, "firmware/a.bin"), "a");
    writeFileSync(join(folder, "..b.bin"), "b");
    mkdirSync(join(root, "profiles-old"));
    writeFileSync(join(root, "profiles-old/a.bin"), "old");
    symlinkSync(join(root, "secret.bin"), join(folder, "out.bin"));
    symlinkSync("../..", join(folder, "firmware/up"));
    symlinkSync("firmware/a.bin", join(folder, "in.bin"));
    symlinkSync("nothing.bin", join(folder, "broken.bin"));
    symlinkSync("circle.bin", join(folder, "circle.bin"));
    symlinkSync("profiles", join(root, "linked"));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test.each([
    ["firmware/a.bin", "firmware/a.bin"],
    ["./firmware/../firmware/a.bin", "firmware/a.bin"],
    ["..b.bin", "..b.bin"],
    ["in.bin", "firmware/a.bin"],
  ])("%s is in the folder", (name, path) => {
    expect(fileInside(folder, name)).toEqual({ ok: true, path: join(folder, path) });
  });

  test.each(["none.bin", "none/none.bin", "broken.bin", "circle.bin", "firmware/a.bin/x"])(
    "%s is not there, which its reader says",
    (name) => {
      expect(fileInside(folder, name)).toEqual({ ok: true, path: join(folder, name) });
    },
  );

  test("the folder itself may be reached through a link", () => {
    expect(fileInside(join(root, "linked"), "firmware/a.bin")).toEqual({
      ok: true,
      path: join(folder, "firmware/a.bin"),
    });
  });

  const relative = "a name relative to this file was expected";
  const out = "it leads out of this file's folder";
  const link = "it is a link out of this file's folder";
  test.each([
    ["/etc/passwd", `"/etc/passwd" found, ${relative}`],
    ["C:\\a.bin", String.raw`"C:\\a.bin" found, ${relative}`],
    ["c:a.bin", `"c:a.bin" found, ${relative}`],
    ["\\\\server\\share\\a.bin", String.raw`"\\\\server\\share\\a.bin" found, ${relative}`],
    ["\\a.bin", String.raw`"\\a.bin" found, ${relative}`],
    ["../secret.bin", `"../secret.bin" found, ${out}`],
    ["firmware/../../secret.bin", `"firmware/../../secret.bin" found, ${out}`],
    ["../profiles-old/a.bin", `"../profiles-old/a.bin" found, ${out}`],
    ["..", `".." found, ${out}`],
    [".", '"." found, a file in this folder was expected'],
    ["firmware/..", '"firmware/.." found, a file in this folder was expected'],
    ["out.bin", `"out.bin" found, ${link}`],
    ["firmware/up/secret.bin", `"firmware/up/secret.bin" found, ${link}`],
    ["a\0.bin", "a name with a zero byte found, the name of a file was expected"],
  ])("%j is refused", (name, why) => {
    expect(fileInside(folder, name)).toEqual({ ok: false, why });
  });
});
