import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openStore } from "../../src/store/open-store.ts";
import {
  bench,
  firmware,
  gangflash,
  mishapEnds,
  profileText,
  runWords,
  simStation,
  start,
} from "./gangflash.ts";

const eight = ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"];
const sim = `port: "sim:STM32F405:uart"`;
const boards = (over: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(eight.map((name) => [name, over[name] ?? sim]));
const units = eight.map((name, i) => `${name}=UNIT-000${i + 1}`);
const oneBench = (slot: string, profile = profileText()): string =>
  bench({ "station.yaml": simStation({ A1: slot }), "profile.yaml": profile, "fw.bin": firmware(10_000) });

describe("a gang run", () => {
  test("eight simulated boards pass, and the lines are those of the contract", async () => {
    const folder = bench({
      "station.yaml": simStation(boards()),
      "profile.yaml": profileText(),
      "fw.bin": firmware(10_000),
    });
    const run = await gangflash(runWords(folder, units));
    expect(run.err).toBe("");
    expect(run.code).toBe(0);
    const lines = run.lines();
    expect(lines[0]).toEqual({ type: "run", batch: "WO-1", profile: "test", revision: "A", slots: eight });
    expect(lines.at(-1)).toMatchObject({ type: "summary", passed: 8, failed: 0, skipped: 0 });
    expect(lines.filter((line) => line.type === "unit")).toHaveLength(8);
    const a1 = run.unit("A1");
    expect(Object.keys(a1)).toEqual([
      "type",
      "slot",
      "barcode",
      "serial",
      "uid",
      "chip",
      "outcome",
      "failure",
      "ms",
      "attempt",
      "marginal",
      "trial",
      "simulated",
    ]);
    expect(a1).toMatchObject({
      barcode: "UNIT-0001",
      serial: "T-00001",
      outcome: "PASS",
      failure: null,
      attempt: 1,
      marginal: false,
      trial: true,
      simulated: true,
    });
    expect(a1["uid"]).toMatch(/^[0-9a-f]{24}$/);
    const serials = eight.map((slot) => run.unit(slot)["serial"]);
    expect(new Set(serials).size).toBe(8);
    const steps = lines.filter(
      (line) => line.type === "step" && line["slot"] === "A1" && line["state"] === "done",
    );
    expect(steps.map((line) => line["step"])).toEqual([
      "identify",
      "bind",
      "erase",
      "write",
      "verify",
      "options",
      "prove",
      "launch",
    ]);
    expect(lines.find((line) => line.type === "progress")).toMatchObject({
      slot: expect.any(String),
      step: expect.any(String),
      done: expect.any(Number),
      total: expect.any(Number),
    });
  });

  test("one board with a bad cell fails, the other seven pass, exit 1", async () => {
    const folder = bench({
      "station.yaml": simStation(boards({ B1: `${sim}, mishap: { flipBit: 5000 }` })),
      "profile.yaml": profileText(),
      "fw.bin": firmware(10_000),
    });
    const run = await gangflash(runWords(folder, units));
    expect(run.code).toBe(1);
    expect(run.unit("B1")).toMatchObject({ outcome: "FAIL", failure: { code: "VERIFY_MISMATCH" } });
    expect(run.lines().at(-1)).toMatchObject({ passed: 7, failed: 1 });
  });

  test.each(mishapEnds)("a board with { %s } ends as %s %s", async (mishap, outcome, code) => {
    const run = await gangflash(runWords(oneBench(`${sim}, mishap: { ${mishap} }`), ["A1=UNIT-0001"]));
    expect(run.unit("A1")).toMatchObject({ outcome, failure: { code } });
    expect(run.code).toBe(1);
  });

  test.each([["nackWrite: 3"], ["noiseRead: 4"]])(
    "what had to be done again after { %s } makes a marginal pass",
    async (mishap) => {
      const run = await gangflash(runWords(oneBench(`${sim}, mishap: { ${mishap} }`), ["A1=UNIT-0001"]));
      expect(run.unit("A1")).toMatchObject({ outcome: "PASS", marginal: true });
      expect(run.code).toBe(0);
    },
  );

  test("a locked board is unprotected where the profile says so, and says it in its record", async () => {
    const folder = oneBench(
      `${sim}, mishap: { protected: true }`,
      profileText("onProtected: unprotect\noptionBytes: { RDP: 0xAA }\n"),
    );
    const run = await gangflash(runWords(folder, ["A1=UNIT-0001"]));
    expect(run.unit("A1")).toMatchObject({ outcome: "PASS" });
    const life = await gangflash(["unit", "UNIT-0001", "--data", join(folder, "data")]);
    expect(life.out).toContain("the chip was locked");
  });

  test("a unit that has passed here is made again only with a reason", async () => {
    const folder = oneBench(sim);
    expect((await gangflash(runWords(folder, ["A1=UNIT-0001"]))).code).toBe(0);
    const again = await gangflash(runWords(folder, ["A1=UNIT-0001"]));
    expect(again.code).toBe(2);
    expect(again.err).toContain("UNIT-0001 has passed in batch WO-1 already");
    const rework = await gangflash(runWords(folder, ["A1=UNIT-0001"], ["--rework", "U1 reflowed"]));
    expect(rework.unit("A1")).toMatchObject({ outcome: "PASS", attempt: 2, serial: "T-00001" });
  });

  test("a board that comes back after a failure gets its own number again", async () => {
    const folder = oneBench(`${sim}, mishap: { flipBit: 100 }`);
    expect((await gangflash(runWords(folder, ["A1=UNIT-0001"]))).unit("A1")).toMatchObject({
      outcome: "FAIL",
      serial: "T-00001",
    });
    const station = readFileSync(join(folder, "station.yaml"), "utf8").replace(/, mishap: .*? \}/, " ");
    const good = bench({
      "station.yaml": station,
      "profile.yaml": profileText(),
      "fw.bin": firmware(10_000),
    });
    const words = runWords(good, ["A1=UNIT-0001"]).map((word) =>
      word === join(good, "data") ? join(folder, "data") : word,
    );
    expect((await gangflash(words)).unit("A1")).toMatchObject({
      outcome: "PASS",
      serial: "T-00001",
      attempt: 2,
    });
  });

  test("under burn-on-failure it takes a new one", async () => {
    const profile = profileText().replace(
      `format: "T-{n:05}"`,
      `format: "T-{n:05}", policy: burn-on-failure`,
    );
    const folder = oneBench(`${sim}, mishap: { flipBit: 100 }`, profile);
    expect((await gangflash(runWords(folder, ["A1=UNIT-0001"]))).unit("A1")).toMatchObject({
      serial: "T-00001",
    });
    expect((await gangflash(runWords(folder, ["A1=UNIT-0001"]))).unit("A1")).toMatchObject({
      serial: "T-00002",
    });
  });

  test("a range that cannot serve the whole gang starts nobody", async () => {
    const profile = profileText().replace(`format: "T-{n:05}"`, `format: "T-{n:05}", start: 1, end: 3`);
    const folder = bench({
      "station.yaml": simStation(boards()),
      "profile.yaml": profile,
      "fw.bin": firmware(10_000),
    });
    const run = await gangflash(runWords(folder, units));
    expect(run.code).toBe(2);
    expect(run.out).toBe("");
    expect(run.err).toContain("needs 8 new numbers and 3 are left");
    expect((await gangflash(runWords(folder, units.slice(0, 3)))).code).toBe(0);
  });

  test.each([
    ["UNIT-000{m}", '--panel: "{m}" found, {slot}, {n} or {n:02} was expected for the place'],
    ["", '--panel: "" found, the code of a panel was expected, such as P-17-{n:02}'],
  ])("a panel code %j starts nobody", async (panel, said) => {
    const profile = profileText().replace('barcode: "^UNIT-[0-9]{4,8}$"\n', "");
    const folder = oneBench(sim, profile);
    const run = await gangflash(runWords(folder, [], ["--all", "--panel", panel]));
    expect(run).toMatchObject({ code: 2, out: "", err: `${said}\n` });
    expect(existsSync(join(folder, "data"))).toBe(false);
  });

  test("an order that a run opens is not younger than its first attempt", async () => {
    const folder = oneBench(sim);
    expect((await gangflash(runWords(folder, ["A1=UNIT-0001"]))).code).toBe(0);
    using store = openStore(join(folder, "data"), { mode: "reader" });
    const [attempt] = store.attemptsOf("UNIT-0001", "sim");
    const opened = store.findBatch("WO-1")?.openedAt.getTime() ?? Infinity;
    expect(opened).toBeLessThanOrEqual(attempt?.startedAt.getTime() ?? -Infinity);
  });

  test("Ctrl-C brings every slot to a record, exit 130", async () => {
    const slot = `${sim}, pace: real`;
    const folder = bench({
      "station.yaml": simStation({ A1: slot, A2: slot }),
      "profile.yaml": profileText(),
      "fw.bin": firmware(15_000),
    });
    const run = start(runWords(folder, ["A1=UNIT-0001", "A2=UNIT-0002"]));
    await waitFor(() => run.out().includes(`"step":"write"`));
    run.child.kill("SIGINT");
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(ended.unit("A1")).toMatchObject({ outcome: "ABORTED", failure: { code: "INTERRUPTED" } });
    expect(ended.unit("A2")).toMatchObject({ outcome: "ABORTED" });
    const audit = await gangflash(["audit", "--data", join(folder, "data")]);
    expect(audit.out).toContain("2 records, chain whole");
  });

  test("an error that nobody held ends the run with records, one sentence and exit 3", async () => {
    const slot = `${sim}, pace: real`;
    const folder = bench({
      "station.yaml": simStation({ A1: slot, A2: slot }),
      "profile.yaml": profileText(),
      "fw.bin": firmware(15_000),
    });
    // A mistake that can be called for, in the program's own process.
    const mistake = "process.on('SIGUSR2',()=>void%20Promise.reject(new%20Error('nobody%20held%20this')))";
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${mistake}` };
    const run = start(runWords(folder, ["A1=UNIT-0001", "A2=UNIT-0002"]), { env });
    await waitFor(() => run.out().includes(`"step":"write"`));
    run.child.kill("SIGUSR2");
    const ended = await run.ended;
    expect(ended.err.trimEnd()).toBe("gangflash: this is a mistake of the program: nobody held this");
    expect(ended.code).toBe(3);
    for (const name of ["A1", "A2"])
      expect(ended.unit(name)).toMatchObject({ outcome: "ERROR", failure: { code: "STATION_BUG" } });
    const audit = await gangflash(["audit", "--data", join(folder, "data")]);
    expect(audit.out).toContain("2 records, chain whole");
  });

  test("a second station on the same data is refused with exit 3 while look-ups go on", async () => {
    const folder = oneBench(`${sim}, pace: real, mishap: { slowErase: 8 }`);
    const run = start(runWords(folder, ["A1=UNIT-0001"]));
    await waitFor(() => run.out().includes(`"step":"erase"`));
    const second = await gangflash(runWords(folder, ["A1=UNIT-0002"]));
    expect(second.code).toBe(3);
    expect(second.err).toContain(`in use by gangflash with process id ${run.child.pid ?? 0}`);
    const list = await gangflash(["batch", "list", "--data", join(folder, "data")]);
    expect(list.out).toContain("WO-1");
    expect((await run.ended).code).toBe(0);
  });
});

describe("what is refused before any board is touched", () => {
  const good = {
    "station.yaml": simStation({ A1: sim }),
    "profile.yaml": profileText(),
    "fw.bin": firmware(10_000),
  };
  const cases: readonly [
    string,
    Readonly<Record<string, string | Uint8Array>>,
    readonly string[],
    number,
    RegExp,
  ][] = [
    ["a barcode that does not match", {}, ["A1=WRONG"], 2, /A1="WRONG" found, profile test expects/],
    ["a barcode with an escape", {}, ["A1=UNIT-0001\u001b[31m"], 2, /1 to 100 visible characters/],
    ["a slot that is not there", {}, ["A2=UNIT-0001"], 2, /there is no slot "A2", did you mean "A1"\?/],
    ["a unit without its slot", {}, ["UNIT-0001"], 2, /SLOT=BARCODE was expected/],
    [
      "one barcode twice",
      { "station.yaml": simStation({ A1: sim, A2: sim }) },
      ["A1=UNIT-0001", "A2=UNIT-0001"],
      2,
      /barcode UNIT-0001 stands there twice/,
    ],
    ["one slot twice", {}, ["A1=UNIT-0001", "A1=UNIT-0002"], 2, /slot A1 stands there twice/],
    [
      "an image larger than the flash",
      { "fw.bin": firmware(1_100_000) },
      ["A1=UNIT-0001"],
      2,
      /fw\.bin: needs 0x08000000 to 0x0810C8DF, STM32F405 has flash from 0x08000000 to 0x080FFFFF/,
    ],
    [
      "a broken HEX line",
      {
        "fw.hex":
          ":10000000000102030405060708090A0B0C0D0E0F78\n:10001000000102030405060708090A0B0C0D0E0F69\n:00000001FF\n",
        "profile.yaml": profileText().replace("{ file: fw.bin, at: 0x08000000 }", "{ file: fw.hex }"),
      },
      ["A1=UNIT-0001"],
      2,
      /fw\.hex:2: .*checksum/i,
    ],
    [
      "an unknown option byte",
      { "profile.yaml": profileText("optionBytes: { BOR_LVL: 1 }\n") },
      ["A1=UNIT-0001"],
      2,
      /profile\.yaml:\d+:\d+: optionBytes\.BOR_LVL: unknown option byte, did you mean "BOR_LEV"\?/,
    ],
    [
      "level 2 without its word",
      { "profile.yaml": profileText("optionBytes: { RDP: 0xCC }\n") },
      ["A1=UNIT-0001"],
      2,
      /RDP: 0xCC found: level 2 can never be undone/,
    ],
    [
      "level 2 without a release that says it too",
      { "profile.yaml": profileText("optionBytes: { RDP: 0xCC }\nirreversible: [RDP_LEVEL_2]\n") },
      ["A1=UNIT-0001"],
      2,
      /a release with the word RDP_LEVEL_2 was expected/,
    ],
    [
      "an option byte out of range",
      { "profile.yaml": profileText("optionBytes: { BOR_LEV: 4 }\n") },
      ["A1=UNIT-0001"],
      2,
      /BOR_LEV: 4 found, 0 to 3 was expected/,
    ],
    [
      "a duplicate slot",
      {
        "station.yaml": `station: t\nslots:\n  - { name: A1, port: "sim:STM32F405:uart" }\n  - { name: A1, port: "sim:STM32F405:uart" }\n`,
      },
      ["A1=UNIT-0001"],
      2,
      /station\.yaml:4:\d+: slots\.1\.name: "A1" found a second time/,
    ],
    [
      "a missing port",
      { "station.yaml": simStation({ A1: `port: "uart:/dev/no-such-port"` }) },
      ["A1=UNIT-0001"],
      3,
      /slot A1: there is no serial port \/dev\/no-such-port/,
    ],
    [
      "an image outside its folder",
      { "profile.yaml": profileText().replace("file: fw.bin", "file: ../fw.bin") },
      ["A1=UNIT-0001"],
      2,
      /images\.0\.file: "\.\.\/fw\.bin" found, it leads out of this file's folder/,
    ],
    [
      "a serial number too long for its field",
      { "profile.yaml": profileText().replace("length: 16", "length: 4") },
      ["A1=UNIT-0001"],
      2,
      /"T-00001" has 7 characters, the field has 4 bytes/,
    ],
    [
      "a key that is not known",
      { "profile.yaml": profileText("optinBytes: {}\n") },
      ["A1=UNIT-0001"],
      2,
      /unknown key, did you mean "optionBytes"\?/,
    ],
    [
      "a barcode with a space at its end",
      { "profile.yaml": profileText().replace(/barcode: .*\n/, "") },
      ["A1=UNIT-0001 "],
      2,
      /A1="UNIT-0001 " found, a barcode of 1 to 100 visible characters was expected/,
    ],
    [
      "a barcode of nothing but a space",
      { "profile.yaml": profileText().replace(/barcode: .*\n/, "") },
      ["A1= "],
      2,
      /no space at its ends/,
    ],
    [
      "a profile before its first day",
      { "profile.yaml": profileText(`from: "2999-01-01"\n`) },
      ["A1=UNIT-0001"],
      2,
      /may not run before 2999-01-01; nobody was started/,
    ],
    [
      "a profile after its last day",
      { "profile.yaml": profileText(`until: "2020-12-31"\n`) },
      ["A1=UNIT-0001"],
      2,
      /may not run after 2020-12-31; nobody was started/,
    ],
    [
      "a limit that the gang is over",
      { "profile.yaml": profileText("limit: 1\n"), "station.yaml": simStation({ A1: sim, A2: sim }) },
      ["A1=UNIT-0001", "A2=UNIT-0002"],
      2,
      /a limit of 1 units in an order: 0 passed in batch WO-1, this gang has 2 more/,
    ],
    [
      "a range that cannot serve the gang",
      {
        "profile.yaml": profileText().replace(`"T-{n:05}"`, `"T-{n:05}", end: 1`),
        "station.yaml": simStation({ A1: sim, A2: sim }),
      },
      ["A1=UNIT-0001", "A2=UNIT-0002"],
      2,
      /needs 2 new numbers? and 1 (is|are) left; nobody was started/,
    ],
    [
      "a gang before its first article",
      {
        "profile.yaml": profileText("firstArticle: true\n"),
        "station.yaml": simStation({ A1: sim, A2: sim }),
      },
      ["A1=UNIT-0001", "A2=UNIT-0002"],
      2,
      /one unit was expected until then, this gang has 2; nobody was started/,
    ],
    ["no such file", { "profile.yaml": "" }, ["A1=UNIT-0001"], 2, /profile\.yaml:1:1/],
  ];

  test.each(cases)("%s", async (_name, over, given, code, message) => {
    const folder = bench({ ...good, ...over });
    const run = await gangflash(runWords(folder, given));
    expect(run.err).toMatch(message);
    expect(run.err).not.toMatch(/\n\s+at /);
    expect(run.code).toBe(code);
    expect(run.out).toBe("");
    expect(existsSync(join(folder, "data", "gangflash.db")) && (await recordsIn(folder)) > 0).toBe(false);
    const orders = await gangflash(["batch", "list", "--json", "--data", join(folder, "data")]);
    expect(orders.out).toBe("");
  });
});

describe("what the profile says against mistakes holds without a screen, too", () => {
  const two = simStation({ A1: sim, A2: sim });

  test("a first article that waits for its second person keeps the next unit out", async () => {
    const folder = bench({
      "station.yaml": two,
      "profile.yaml": profileText("firstArticle: true\n"),
      "fw.bin": firmware(5000),
    });
    expect((await gangflash(runWords(folder, ["A1=UNIT-0001"]))).code).toBe(0);
    const next = await gangflash(runWords(folder, ["A2=UNIT-0002"]));
    expect(next.err).toMatch(/UNIT-0001 in A1 waits for that on the screen; nobody was started/);
    expect(next.code).toBe(2);
    expect(next.out).toBe("");
  });

  test("a slot that a lead has retired gets no board: named, the gang is refused; --all leaves it out", async () => {
    const folder = bench({ "station.yaml": two, "profile.yaml": profileText(), "fw.bin": firmware(5000) });
    const data = join(folder, "data");
    const owner = { mode: "owner", station: "test-bench", timezone: null, toolVersion: "test" } as const;
    const store = openStore(data, owner);
    store.record({
      at: new Date(),
      kind: "slot-retired",
      by: "M. Lang",
      role: "lead",
      batch: null,
      slot: "A1",
      barcode: null,
      realm: null,
      detail: { station: "test-bench", reason: "cable" },
    });
    store.close();
    const named = await gangflash(runWords(folder, ["A1=UNIT-0001", "A2=UNIT-0002"]));
    expect(named.err).toMatch(/slot A1 was retired by M\. Lang: cable; a lead gives it back/);
    expect(named.code).toBe(2);
    const all = await gangflash(runWords(folder, [], ["--all", "--panel", "UNIT-000{n}"]));
    expect(all.code).toBe(0);
    expect(all.lines()[0]).toMatchObject({ type: "run", slots: ["A2"] });
    expect(all.unit("A2")).toMatchObject({ barcode: "UNIT-0002", outcome: "PASS" });
  });

  test("a limit lets so many pass and one of them be made again, but no other", async () => {
    const folder = bench({
      "station.yaml": two,
      "profile.yaml": profileText("limit: 1\n"),
      "fw.bin": firmware(5000),
    });
    expect((await gangflash(runWords(folder, ["A1=UNIT-0001"]))).code).toBe(0);
    expect((await gangflash(runWords(folder, ["A2=UNIT-0002"]))).code).toBe(2);
    const again = await gangflash(runWords(folder, ["A1=UNIT-0001"], ["--rework", "new firmware"]));
    expect(again.err).toBe("");
    expect(again.code).toBe(0);
  });
});

async function recordsIn(folder: string): Promise<number> {
  const audit = await gangflash(["audit", "--json", "--data", join(folder, "data")]);
  return Number(audit.lines()[0]?.["rows"] ?? 0);
}

async function waitFor(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((done) => setTimeout(done, 10));
}
