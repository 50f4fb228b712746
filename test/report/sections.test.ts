import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  columnsComplaint,
  reportKinds,
  standardOf,
  standardReport,
  textWidthMm,
  unitColumnNames,
} from "../../src/report/definition.ts";
import { layout } from "../../src/report/layout.ts";
import { sectionTable } from "../../src/report/sections/table.ts";
import { blocksOf, only, pairsOf, rowsOf } from "./block-readers.ts";
import { attemptOf, factsOf, failed, largeBatch } from "./some-batch.ts";

const good = factsOf(Array.from({ length: 8 }, (_, i) => attemptOf(i + 1)));
const large = factsOf(largeBatch(240));

describe("charts", () => {
  test("thirty units are drawn, fewer stand in tables with the same figures", () => {
    const drawn = blocksOf("charts", large).map(({ type }) => type);
    expect(drawn).toEqual(expect.arrayContaining(["histogram", "bars", "intervals", "stack"]));
    expect(drawn).not.toContain("table");
    const small = blocksOf("charts", good).map(({ type }) => type);
    expect(small).toContain("table");
    for (const chart of ["histogram", "bars", "intervals", "stack"]) expect(small).not.toContain(chart);
  });

  test("failures stand by their number, most first", () => {
    const facts = {
      ...large,
      failures: ["B_CODE", "A_CODE", "C_CODE"].map((code, i) => ({ code, count: i < 2 ? 1 : 2 })),
    };
    const [block] = only(blocksOf("charts", facts), "bars");
    expect(block?.bars.map(({ label, value }) => [label, value])).toEqual([
      ["C_CODE", 2],
      ["A_CODE", 1],
      ["B_CODE", 1],
    ]);
  });

  test("a slot is suspect when its whole interval lies below that of the others, not earlier", () => {
    const notes = (passed: number): string[] => {
      const bySlot = [
        { slot: "A1", passed: 104, tried: 105 },
        { slot: "A3", passed, tried: 30 },
      ];
      const [block] = only(blocksOf("charts", { ...large, bySlot }), "intervals");
      return block?.rows.map(({ note }) => note) ?? [];
    };
    expect(notes(22)[1]).toBe("73.3%, 22 of 30, 55.6 to 85.8; suspect");
    expect(notes(29).join()).not.toContain("suspect");
  });

  test("a slot is not among the others that it is held against", () => {
    const bySlot = [
      { slot: "A1", passed: 20, tried: 20 },
      { slot: "A2", passed: 10, tried: 20 },
    ];
    const [block] = only(blocksOf("charts", { ...large, bySlot }), "intervals");
    expect(block?.rows.map(({ note }) => note.endsWith("suspect"))).toEqual([false, true]);
  });

  test("the parts of a passed attempt's time add up to the whole", () => {
    const [block] = only(blocksOf("charts", large), "stack");
    const passed = large.attempts.filter(({ outcome }) => outcome.kind === "PASS");
    expect(block?.parts.map(({ label }) => label)).toEqual(["erase", "write", "verify", "options", "other"]);
    expect(block?.parts.reduce((sum, { value }) => sum + value, 0)).toBe(
      passed.reduce((sum, { ms }) => sum + ms, 0),
    );
  });

  test("a batch without attempts has no charts", () => {
    expect(blocksOf("charts", factsOf([]))).toEqual([]);
  });
});

describe("not-passed", () => {
  const mismatch = attemptOf(2, {
    outcome: failed("OPTION_MISMATCH", "RDP after the reset: wanted 0xAA, found 0xFF"),
    options: [{ name: "RDP", wanted: 0xaa, before: 0xff, after: 0xff }],
    steps: [
      { step: "options", start: 0, ms: 700, bytes: 16, retries: 0, outcome: "fail", code: "OPTION_MISMATCH" },
    ],
  });

  test("a failed attempt is named with step, wanted and found; its detail stands under it", () => {
    const blocks = blocksOf("not-passed", factsOf([attemptOf(1), mismatch]));
    expect(rowsOf(blocks)).toEqual([
      [
        "22 Nov 06:00",
        "UNIT-04002",
        "A2",
        "1",
        "FAIL",
        "OPTION_MISMATCH",
        "options, after 0.7 s; RDP 0xAA, 0xFF",
      ],
    ]);
    expect(only(blocks, "table")[0]?.rows[0]?.under).toEqual({
      text: "RDP after the reset: wanted 0xAA, found 0xFF",
      from: 1,
    });
  });

  test("a marginal pass is listed with what was repeated", () => {
    const attempt = attemptOf(1, {
      outcome: { kind: "PASS", marginal: true },
      steps: [{ step: "verify", start: 0, ms: 9, bytes: 1, retries: 2, outcome: "done", code: null }],
    });
    expect(rowsOf(blocksOf("not-passed", factsOf([attempt])))[0]?.slice(4)).toEqual([
      "marginal",
      "",
      "verify repeated 2 times",
    ]);
  });

  test("skipped devices are counted apart: they are no failures", () => {
    const foreign = attemptOf(3, { outcome: failed("FOREIGN_DEVICE", "an audio codec") });
    const [text] = only(blocksOf("not-passed", factsOf([mismatch, foreign])), "text");
    expect(text?.text).toBe("1 attempt failed, 0 passed marginally, 1 skipped.");
  });

  test("without a failure it says so", () => {
    const blocks = blocksOf("not-passed", good);
    expect(only(blocks, "text")[0]?.text).toBe("Every attempt passed, none marginally.");
    expect(only(blocks, "table")).toEqual([]);
  });
});

describe("settings", () => {
  const rdp = (seq: number, before: number | null, after: number | null): ReturnType<typeof attemptOf> =>
    attemptOf(seq, { options: [{ name: "RDP", wanted: 0xaa, before, after }] });

  test("one value stands alone", () => {
    expect(rowsOf(blocksOf("settings", factsOf([rdp(1, 0xaa, 0xaa), rdp(2, 0xaa, 0xaa)])))).toEqual([
      ["RDP", "0xAA", "0xAA", "0xAA", "", "2"],
    ]);
  });

  test("values have their counts, a single deviating unit its name, the unreadable a column", () => {
    const attempts = [rdp(1, 0xaa, 0xaa), rdp(2, 0xaa, 0xaa), rdp(3, 0xff, 0xff), rdp(4, null, null)];
    expect(rowsOf(blocksOf("settings", factsOf(attempts)))).toEqual([
      ["RDP", "0xAA", "0xAA 2, 0xFF UNIT-04003", "0xAA 2, 0xFF UNIT-04003", "1", "4"],
    ]);
  });

  test("a unit counts once, as its last attempt left it", () => {
    const again = { ...rdp(2, 0xff, 0xaa), barcode: attemptOf(1).barcode, attempt: 2 };
    expect(rowsOf(blocksOf("settings", factsOf([rdp(1, 0xff, 0xff), again])))).toEqual([
      ["RDP", "0xAA", "0xFF", "0xAA", "", "1"],
    ]);
  });

  test("a value of its own in each unit is counted, not listed without end", () => {
    const attempts = Array.from({ length: 50 }, (_, i) => rdp(i + 1, i, i));
    const [row = []] = rowsOf(blocksOf("settings", factsOf(attempts)));
    expect(row[3]).toMatch(/, 42 other values$/);
  });

  test("no settings is a sentence", () => {
    expect(rowsOf(blocksOf("settings", factsOf([attemptOf(1, { options: [] })])))).toEqual([]);
  });
});

test("rework stands with its reason, notes with their unit", () => {
  const attempts = [
    attemptOf(1, { reason: "rework", reworkReason: "new crystal", attempt: 2 }),
    attemptOf(2, { notes: ["two devices with one serial"] }),
  ];
  expect(rowsOf(blocksOf("notes", factsOf(attempts))).map((row) => row.slice(1))).toEqual([
    ["UNIT-04001", "A1", "2", "rework: new crystal"],
    ["UNIT-04002", "A2", "1", "two devices with one serial"],
  ]);
  expect(only(blocksOf("notes", good), "text")[0]?.text).toBe("None.");
});

describe("units", () => {
  test("every attempt has a row in the order of the chain, and only there", () => {
    expect(rowsOf(blocksOf("units", large)).map((row) => row.at(-1))).toEqual(
      large.attempts.map(({ seq }) => String(seq)),
    );
  });

  test("a row says unit, serial, UID in groups, slot, try, result, seconds, record", () => {
    const uid = "004d002c3436510e33353135";
    const facts = factsOf([attemptOf(1, { uid }), attemptOf(2, { uid: null, serial: null, trial: true })]);
    expect(rowsOf(blocksOf("units", facts))).toEqual([
      ["UNIT-04001", "V60-2647-00001", "004d002c 3436510e 33353135", "A1", "1", "PASS", "14.3", "1"],
      ["UNIT-04002", "-", "-", "A2", "1", "trial PASS", "14.4", "2"],
    ]);
  });

  test("the columns of any definition fill the text and no more", () => {
    for (const columns of [standardReport.units.columns, ["unit"], ["record", "unit"]] as const) {
      const definition = { ...standardReport, units: { columns } };
      const [table] = only(sectionTable.units(good, definition), "table");
      expect(table?.columns.reduce((sum, { mm }) => sum + mm, 0)).toBe(textWidthMm);
    }
  });

  test("columns that are twice there or too wide are refused with the reason", () => {
    expect(columnsComplaint(standardReport.units.columns)).toBeNull();
    expect(columnsComplaint([])).toBe("no column");
    expect(columnsComplaint(["unit", "slot", "unit"])).toBe(
      '"unit" found a second time, each column was expected once',
    );
    expect(columnsComplaint(unitColumnNames)).toMatch(
      /^the columns need \d+ mm, at most 178 mm were expected$/,
    );
  });
});

describe("serials", () => {
  test("the numbers are counted by state, each void one has its reason", () => {
    const [serial] = attemptOf(2).serials;
    if (serial === undefined) throw new Error("no serial");
    const attempt = attemptOf(2, {
      outcome: failed("BOARD_LEFT", ""),
      serials: [{ ...serial, state: "void" }],
    });
    const blocks = blocksOf("serials", factsOf([attemptOf(1), attempt]));
    expect(pairsOf(blocks).get("Void")).toBe("1");
    expect(rowsOf(blocks)).toEqual([["V60-2647-00002", "vesc-60", "UNIT-04002", "2", "FAIL BOARD_LEFT"]]);
  });

  test("simulated boards have no list of numbers, nor has a batch without any", () => {
    expect(blocksOf("serials", factsOf([attemptOf(1, { realm: "sim" })]))).toEqual([]);
    expect(blocksOf("serials", factsOf([attemptOf(1, { serials: [] })]))).toEqual([]);
  });
});

test("the chain is told by its first and last record; simulated boards have none", () => {
  const pairs = pairsOf(blocksOf("chain", good));
  expect(pairs.get("First record")).toBe(`1, after ${good.attempts[0]?.previousHash}`);
  expect(pairs.get("Last record, the head")).toBe("8");
  expect(blocksOf("chain", factsOf([attemptOf(1, { realm: "sim" })]))).toEqual([]);
});

describe("layout", () => {
  test("the sections come in the order of the definition", () => {
    const definition = { ...standardReport, sections: ["units", "settings"] as const };
    expect(only(layout(good, definition), "section").map(({ text }) => text)).toEqual([
      "Every unit: 8 units, 8 attempts",
      "Chip settings",
    ]);
  });

  test("a small batch goes on from page to page, a large one begins a page for each part", () => {
    expect(only(layout(good, standardReport), "page").length).toBe(1);
    expect(only(layout(large, standardReport), "page").length).toBe(3);
  });

  test("sections that have nothing to say leave one sentence, not an empty file", () => {
    expect(layout(factsOf([]), { ...standardReport, sections: ["charts", "chain"] })).toEqual([
      expect.objectContaining({ type: "text" }),
    ]);
  });

  test.each(reportKinds)("reports/%s.yaml is the standard report", (kind) => {
    const text = readFileSync(new URL(`../../reports/${kind}.yaml`, import.meta.url), "utf8");
    const { units } = standardOf(kind);
    expect({ units, font: null, logo: null, ...(parse(text) as object) }).toEqual(standardOf(kind));
  });
});
