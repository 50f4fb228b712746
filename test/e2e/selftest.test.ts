import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import type { QualificationCheck } from "../../src/model/qualification.ts";
import { bench, firmware, gangflash, profileText, runWords, simStation, start } from "./gangflash.ts";

const files = (): Record<string, string | Uint8Array> => ({
  "station.yaml": simStation({ A1: 'port: "sim:STM32F405:uart"' }, "timezone: Europe/Berlin\n"),
  "profile.yaml": profileText(),
  "fw.bin": firmware(8192),
});

/** Every file below a folder with its hash, but what any reader of the books leaves beside them. */
const hashesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-(wal|shm)$/.test(entry.name))
    .map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return `${file} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`;
    })
    .toSorted();

describe("gangflash selftest", () => {
  test("qualifies the built program on this disk, beside books that it leaves alone, and writes its report", async () => {
    const folder = bench(files());
    expect((await gangflash(runWords(folder, ["A1=UNIT-0001"]), { cwd: folder })).code).toBe(0);
    const data = join(folder, "data");
    const before = hashesOf(data);
    const report = join(folder, "qualification.pdf");
    const words = ["--kills", "1", "--seed", "7", "--station", join(folder, "station.yaml")];
    const ended = await gangflash(["selftest", "--json", "--data", data, "--report", report, ...words]);
    const said = JSON.parse(ended.out) as { readonly checks: readonly QualificationCheck[] };
    expect(said.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(said).toMatchObject({ type: "selftest", failed: 0, seed: 7, station: { name: "test-bench" } });
    const schema = JSON.parse((await gangflash(["schema", "selftest"])).out) as AnySchema;
    const ajv = new Ajv({ allErrors: true, formats: { "date-time": true } });
    const judge = ajv.compile(schema);
    expect([judge(said), judge.errors]).toEqual([true, null]);
    expect(readFileSync(report).subarray(0, 8).toString("latin1")).toBe("%PDF-1.7");
    expect(hashesOf(data)).toEqual(before);
  }, 300_000);

  test("Ctrl-C ends it with 130 and leaves nothing behind, nor a report", async () => {
    const folder = bench();
    const data = join(folder, "data");
    const run = start(["selftest", "--data", data, "--report", join(folder, "q.json")]);
    await expect.poll(() => run.out(), { timeout: 60_000 }).toContain("O01");
    run.child.kill("SIGINT");
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(ended.err).toContain("nothing is qualified");
    expect(readdirSync(folder)).toEqual([]);
  }, 120_000);

  test("a report that cannot be written is told before anything is tried", async () => {
    const folder = bench();
    const words = ["selftest", "--data", join(folder, "data"), "--report"];
    expect(await gangflash([...words, join(folder, "q.txt")])).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringContaining(".pdf, .json, .csv or .xlsx was expected"),
    });
    expect((await gangflash([...words, `${join(folder, "none")}/`])).code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });
});
