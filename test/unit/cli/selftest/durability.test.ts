import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { SelftestBench } from "../../../../src/cli/selftest/bench.ts";
import { durability, saidComplaints, startComplaints } from "../../../../src/cli/selftest/durability.ts";
import { numberComplaints, passComplaints } from "../../../../src/cli/selftest/judge-numbers.ts";
import type { RunEnd, UnitLine } from "../../../../src/cli/selftest/killed-runs.ts";
import type { RawBooks } from "../../../../src/cli/selftest/read-books.ts";
import { benchWith, failures, toldBy } from "./some-bench.ts";

const root = resolve(import.meta.dirname, "../../../..");
const main = join(root, "src/main.ts");

/** The program from its sources, with words before it that plant a fault into each gang run. */
function faulty(fault: string): SelftestBench {
  const bench = benchWith();
  const file = join(bench.folder, "faulty.mjs");
  writeFileSync(
    file,
    `import { createRequire } from "node:module";
     const words = process.argv.slice(2);
     const data = words[words.indexOf("--data") + 1];
     const [command] = words;
     ${fault.includes("command") ? fault : `if (command === "run") { ${fault} }`}
     await import(${JSON.stringify(main)});`,
  );
  return { ...bench, program: [process.execPath, file] };
}

test("a killed program starts again, and the flash of its boards and its books agree", async () => {
  const told = await toldBy(durability(benchWith()));
  expect(told.filter(({ passed }) => !passed)).toEqual([]);
  expect(told.length).toBeGreaterThan(5);
}, 120_000);

test("where a machine has no ptys, the books and what was told are judged, and the check says so", async () => {
  const bench = faulty(`
    if (command === "simulate") { process.stderr.write("gangflash: no pty to be had\\n"); process.exit(3); }`);
  const told = await toldBy(durability(bench));
  expect(told.filter(({ passed }) => !passed)).toEqual([]);
  expect(told.map(({ what }) => what)).toContain(
    "No number twice, by the books and what was told (gangflash: no pty to be had: flash outlives no kill here)",
  );
}, 120_000);

test("a program that acknowledges what is in no record is found out", async () => {
  const bench = faulty(`
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text, ...rest) =>
      write(String(text).replaceAll(/"serial":"ST-000001"/g, '"serial":"ST-000901"'), ...rest);`);
  expect(await failures(durability(bench))).toEqual([
    "No acknowledged unit without its record: ST-UNIT-1 attempt 1: PASS with ST-000901 was told, and is in no record",
  ]);
}, 120_000);

test("books that lose their last record at the end of a run are found out", async () => {
  const bench = faulty(`
    process.on("exit", () => {
      const Database = createRequire(${JSON.stringify(main)})("better-sqlite3");
      const db = new Database(data + "/gangflash.db");
      for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
        db.exec("DROP TRIGGER " + name);
      db.pragma("foreign_keys = OFF");
      db.exec("DELETE FROM records WHERE seq = (SELECT max(seq) FROM records)");
    });`);
  const found = await failures(durability(bench));
  expect(found).toContainEqual(
    expect.stringMatching(/^No acknowledged unit without its record: .* is in no record/),
  );
  expect(found).toContainEqual(expect.stringMatching(/^No attempt is left open: .* has no record/));
}, 120_000);

test("a program that does not start again after a kill is found out", async () => {
  const bench = faulty(`
    const { existsSync } = await import("node:fs");
    if (existsSync(data)) { process.stderr.write("gangflash: the data folder is held\\n"); process.exit(3); }`);
  expect(await failures(durability(bench))).toContainEqual(
    expect.stringMatching(
      /^It starts again after each kill, and nobody mends anything: a run ended with 3: gangflash: the data folder is held; \d+ more$/,
    ),
  );
}, 120_000);

describe("the judge of what was killed", () => {
  const books = (more: Partial<RawBooks> = {}): RawBooks => ({
    records: [{ seq: 1, barcode: "U1", attempt: 1, outcome: "PASS", code: null, serial: "ST-000001" }],
    numbers: [{ text: "ST-000001", state: "committed", barcode: "U1" }],
    open: [],
    shared: [],
    attempts: 1,
    ...more,
  });
  const chip = (barcode: string, ...numbers: string[]) => ({ barcode, numbers });
  const said: UnitLine = { barcode: "U1", attempt: 1, serial: "ST-000001", outcome: "PASS", failure: null };
  const all = (chips: Parameters<typeof numberComplaints>[0], of = books()): string[] => [
    ...numberComplaints(chips, of),
    ...passComplaints(chips, of),
  ];

  test("has nothing against chips and books that agree", () => {
    expect(all([chip("U1", "ST-000001"), chip("U2")])).toEqual([]);
    expect(saidComplaints([said], books())).toEqual([]);
  });

  test.each([
    [[chip("U1", "ST-000001"), chip("U2", "ST-000001")], {}, "ST-000001 lies in 2 chips: U1, U2"],
    [
      [chip("U1", "ST-000001"), chip("U2", "ST-000002")],
      {},
      "ST-000002 lies in the chip of U2 and is not in the ledger",
    ],
    [[chip("U2", "ST-000001")], {}, "ST-000001 lies in the chip of U2 and is U1's in the ledger"],
    [
      [chip("U1", "ST-000001", "ST-000002")],
      {
        numbers: [
          { text: "ST-000001", state: "committed", barcode: "U1" },
          { text: "ST-000002", state: "written", barcode: "U1" },
        ],
      },
      "the chip of U1 has ST-000001 and ST-000002",
    ],
    [[chip("U1")], {}, "U1 passed with ST-000001, its chip has none"],
    [
      [chip("U1", "ST-000001")],
      { numbers: [{ text: "ST-000001", state: "reserved", barcode: "U1" }] },
      "ST-000001 is still reserved",
    ],
    [[chip("U1", "ST-000001")], { shared: ["ST-000001"] }, "ST-000001 was written for two units"],
    [
      [chip("U1", "ST-000001")],
      {
        records: [
          ...books().records,
          { seq: 2, barcode: "U2", attempt: 1, outcome: "PASS", code: null, serial: "ST-000001" },
        ],
      },
      "ST-000001 passed with U1 and with U2",
    ],
  ] as const)("finds %j over %j", (chips, more, complaint) => {
    expect(all(chips, books(more as Partial<RawBooks>))).toContain(complaint);
  });

  test("finds a unit that was told and is in no record, and a board that never passed", () => {
    expect(saidComplaints([{ ...said, attempt: 2 }], books())).toEqual([
      "U1 attempt 2: PASS with ST-000001 was told, and is in no record",
    ]);
    const end: RunEnd = { killed: true, code: null, span: { start: 1, work: 1 }, units: [], err: "" };
    expect(
      startComplaints({ units: ["U1", "U2", "U3"], scrapped: new Set(["U3"]), ends: [end], books: books() }),
    ).toEqual(["U2 has not passed"]);
    expect(
      startComplaints({
        units: ["U1"],
        scrapped: new Set(),
        ends: [{ ...end, killed: false, code: 3, err: "a\nheld\n" }],
        books: books(),
      }),
    ).toEqual(["a run ended with 3: held"]);
  });
});
