import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bench, firmware, gangflash, profileText, runWords, simStation, type Ended } from "./gangflash.ts";

const files = (): Record<string, string | Uint8Array> => ({
  "station.yaml": simStation({
    A1: 'port: "sim:STM32F405:usb"',
    A2: 'port: "sim:STM32F405:uart", mishap: { flipBit: 100 }',
  }),
  "profile.yaml": profileText(),
  "fw.bin": firmware(8192),
});
const unzip = spawnSync("unzip", ["-v"]).status === 0;

describe("a batch from its release to its pack", () => {
  const tell = (folder: string, ...words: string[]): Promise<Ended> =>
    gangflash([...words, "--data", "data"], { cwd: folder });

  test("two people release, units are made, voided and scrapped, and what is packed can be checked", async () => {
    const folder = bench(files());
    const release = ["profile", "release", "profile.yaml", "--by", "M. Lang"];
    expect(await tell(folder, ...release, "--reviewed-by", "m. lang ")).toMatchObject({
      code: 2,
      err: expect.stringContaining("another person"),
    });
    expect(existsSync(join(folder, "data", "station.key.pem"))).toBe(false);
    expect(await tell(folder, ...release, "--reviewed-by", "A. Kim")).toMatchObject({ code: 0 });
    expect((await tell(folder, "profile", "list")).out).toContain("M. Lang, reviewed by A. Kim");
    const run = (...units: string[]): Promise<Ended> => gangflash(runWords(folder, units), { cwd: folder });
    expect((await run("A1=UNIT-0001", "A2=UNIT-0002")).code).toBe(1);

    expect((await tell(folder, "station", "key")).code).toBe(2);
    const why = ["--reason", "fixture was open", "--by", "A. Kim"];
    expect(await tell(folder, "unit", "void", "UNIT-0002", ...why)).toMatchObject({ code: 0 });
    expect(await tell(folder, "unit", "void", "UNIT-0002", ...why)).toMatchObject({
      code: 2,
      err: expect.stringContaining("is void since"),
    });
    expect(await tell(folder, "unit", "scrap", "UNIT-0002", ...why)).toMatchObject({ code: 0 });
    expect(await run("A1=UNIT-0002")).toMatchObject({
      code: 2,
      err: expect.stringContaining("was scrapped"),
    });
    const life = await tell(folder, "unit", "UNIT-0002");
    expect(life.out).toMatch(/^attempt 1 .* VOID SIMULATED$/m);
    expect(life.out).toMatch(/^deed {5}unit-scrapped .* by A\. Kim: fixture was open/m);

    expect((await tell(folder, "batch", "close", "WO-1")).out).toContain("1 passed, 0 failed");
    expect(statSync(join(folder, "data", "station.key.pem")).mode & 0o777).toBe(0o600);
    const pack = await tell(folder, "pack", "WO-1", "--json");
    expect(pack.lines()).toMatchObject([{ type: "pack", batch: "WO-1" }]);
    const audit = await tell(folder, "audit");
    expect(audit).toMatchObject({ code: 0, err: "" });
    expect(audit.out).toMatch(/^2 records, chain whole\n/);
    expect(audit.out).toContain("this audit cannot know (--head)");
    const hash = /hash ([0-9a-f]{64})/.exec(
      (await tell(folder, "profile", "release", "profile.yaml")).out,
    )?.[1];
    const shown = await tell(folder, "profile", "show", hash?.slice(0, 12) ?? "");
    expect(shown.out).toContain("# released by M. Lang, reviewed by A. Kim");
    expect(shown.out).toContain(profileText().trimEnd());

    if (!unzip) return;
    execFileSync("unzip", ["-q", "WO-1.zip", "-d", "pack"], { cwd: folder });
    expect(readFileSync(join(folder, "pack/reports/SIMULATED-WO-1.pdf")).subarray(0, 5).toString()).toBe(
      "%PDF-",
    );
    const kept = ["--head", "pack/statement.json", "--key", "pack/station.pub.pem"];
    expect(await tell(folder, "audit", ...kept)).toMatchObject({
      code: 0,
      out: expect.stringContaining("The kept head stands in the chain."),
    });
    // A station that moved has had two keys.
    const old = ["--key", "ab".repeat(32)];
    expect((await tell(folder, "audit", ...old, "--key", "pack/station.pub.pem")).code).toBe(0);
    expect(await tell(folder, "audit", ...old)).toMatchObject({
      code: 1,
      out: expect.stringContaining("none of those that are known to be the station's"),
    });
    const other = await tell(folder, "audit", "--head", `9:${"0".repeat(64)}`);
    expect(other).toMatchObject({
      code: 1,
      out: "row 3 (?): the tail was cut off: the head that was kept is row 9\n",
    });
    expect((await tell(folder, "audit", "--head", "nonsense")).code).toBe(2);
    expect((await tell(folder, "audit", "--key", "profile.yaml")).code).toBe(2);
  }, 120_000);

  test("where people are kept, a release and a void ask who may", async () => {
    const folder = bench(files());
    expect(await tell(folder, "people", "add", "X", "--role", "quality")).toMatchObject({
      code: 2,
      err: expect.stringContaining("lead was expected"),
    });
    const add = (name: string, role: string, ...more: string[]): Promise<Ended> =>
      tell(folder, "people", "add", name, "--role", role, ...more);
    expect((await add("M. Lang", "lead", "--badge", "B-1")).code).toBe(0);
    expect(await add("A. Kim", "quality")).toMatchObject({ code: 2, err: expect.stringContaining("--by") });
    expect((await add("A. Kim", "quality", "--by", "M. Lang")).code).toBe(0);
    expect((await add("E. Sun", "engineer", "--by", "M. Lang")).code).toBe(0);
    const release = (...who: string[]): Promise<Ended> =>
      tell(folder, "profile", "release", "profile.yaml", ...who);
    expect(await release("--by", "E. Sun")).toMatchObject({
      code: 2,
      err: expect.stringContaining("--reviewed-by: missing"),
    });
    expect(await release("--by", "M. Lang", "--reviewed-by", "A. Kim")).toMatchObject({
      code: 2,
      err: expect.stringContaining("M. Lang is lead"),
    });
    expect((await release("--by", "E. Sun", "--reviewed-by", "Nobody")).code).toBe(2);
    expect((await release("--by", "E. Sun", "--reviewed-by", "A. Kim")).code).toBe(0);
    expect(await tell(folder, "people", "leave", "M. Lang", "--by", "M. Lang")).toMatchObject({
      code: 2,
      err: expect.stringContaining("last lead"),
    });
    expect((await tell(folder, "people", "leave", "E. Sun", "--by", "M. Lang")).out).toContain("has left");
  }, 120_000);
});
