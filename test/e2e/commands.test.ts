import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/open-store.ts";
import { bench, firmware, gangflash, profileText, runWords, simStation, type Ended } from "./gangflash.ts";

const root = resolve(import.meta.dirname, "../..");
const demoHex = join(root, "profiles/firmware/demo.hex");
const sim = 'port: "sim:STM32F405:uart"';

/** As `gangflash`, and never with a stack trace. */
async function ask(words: readonly string[], cwd?: string): Promise<Ended> {
  const run = await gangflash(words, cwd === undefined ? {} : { cwd });
  expect(run.err).not.toMatch(/\n\s+at |\.[jt]s:\d+|mistake of the program/);
  return run;
}

const refused = (code: number, said: RegExp): object => ({ code, err: expect.stringMatching(said) });

const files = (profile = profileText()): Record<string, string | Uint8Array> => ({
  "station.yaml": simStation({ A1: sim, A2: `${sim}, mishap: { flipBit: 100 }` }),
  "profile.yaml": profile,
  "fw.bin": firmware(10_000),
});

describe("image", () => {
  test("says what a file holds, for people", async () => {
    const run = await ask(["image", demoHex]);
    expect(run.code).toBe(0);
    expect(run.out.split("\n")).toEqual([
      demoHex,
      "  format    hex, 74472 bytes in the file",
      `  sha256    ${createHash("sha256").update(readFileSync(demoHex)).digest("hex")}`,
      expect.stringMatching(/^ {2}content {3}27060 bytes in 1 segment, \d+\.\d % blank$/),
      "  segment   0x08000000 to 0x080069B3  27060 bytes",
      expect.stringMatching(/^ {2}entry {5}0x0800[0-9A-F]{4}$/),
      "",
    ]);
  });

  test("says it as JSON, one line a file", async () => {
    const folder = bench({ "a.bin": firmware(1000), "b.bin": new Uint8Array(512).fill(0xff) });
    const run = await ask(["image", "a.bin", "b.bin", "--at", "0x08000000", "--json"], folder);
    expect(run.code).toBe(0);
    expect(run.lines()).toEqual([
      expect.objectContaining({
        type: "image",
        file: "a.bin",
        format: "bin",
        bytes: 1000,
        segments: [{ address: 0x0800_0000, bytes: 1000 }],
      }),
      expect.objectContaining({ file: "b.bin", blankShare: 1 }),
    ]);
  });

  test("a broken file ends with 2 and its line; the good ones are still shown", async () => {
    const folder = bench({
      "good.bin": firmware(100),
      "bad.hex": ":10000000000102030405060708090A0B0C0D0E0F78\n:1000100000GG\n:00000001FF\n",
      "bad.s19": "S1130000000102030405060708090A0B0C0D0E0F75\nS9030000FC\n",
      "bad.elf": Buffer.from("\u007fELF and nothing more"),
    });
    const run = await ask(["image", "good.bin", "bad.hex", "bad.s19", "bad.elf", "none.hex", "."], folder);
    expect(run).toMatchObject(refused(2, /^bad\.hex:2: /m));
    expect(run.err).toMatch(/^bad\.s19:1: /m);
    expect(run.err).toMatch(/^bad\.elf: /m);
    expect(run.err).toMatch(/^none\.hex: there is no such file$/m);
    expect(run.err).toMatch(/^\.: this is a folder, not a file$/m);
    expect(run.out).toMatch(/^good\.bin\n {2}format/);
  });

  test.each(["8000000000000", "0x108000000", "x", "-1"])("%s is no address", async (at) => {
    const run = await ask(["image", demoHex, `--at=${at}`]);
    expect(run).toMatchObject(refused(2, /--at: ".*" found, an address such as 0x08000000 was expected/));
    expect(run.out).toBe("");
  });
});

describe("schema", () => {
  test.each([
    ["station", "stations"],
    ["profile", "profiles"],
    ["report", "reports"],
    ["label", "labels"],
  ])("of a %s is the file that lies beside them", async (kind, folder) => {
    const run = await ask(["schema", kind]);
    expect(run).toMatchObject({ code: 0, err: "" });
    expect(run.out).toBe(readFileSync(join(root, folder, `${kind}.schema.json`), "utf8"));
  });

  test("of what the program writes is there too", async () => {
    const run = await ask(["schema", "batch-report"]);
    expect(run).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(run.out)).toMatchObject({ title: "gangflash batch-report" });
  });

  test("of something else is refused with the nearest", async () => {
    expect(await ask(["schema", "statoin"])).toMatchObject(refused(2, /did you mean "station"\?/));
  });
});

describe("profile", () => {
  test("check goes over every file, and says each mistake at its place", async () => {
    const folder = bench({
      ...files(),
      "bad.yaml": profileText("colour: red\nbarcod: x\n"),
      "worse.yaml": "a: [b\n",
    });
    const run = await ask(
      ["profile", "check", "profile.yaml", "bad.yaml", "worse.yaml", "none.yaml"],
      folder,
    );
    expect(run).toMatchObject(refused(2, /^bad\.yaml:12:1: colour: unknown key, known here: profile, /m));
    expect(run.err).toMatch(/^bad\.yaml:13:1: barcod: unknown key, did you mean "barcode"\?$/m);
    expect(run.err).toMatch(/^worse\.yaml:\d:\d+: "\]" was expected at the end of a list$/m);
    expect(run.err).toMatch(/^none\.yaml: no such file$/m);
    expect(run.out).toMatch(
      /^profile\.yaml: test revision A for STM32F405, 10000 bytes, hash [0-9a-f]{16}: no mistake found\n$/,
    );
  });

  test("check as JSON has the issues in parts", async () => {
    const folder = bench({ ...files(), "bad.yaml": profileText("colour: red\n") });
    const run = await ask(["profile", "check", "profile.yaml", "bad.yaml", "--json"], folder);
    expect(run.code).toBe(2);
    expect(run.lines()).toEqual([
      expect.objectContaining({
        type: "profile",
        file: "profile.yaml",
        ok: true,
        profile: "test",
        bytes: 10_000,
      }),
      {
        type: "profile",
        file: "bad.yaml",
        ok: false,
        issues: [
          {
            file: "bad.yaml",
            line: 12,
            column: 1,
            key: "colour",
            message: expect.stringContaining("unknown key"),
          },
        ],
      },
    ]);
  });

  test("check finds what hangs on the images", async () => {
    const folder = bench({ ...files(), "fw.bin": firmware(1_100_000) });
    const run = await ask(["profile", "check", "profile.yaml"], folder);
    expect(run).toMatchObject(
      refused(2, /^fw\.bin: needs 0x08000000 to 0x0810C8DF, STM32F405 has flash from /m),
    );
  });

  test("an image that is not there is a mistake of the profile, at its place", async () => {
    const folder = bench({ "profile.yaml": profileText().replace("fw.bin", "firmware/fw.bin") });
    const run = await ask(["profile", "check", "profile.yaml"], folder);
    expect(run).toMatchObject(
      refused(
        2,
        /^profile\.yaml:6:7: images\.0\.file: "firmware\/fw\.bin" found, there is no such file as firmware\/fw\.bin$/m,
      ),
    );
  });

  test.each([
    ["STM32F103", "0xAA", "0xA5"],
    ["STM32F405", "0xA5", "0xAA"],
  ])("check of an %s says that RDP %s, open on other lines, locks it", async (chip, locked, open) => {
    const rdp = (value: string): string =>
      profileText(`optionBytes: { RDP: ${value} }\n`).replace("STM32F405", chip);
    const folder = bench({
      "locked.yaml": rdp(locked),
      "open.yaml": rdp(open),
      "shut.yaml": rdp("0x00"),
      "fw.bin": firmware(1000),
    });
    const run = await ask(["profile", "check", "locked.yaml", "open.yaml", "shut.yaml"], folder);
    expect(run.code).toBe(0);
    expect(run.err).toBe(
      `note: locked.yaml: optionBytes.RDP: ${locked} locks an ${chip}, which is open with ${open}\n`,
    );
  });

  test("the ones to copy pass", async () => {
    const names = readdirSync(join(root, "profiles")).filter((name) => name.endsWith(".yaml"));
    const run = await ask(["profile", "check", ...names], join(root, "profiles"));
    expect(run).toMatchObject({ code: 0, err: "" });
    expect(run.out.trimEnd().split("\n")).toHaveLength(names.length);
  });

  test("release freezes a revision by its hash, list shows who and when", async () => {
    const folder = bench({ ...files(), "other.yaml": profileText("after: reset\n") });
    const none = await ask(["profile", "list", "--data", "data"], folder);
    expect(none).toMatchObject({
      code: 0,
      out: "",
      err: "no profile is released yet: gangflash profile release FILE\n",
    });
    expect(existsSync(join(folder, "data"))).toBe(false);

    const release = await ask(
      ["profile", "release", "profile.yaml", "--by", "M. Lang", "--data", "data"],
      folder,
    );
    expect(release.code).toBe(0);
    expect(release.out).toMatch(/^test revision A is released by M\. Lang since 20.*Z, hash [0-9a-f]{64}\n$/);
    const again = await ask(
      ["profile", "release", "profile.yaml", "--by", "Somebody", "--data", "data"],
      folder,
    );
    expect(again).toMatchObject({ code: 0, out: release.out });
    const other = await ask(["profile", "release", "other.yaml", "--data", "data"], folder);
    expect(other).toMatchObject(
      refused(2, /test revision A was released on .* with other content .*: give the change a new revision/),
    );

    const list = await ask(["profile", "list", "--json", "--data", "data"], folder);
    expect(list.lines()).toEqual([
      expect.objectContaining({ type: "release", profile: "test", revision: "A", by: "M. Lang" }),
    ]);
  });

  test("what can never be undone needs its word in both places", async () => {
    const folder = bench({
      ...files(),
      "open.yaml": profileText("optionBytes: { RDP: 0xCC }\n"),
      "lock.yaml": profileText("optionBytes: { RDP: 0xCC }\nirreversible: [RDP_LEVEL_2]\n"),
    });
    const release = (...words: string[]): Promise<Ended> =>
      ask(["profile", "release", ...words, "--data", "data"], folder);
    expect(await release("open.yaml")).toMatchObject(
      refused(2, /open\.yaml:12:16: optionBytes\.RDP: 0xCC found: level 2 can never be undone/),
    );
    expect(await release("lock.yaml")).toMatchObject(
      refused(2, /--irreversible RDP_LEVEL_2 was expected beside it/),
    );
    expect(await release("lock.yaml", "--irreversible", "YES")).toMatchObject(
      refused(2, /"YES" found, RDP_LEVEL_2 was expected/),
    );
    expect(await release("profile.yaml", "--irreversible", "RDP_LEVEL_2")).toMatchObject(
      refused(2, /does not say irreversible/),
    );
    expect(existsSync(join(folder, "data"))).toBe(false);
    // An order in which no board may ever run is not opened either.
    const open = ["batch", "open", "WO-9", "--profile", "lock.yaml", "--data", "data"];
    expect(await ask(open, folder)).toMatchObject(
      refused(2, /a release with the word RDP_LEVEL_2 was expected/),
    );
    expect(await release("lock.yaml", "--irreversible", "RDP_LEVEL_2")).toMatchObject({ code: 0, err: "" });
    expect(await ask(open, folder)).toMatchObject({ code: 0, err: "" });
  });
});

describe("batch", () => {
  test("open, show, list, close", async () => {
    const folder = bench(files());
    const batch = (...words: string[]): Promise<Ended> => ask(["batch", ...words, "--data", "data"], folder);
    const open = await batch("open", "WO-1", "--profile", "profile.yaml", "--quantity", "5", "--by", "Lead");
    expect(open).toMatchObject({
      code: 0,
      err: "",
      out: "WO-1  Test board, test revision A, TRIAL  0 of 5 passed, 0 failed  open\n",
    });
    expect(await batch("open", "WO-1", "--profile", "profile.yaml")).toMatchObject(
      refused(2, /there is a batch WO-1 already/),
    );
    expect(await batch("open", "WO-2", "--profile", "profile.yaml")).toMatchObject({ code: 0 });

    const list = await batch("list", "--json");
    expect(list.lines().map((line) => line["id"])).toEqual(["WO-2", "WO-1"]);
    const show = await batch("show", "WO-1", "--json");
    expect(show.lines()).toEqual([
      expect.objectContaining({
        type: "batch",
        id: "WO-1",
        quantity: 5,
        trial: true,
        openedBy: "Lead",
        closedAt: null,
      }),
    ]);

    const close = await batch("close", "WO-1", "--by", "Lead");
    expect(close.code).toBe(0);
    expect(close.out).toMatch(/closed 20.*Z by Lead\n$/);
    expect(await batch("close", "WO-1")).toMatchObject(refused(2, /batch WO-1 was closed on 20.*Z by Lead/));
    expect(await batch("close", "WO-3")).toMatchObject(
      refused(2, /there is no batch WO-3; the newest are WO-2, WO-1/),
    );
    expect(await batch("show", "WO-3")).toMatchObject(
      refused(2, /there is no batch WO-3; the newest are WO-2, WO-1/),
    );
    const late = await ask(runWords(folder, ["A1=UNIT-0001"]));
    expect(late).toMatchObject(refused(2, /batch WO-1 was closed on 20.*Z by Lead; open another one/));
  });

  test("where people are kept, a lead opens and closes; a run opens its own order all the same, and the list says what was simulated", async () => {
    const folder = bench(files());
    const tell = (...words: string[]): Promise<Ended> => ask([...words, "--data", "data"], folder);
    const open = (id: string, ...by: string[]): Promise<Ended> =>
      tell("batch", "open", id, "--profile", "profile.yaml", ...by);
    expect(await tell("people", "add", "Lea", "--role", "lead")).toMatchObject({ code: 0 });
    expect(await tell("people", "add", "Opa", "--role", "operator", "--by", "Lea")).toMatchObject({
      code: 0,
    });
    expect(await open("WO-2")).toMatchObject(refused(2, /^--by: ".*" found, somebody whom the books know/));
    expect(await open("WO-2", "--by", "Opa")).toMatchObject(
      refused(2, /^--by: Opa is operator, somebody who may open-order/),
    );
    expect(await open("WO-2", "--by", "Lea")).toMatchObject({ code: 0 });
    expect(await tell("batch", "close", "WO-2", "--by", "Opa")).toMatchObject(
      refused(2, /^--by: Opa is operator, somebody who may close-order/),
    );
    expect(await tell("batch", "close", "WO-2", "--by", "Lea")).toMatchObject({ code: 0 });
    expect(await ask(runWords(folder, ["A1=UNIT-0001"]))).toMatchObject({ code: 0 });
    const list = await tell("batch", "list", "--json");
    expect(list.lines().map((line) => [line["id"], line["simulated"]])).toEqual([
      ["WO-1", true],
      ["WO-2", false],
    ]);
    expect((await tell("batch", "list")).out).toMatch(/^WO-1 .*, TRIAL, SIMULATED  1 passed/);
  });

  test.each([[""], ["a\u001b[31mb"], [" WO"], ["x".repeat(41)]])("%j is no name of a batch", async (id) => {
    const folder = bench(files());
    const run = await ask(["batch", "open", id, "--profile", "profile.yaml", "--data", "data"], folder);
    expect(run).toMatchObject(
      refused(2, /^batch open: ".*" found, a name of 1 to 40 visible characters was expected$/m),
    );
    expect(existsSync(join(folder, "data"))).toBe(false);
  });

  test.each([
    [["batch", "close", "WO-1"]],
    [["batch", "show", "WO-1"]],
    [["report", "WO-1"]],
    [["unit", "UNIT-0001"]],
    [["audit"]],
    [["backup", "copy.db"]],
  ])("%j in a folder without records ends with 2 and makes none", async (words) => {
    const folder = bench();
    const run = await ask([...words, "--data", "data"], folder);
    expect(run).toMatchObject(refused(2, /data: there are no records yet; the first run begins them/));
    expect(readdirSync(folder)).toEqual([]);
  });

  test("list in a folder without records says how the first comes", async () => {
    const run = await gangflash(["batch", "list"], { env: { GANGFLASH_DATA: join(bench(), "data") } });
    expect(run).toMatchObject({ code: 0, out: "" });
    expect(run.err).toContain("there is no batch yet: the first run opens one");
  });

  test("a profile with another hash does not run in it", async () => {
    const folder = bench(files());
    await ask(["batch", "open", "WO-1", "--profile", "profile.yaml", "--data", "data"], folder);
    writeFileSync(join(folder, "profile.yaml"), profileText("after: reset\n"));
    const run = await ask(runWords(folder, ["A1=UNIT-0001"]));
    expect(run).toMatchObject(
      refused(
        2,
        /batch WO-1 was opened with test revision A \([0-9a-f]{16}\); this profile is test revision A \([0-9a-f]{16}\): open another batch for it/,
      ),
    );
    expect(run.out).toBe("");
  });

  test("a run is a trial until its profile is released, and only of that very content", async () => {
    const folder = bench(files());
    const words = (batch: string, unit: string): string[] =>
      runWords(folder, [`A1=${unit}`]).map((word) => (word === "WO-1" ? batch : word));
    expect((await ask(words("WO-1", "UNIT-0001"))).unit("A1")).toMatchObject({
      outcome: "PASS",
      trial: true,
    });
    await ask(["profile", "release", "profile.yaml", "--data", "data"], folder);
    expect((await ask(words("WO-2", "UNIT-0002"))).unit("A1")).toMatchObject({
      outcome: "PASS",
      trial: false,
    });
    // The order that was opened as a trial is one for ever: its report says so on every page.
    expect((await ask(words("WO-1", "UNIT-0004"))).unit("A1")).toMatchObject({ trial: true });
    writeFileSync(join(folder, "profile.yaml"), profileText("# a comment more\n"));
    expect((await ask(words("WO-3", "UNIT-0003"))).unit("A1")).toMatchObject({
      outcome: "PASS",
      trial: true,
    });
    const list = await ask(["batch", "list", "--json", "--data", "data"], folder);
    expect(list.lines().map((line) => [line["id"], line["trial"]])).toEqual([
      ["WO-3", true],
      ["WO-2", false],
      ["WO-1", true],
    ]);
  });
});

describe("over the records of one batch", () => {
  let folder = "";
  const tell = (...words: string[]): Promise<Ended> => ask([...words, "--data", "data"], folder);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "gangflash-commands-"));
    for (const [name, content] of Object.entries(files())) writeFileSync(join(folder, name), content);
    await ask(runWords(folder, ["A1=UNIT-0001", "A2=UNIT-0002"]));
    await tell("batch", "open", "EMPTY", "--profile", "profile.yaml");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe("report", () => {
    const parts = (of: string): string[] => readdirSync(of).filter((name) => name.includes(".part"));

    test("to a file", async () => {
      const pdf = await tell("report", "WO-1", "--out", "out.pdf");
      expect(pdf).toMatchObject({ code: 0, err: "" });
      expect(pdf.out.trimEnd().endsWith(join(folder, "out.pdf"))).toBe(true);
      const bytes = readFileSync(join(folder, "out.pdf"));
      expect(bytes.subarray(0, 5).toString("latin1")).toBe("%PDF-");
      expect(bytes.subarray(-6).toString("latin1").trim()).toBe("%%EOF");
      const csv = await tell("report", "WO-1", "--format", "csv", "--out", "out.csv", "--json");
      expect(csv.lines()).toEqual([
        expect.objectContaining({ type: "report", batch: "WO-1", format: "csv" }),
      ]);
      const rows = readFileSync(join(folder, "out.csv"), "utf8").trimEnd().split("\r\n");
      expect(rows).toHaveLength(3);
      expect(rows[0]).toContain('"barcode"');
    });

    test("to a folder, under a name of its own that says what it is", async () => {
      mkdirSync(join(folder, "reports"));
      for (const format of ["pdf", "csv"]) {
        const run = await tell("report", "WO-1", "--format", format, "--out", "reports");
        expect(run).toMatchObject({ code: 0, err: "" });
      }
      expect(readdirSync(join(folder, "reports")).toSorted()).toEqual([
        "TRIAL-SIMULATED-WO-1.csv",
        "TRIAL-SIMULATED-WO-1.pdf",
      ]);
    });

    test("without --out, into the folder where one is", async () => {
      expect(await tell("report", "WO-1", "--format", "csv")).toMatchObject({ code: 0 });
      expect(existsSync(join(folder, "TRIAL-SIMULATED-WO-1.csv"))).toBe(true);
    });

    test("again over an older one", async () => {
      writeFileSync(join(folder, "old.csv"), "x".repeat(100_000));
      expect(await tell("report", "WO-1", "--format", "csv", "--out", "old.csv")).toMatchObject({ code: 0 });
      expect(readFileSync(join(folder, "old.csv"), "utf8")).toMatch(/^"seq",/);
      expect(parts(folder)).toEqual([]);
    });

    test("of a batch without a unit", async () => {
      expect(await tell("report", "EMPTY", "--out", "empty.pdf")).toMatchObject({ code: 0, err: "" });
      expect(await tell("report", "EMPTY", "--format", "csv", "--out", "empty.csv")).toMatchObject({
        code: 0,
      });
      expect(readFileSync(join(folder, "empty.csv"), "utf8").trimEnd().split("\r\n")).toHaveLength(1);
    });

    test("into a folder that is not there: 2, and nothing is there", async () => {
      expect(await tell("report", "WO-1", "--out", "none/out.pdf")).toMatchObject(
        refused(2, /none.out\.pdf: the report cannot be written: there is no such folder/),
      );
      expect(await tell("report", "WO-1", "--out", "profile.yaml/out.pdf")).toMatchObject(
        refused(2, /there is no such folder/),
      );
      expect(existsSync(join(folder, "none"))).toBe(false);
      expect(parts(folder)).toEqual([]);
    });

    test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
      "into a folder of somebody else: 2, and nothing is there",
      async () => {
        mkdirSync(join(folder, "locked"));
        chmodSync(join(folder, "locked"), 0o500);
        expect(await tell("report", "WO-1", "--out", "locked")).toMatchObject(
          refused(2, /this user may not write there/),
        );
        expect(readdirSync(join(folder, "locked"))).toEqual([]);
      },
    );

    test("with a definition of one's own", async () => {
      writeFileSync(
        join(folder, "mine.yaml"),
        "report: batch\ntitle: Mine\npaper: Letter\nsections: [made]\n",
      );
      expect(await tell("report", "WO-1", "--definition", "mine.yaml", "--out", "mine.pdf")).toMatchObject({
        code: 0,
      });
      expect(readFileSync(join(folder, "mine.pdf"), "latin1")).toContain("[0 0 612 792]");
      writeFileSync(join(folder, "bad.yaml"), "report: batch\npaper: A5\n");
      expect(await tell("report", "WO-1", "--definition", "bad.yaml")).toMatchObject(
        refused(2, /^bad\.yaml:2:1: paper: "A5" found, one of A4, Letter was expected/m),
      );
    });

    test.each(["unit", "shift", "serials", "slots"])("on a %s too, in every form", async (kind) => {
      const about = {
        unit: ["--unit", "UNIT-0001"],
        shift: ["--shift", "2020-01-01", "--hours", "200000"],
        serials: ["--serials", "test"],
        slots: ["--slots", "--since", "2020-01-01"],
      }[kind];
      for (const format of ["pdf", "csv", "xlsx", "json"]) {
        const run = await tell(
          "report",
          ...(about ?? []),
          "--format",
          format,
          "--out",
          `${kind}.${format}`,
          "--json",
        );
        expect(run).toMatchObject({ code: 0, err: "" });
        expect(run.lines()).toEqual([expect.objectContaining({ type: "report", report: kind, format })]);
      }
      expect(JSON.parse(readFileSync(join(folder, `${kind}.json`), "utf8"))).toMatchObject({ version: 1 });
    });

    test.each([
      [[], /^nothing found, one of BATCH, --unit, --shift, --serials, --slots was expected$/m],
      [["WO-1", "--slots"], /^batch and slots found/m],
      [["WO-1", "--hours", "8"], /^--hours belongs to --shift$/m],
      [
        ["--shift", "2026-02-30"],
        /^--shift: "2026-02-30" found, a time such as "2026-11-22 06:00" was expected$/m,
      ],
      [["--unit", "NOBODY"], /^no unit has "NOBODY"/m],
      [["--serials", "none"], /^no record has a number of the series "none"$/m],
    ])("on %j is refused", async (about, said) => {
      expect(await tell("report", ...about, "--out", "none.pdf")).toMatchObject(refused(2, said));
      expect(existsSync(join(folder, "none.pdf"))).toBe(false);
    });

    test("leaves its line in the audit log, with the hash of the file", async () => {
      expect(await tell("report", "WO-1", "--format", "json", "--out", "noted.json")).toMatchObject({
        code: 0,
      });
      const sha256 = createHash("sha256")
        .update(readFileSync(join(folder, "noted.json")))
        .digest("hex");
      using store = openStore(join(folder, "data"), { mode: "reader" });
      expect(store.deeds({ kind: "exported" }).at(-1)).toMatchObject({
        batch: "WO-1",
        detail: { format: "json", file: "noted.json", sha256 },
      });
    });

    test("of a batch that is not there: 2, with those that are", async () => {
      expect(await tell("report", "WO-9")).toMatchObject(
        refused(2, /there is no batch WO-9; the newest are EMPTY, WO-1/),
      );
    });
  });

  describe("unit", () => {
    test.each([
      ["its barcode", "UNIT-0002"],
      ["its serial number", "T-00002"],
      ["a part of its barcode", "0002"],
      ["a part of its serial number in small letters", "t-00002"],
    ])("is found by %s", async (_by, what) => {
      const run = await tell("unit", what);
      expect(run).toMatchObject({ code: 0, err: "" });
      expect(run.out).toMatch(
        /^unit {5}UNIT-0002\nuid {6}[0-9a-f]{24}\nserial {3}T-00002 {2}written, series test\n/,
      );
      expect(run.out).toMatch(/ FAIL VERIFY_MISMATCH .* TRIAL SIMULATED\n/);
      expect(run.out).toMatch(/\n {2}why {6}at 0x0800/);
    });

    test("is found by its UID in any letters, whole or in part", async () => {
      const [life] = (await tell("unit", "UNIT-0001", "--json")).lines();
      expect(life).toMatchObject({
        type: "unit",
        barcode: "UNIT-0001",
        serials: [{ text: "T-00001", state: "committed" }],
      });
      const uid = String(life?.["uid"]);
      for (const what of [uid, uid.toUpperCase(), uid.slice(4, 16)])
        expect((await tell("unit", what)).out).toMatch(/^unit {5}UNIT-0001\n/);
    });

    test("of a part that several have: 2, and which they are", async () => {
      const run = await tell("unit", "UNIT-");
      expect(run).toMatchObject(refused(2, /^2 units have "UNIT-": one was expected$/m));
      expect(run.out).toMatch(
        /^UNIT-0001 {2}T-00001 {2}[0-9a-f]{24}\nUNIT-0002 {2}T-00002 {2}[0-9a-f]{24}\n$/,
      );
      expect((await tell("unit", "UNIT-", "--json")).lines().map((line) => line.type)).toEqual([
        "candidate",
        "candidate",
      ]);
    });

    test.each([["UNIT-9999"], ["001"], [""], ["%"], ["\u001b[31m"]])("%j is nobody's: 2", async (what) => {
      const run = await tell("unit", what);
      expect(run).toMatchObject(refused(2, /^no unit has ".*" as barcode, serial or UID$/m));
      expect(run.out).toBe("");
      expect(run.err).not.toContain("\u001b");
    });
  });

  describe("audit and backup", () => {
    test("the records are whole, and so is a copy of them", async () => {
      const live = await tell("audit");
      expect(live).toMatchObject({ code: 0, err: "" });
      expect(live.out).toMatch(/^2 records, chain whole\nhead: record 2, [0-9a-f]{64}\n/);
      expect(await tell("backup", "copy.db")).toMatchObject({
        code: 0,
        out: "copy.db: 2 records, chain whole\n",
      });
      const copy = await ask(["audit", "--file", "copy.db", "--json"], folder);
      expect(copy.lines()).toEqual([
        expect.objectContaining({
          type: "audit",
          kind: "whole",
          rows: 2,
          head: { seq: 2, hash: expect.any(String) },
        }),
      ]);
    });

    test("a copy that somebody changed ends with the first broken row, exit 1", async () => {
      await tell("backup", "tampered.db");
      const db = new Database(join(folder, "tampered.db"));
      for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all() as {
        name: string;
      }[])
        db.exec(`DROP TRIGGER "${name}"`);
      const { barcode } = db.prepare("SELECT barcode FROM records WHERE seq = 1").get() as {
        barcode: string;
      };
      db.exec("UPDATE records SET body = replace(replace(body, 'PASS', 'pass'), 'FAIL', 'PASS')");
      db.close();
      const run = await ask(["audit", "--file", "tampered.db"], folder);
      expect(run.code).toBe(1);
      expect(run.out.trimEnd().split("\n").at(-1)).toBe(
        `row 1 (${barcode}): its text is not the text that was hashed`,
      );
      const json = await ask(["audit", "--file", "tampered.db", "--json"], folder);
      expect(json.code).toBe(1);
      expect(json.lines()).toEqual([
        expect.objectContaining({
          type: "audit",
          kind: "broken",
          rows: 0,
          broken: expect.objectContaining({ seq: 1, barcode }),
        }),
      ]);
      expect(await tell("audit")).toMatchObject({ code: 0 });
    });

    test.each([
      ["none.db", /none\.db: there is no such file/],
      ["profile.yaml", /profile\.yaml: it is not a database/],
      ["data", /data: there is a folder of this name/],
    ])("audit --file %s: 2", async (file, said) => {
      expect(await ask(["audit", "--file", file], folder)).toMatchObject(refused(2, said));
    });

    test("a backup to where none can be: 2, and nothing is there", async () => {
      expect(await tell("backup", "none/copy.db")).toMatchObject(refused(2, /none: there is no such folder/));
      expect(await tell("backup", "data")).toMatchObject(
        refused(2, /^data: a folder found, the name of a file was expected$/m),
      );
      expect(await tell("backup", "data/gangflash.db")).toMatchObject(
        refused(2, /a copy cannot take the place of the books themselves/),
      );
      expect(existsSync(join(folder, "none"))).toBe(false);
      expect(await tell("audit")).toMatchObject({ code: 0 });
    });
  });
});

describe("the profiles to copy, on simulated boards", () => {
  test.each([
    ["demo.yaml", "usb", "DEMO-0001"],
    ["usb-f405.yaml", "usb", "UL26000001"],
    ["uart-f405.yaml", "uart", "GW000001"],
  ])("%s passes over %s", async (profile, wire, barcode) => {
    const folder = bench({ "station.yaml": simStation({ A1: `port: "sim:STM32F405:${wire}"` }) });
    const words = [
      "--station",
      "station.yaml",
      "--profile",
      join(root, "profiles", profile),
      "--batch",
      "WO-1",
    ];
    const run = await ask(["run", ...words, "--unit", `A1=${barcode}`, "--data", "data", "--json"], folder);
    expect(run.err).toBe("");
    expect(run.unit("A1")).toMatchObject({ outcome: "PASS", barcode, trial: true, simulated: true });
  });
});
