import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { bench, firmware, gangflash, profileText, program, runWords, simStation } from "./gangflash.ts";

const root = resolve(import.meta.dirname, "../..");
/** Other systems keep such files elsewhere, by no variable. */
const elsewhere = process.platform !== "linux";
const files = (): string =>
  bench({
    "station.yaml": simStation({ A1: 'port: "sim:STM32F405:uart"' }),
    "profile.yaml": profileText(),
    "fw.bin": firmware(2000),
  });

// Where a file is slow to load, as on an emulated or a small computer, this is what a start costs.
test("a whole gang run loads no more than 60 files", async () => {
  const folder = files();
  const out = join(folder, "loaded");
  const env = {
    NODE_OPTIONS: `--import=${join(root, "test/tools/loaded-files.ts")}`,
    LOADED_FILES_OUT: out,
  };
  const run = await gangflash(runWords(folder, ["A1=UNIT-0001"]), { cwd: folder, env });
  expect(run.code, run.err).toBe(0);
  const loaded = Number(readFileSync(out, "utf8"));
  expect(loaded).toBeGreaterThan(5);
  expect(loaded).toBeLessThanOrEqual(60);
});

test.skipIf(elsewhere)("what Node compiled is kept in a folder of the user's own", async () => {
  const cache = join(files(), "cache");
  const run = await gangflash(["--version"], { env: { XDG_CACHE_HOME: cache } });
  expect(run.code, run.err).toBe(0);
  expect(readdirSync(join(cache, "gangflash"))).toHaveLength(1);
});

test.skipIf(elsewhere)("a folder that others may write to is not trusted", async () => {
  const cache = join(files(), "cache");
  mkdirSync(join(cache, "gangflash"), { recursive: true });
  chmodSync(join(cache, "gangflash"), 0o777);
  const run = await gangflash(["--version"], { env: { XDG_CACHE_HOME: cache } });
  expect(run.code, run.err).toBe(0);
  expect(readdirSync(join(cache, "gangflash"))).toEqual([]);
});

test.skipIf(elsewhere)("without a place to keep it the program starts as ever", async () => {
  const folder = files();
  writeFileSync(join(folder, "cache"), "no folder");
  const run = await gangflash(["--version"], { env: { XDG_CACHE_HOME: join(folder, "cache") } });
  expect(run).toMatchObject({ code: 0, err: "" });
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])("%s while the program is being loaded ends it with %i", async (name, code) => {
  const folder = files();
  const env = {
    NODE_OPTIONS: `--import=${join(root, "test/tools/early-signal.ts")}`,
    EARLY_SIGNAL: name,
  };
  const run = await gangflash(runWords(folder, ["A1=UNIT-0001"]), { cwd: folder, env });
  expect(run).toMatchObject({ code, signal: null, err: "" });
});

test("the licences of what is built in stand beside it", () => {
  const text = readFileSync(join(root, "dist/THIRD-PARTY.txt"), "utf8");
  for (const name of ["ink", "react", "zod", "yaml", "pino", "commander"])
    expect(text).toContain(`\n${name} `);
  expect(existsSync(join(root, "dist/program/main.js"))).toBe(true);
});

test.skipIf(!existsSync("/dev/full"))(
  "where standard output cannot be written the boards are finished, and the exit code says so",
  () => {
    const folder = files();
    const words = runWords(folder, ["A1=UNIT-0001"]);
    const shell = (line: string) => spawnSync("/bin/sh", ["-c", line], { cwd: folder, encoding: "utf8" });
    const typed = (list: readonly string[]): string =>
      [process.execPath, program, ...list].map((word) => `'${word}'`).join(" ");
    const run = shell(`${typed(words)} >/dev/full`);
    expect(run.stderr).toMatch(/^gangflash: standard output cannot be written: ENOSPC.*\n$/);
    expect(run.status).toBe(3);
    const list = ["batch", "list", "--data", join(folder, "data")];
    expect(shell(typed(list)).stdout).toContain("1 passed, 0 failed");
    expect(shell(`${typed(list)} >/dev/full`).status).toBe(3);
    expect(shell(`${typed(list)} | head -c 1`)).toMatchObject({ status: 0, stdout: "W", stderr: "" });
  },
);

test("a TZ that names no zone makes reports in UTC, and no mistake of the program", async () => {
  const folder = files();
  const env = { TZ: ":/etc/localtime" };
  expect(await gangflash(runWords(folder, ["A1=UNIT-0001"]), { env })).toMatchObject({ code: 0 });
  const report = await gangflash(["report", "WO-1", "--data", "data", "--out", "."], { cwd: folder, env });
  expect(report).toMatchObject({ code: 0, err: "" });
});
