import { existsSync } from "node:fs";
import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import { writtenKinds, writtenSchemaText } from "../../src/cli/engineer/schema.ts";
import type { AttemptRecord } from "../../src/model/attempt.ts";
import {
  standardOf,
  type FontChoice,
  type ReportDefinition,
  type ReportKind,
} from "../../src/report/definition.ts";
import { isPlain, loadFonts, type Fonts } from "../../src/report/paper/fonts.ts";
import { qualificationReport } from "../../src/report/kinds/qualification.ts";
import { gapsOf, serialReport, seriesOf } from "../../src/report/kinds/serials.ts";
import { shiftReport } from "../../src/report/kinds/shift.ts";
import { slotReport } from "../../src/report/kinds/slots.ts";
import { unitReport } from "../../src/report/kinds/unit.ts";
import { sheets } from "../../src/report/paper/mark.ts";
import { composePages } from "../../src/report/paper/pdf.ts";
import type { Report } from "../../src/report/report.ts";
import { production, runFactsOf } from "../../src/report/run-facts.ts";
import { slotCounts } from "../../src/report/slot-counts.ts";
import { momentOf } from "../../src/report/times.ts";
import { markingOfAttempts } from "../../src/report/words.ts";
import { deedOf } from "./decided-batch.ts";
import { drawPdf } from "./drawn.ts";
import { overlaps } from "./overlaps.ts";
import { qualificationOf } from "./some-qualification.ts";
import { attemptOf, factsOf, failed, largeBatch } from "./some-batch.ts";

const from = new Date("2026-11-22T05:00:00Z");
const to = new Date("2026-11-22T13:00:00Z");
const timezone = "Europe/Berlin";
const large = largeBatch(240);
const period = (attempts: readonly AttemptRecord[]): Parameters<typeof shiftReport>[0] => ({
  attempts,
  voids: [],
  from,
  to,
  timezone,
});
const broken = attemptOf(1, { outcome: failed("VERIFY_MISMATCH", "0x08000000: 5A, 5B") });
const again = attemptOf(9, { barcode: broken.barcode, attempt: 2, reason: "rework", reworkReason: "U3" });
const unit = unitReport({
  timezone,
  unit: {
    barcode: broken.barcode,
    realm: "line",
    uid: broken.uid,
    serials: [{ series: "vesc-60", text: "V60-2647-00001", state: "committed" }],
    firstSeen: broken.startedAt,
    attempts: [broken, again],
    elsewhere: [{ ...attemptOf(77, { barcode: broken.barcode }), books: "line2", void: null }],
    deeds: [deedOf(1, { barcode: broken.barcode, detail: { record: 1, reason: "wrong tray" } })],
  },
});
const series = (attempts: readonly AttemptRecord[]): Report => {
  const facts = seriesOf("vesc-60", attempts, timezone);
  if (facts === null) throw new Error("no number of the series");
  return serialReport(facts);
};

// A validator that is not ours; it does not know the formats that zod names.
const ajv = new Ajv({
  allErrors: true,
  formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ },
});
const judges = new Map(
  writtenKinds.map((kind) => [kind as string, ajv.compile(JSON.parse(writtenSchemaText(kind)) as AnySchema)]),
);
function mistakes(kind: string, json: unknown): unknown {
  const judge = judges.get(kind);
  if (judge === undefined) throw new Error(`no schema of ${kind}`);
  return judge(json) === true ? [] : judge.errors;
}

const reports: readonly { readonly name: string; readonly kind: ReportKind; readonly report: Report }[] = [
  { name: "a unit", kind: "unit", report: unit },
  { name: "a shift", kind: "shift", report: shiftReport(period(large)) },
  { name: "an idle shift", kind: "shift", report: shiftReport(period([])) },
  { name: "a series", kind: "serials", report: series(large) },
  {
    name: "the slots",
    kind: "slots",
    report: slotReport({
      ...period(large),
      deeds: [
        deedOf(1, { kind: "slot-retired", slot: "A3", detail: { station: "line1-bench", reason: "pins" } }),
      ],
    }),
  },
  { name: "no slots", kind: "slots", report: slotReport({ ...period([]), deeds: [] }) },
  { name: "a qualification", kind: "qualification", report: qualificationReport(qualificationOf()) },
  {
    name: "a qualification that failed",
    kind: "qualification",
    report: qualificationReport(qualificationOf(["I03", "O04", "D01"])),
  },
  { name: "a trial shift", kind: "shift", report: shiftReport(period(largeBatch(8, { trial: true }))) },
];

/** A free font with Chinese, where a package of the system has one; CFF and TrueType both. */
const chinese = ((): FontChoice | null => {
  const places = [
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
  ];
  const file = places.find((place) => existsSync(place));
  return file === undefined ? null : { regular: file, bold: file };
})();

const open = new Map<string, Promise<Fonts>>();

/** A Chinese font is large: opened once for all. */
function opened(definition: ReportDefinition): Promise<Fonts> {
  const name = definition.font?.regular ?? "";
  const fonts = open.get(name) ?? loadFonts(definition.font, isPlain(definition));
  open.set(name, fonts);
  return fonts;
}

/** Texts that stand outside of their columns or over others. */
async function outOfPlace(report: Report, definition: ReportDefinition): Promise<unknown[]> {
  const found: unknown[] = [];
  const { blocks, cover } = report.paper(definition);
  const sheet = sheets[definition.paper];
  const fonts = await opened(definition);
  for (const page of composePages(blocks, definition, cover, fonts)) {
    const texts = page.marks.filter((mark) => mark.type === "text");
    const outside = texts.filter(
      ({ x, width, limit }) => x < sheet.left - 0.001 || x + width > limit + 0.001,
    );
    found.push(...outside, ...overlaps(texts));
  }
  return found;
}

describe.each(reports)("$name", ({ kind, report }) => {
  test.each([
    ["A4", "en"],
    ["Letter", "en"],
    ["Letter", "de"],
  ] as const)(
    "nothing stands outside its column or over another text on %s in %s",
    async (paper, language) => {
      expect(await outOfPlace(report, { ...standardOf(kind, language), paper })).toEqual([]);
    },
  );

  test.skipIf(chinese === null)("in Chinese as well, where a font for it is installed", async () => {
    const definition = { ...standardOf(kind, "zh"), font: chinese };
    expect(await outOfPlace(report, definition)).toEqual([]);
  });

  test("Chinese with Noto Sans is refused by its first character, before there is a file", async () => {
    const definition = standardOf(kind, "zh");
    const { blocks, cover } = report.paper(definition);
    await expect(drawPdf(blocks, definition, cover)).rejects.toThrow(
      /^page 1, in ".*": the (?:bold|regular) font has no ".*" \(U\+[0-9A-F]{4}\)/,
    );
  });

  test("the same facts give the same bytes", async () => {
    const definition = standardOf(kind);
    const draw = async (): Promise<Uint8Array> => {
      const { blocks, cover } = report.paper(definition);
      return drawPdf(blocks, definition, cover);
    };
    expect(Buffer.compare(await draw(), await draw())).toBe(0);
  });

  test("its JSON is what the published schema says, and no other's", () => {
    const json = JSON.parse([...report.json()].join("")) as { type: string };
    expect(mistakes(json.type, json)).toEqual([]);
    for (const other of writtenKinds.filter((one) => one !== json.type))
      expect(mistakes(other, json)).not.toEqual([]);
    for (const key of Object.keys(json)) {
      const { [key]: _gone, ...rest } = json as Record<string, unknown>;
      expect([key, mistakes(json.type, rest)]).not.toEqual([key, []]);
    }
  });

  test("its other forms can be read, and have a row for each row", () => {
    expect(JSON.parse([...report.json()].join(""))).toMatchObject({
      type: expect.stringMatching(/^(\w+-report|selftest)$/),
      version: 1,
    });
    const csv = [...report.csv()].join("").trimEnd().split("\r\n");
    const [, second] = report.sheets();
    const rows = {
      unit: report.sheets()[0],
      shift: report.sheets()[2],
      serials: report.sheets()[0],
      slots: report.sheets()[0],
      qualification: report.sheets()[0],
      batch: second,
    }[kind];
    expect(csv.length).toBe((rows?.rows.length ?? 0) + 1);
  });
});

describe("a qualification", () => {
  const textsOf = (failed: readonly string[]): string[] => {
    const { blocks } = qualificationReport(qualificationOf(failed)).paper(standardOf("qualification"));
    return blocks.flatMap((block) => {
      if (block.type === "title") return [`${block.text}: ${block.under}`];
      if (block.type === "text" || block.type === "section") return [block.text];
      if (block.type === "foot") return block.sign;
      return block.type === "table" ? [`table of ${block.rows.length}`] : [];
    });
  };

  test("says on page 1 what it is, what it is not, and who signs it", () => {
    expect(textsOf([])).toEqual([
      "Qualification of the station line1-bench: 136 checks passed, 0 failed",
      "This is evidence for the customer's own validation of this software for its use, and no certificate of compliance with any standard or regulation.",
      expect.stringContaining("the boards were simulated"),
      "Performed by: name, date, signature",
      "Reviewed by: name, date, signature",
      expect.stringContaining("Installation"),
      "table of 15",
      expect.stringContaining("Operation"),
      "table of 99",
      expect.stringContaining("Durability"),
      "table of 7",
      expect.stringContaining("Records"),
      "table of 15",
    ]);
  });

  test("has what failed on page 1 as well", () => {
    const texts = textsOf(["O04", "D01"]);
    expect(texts[0]).toContain("134 checks passed, 2 failed");
    expect(texts.slice(3, 5)).toEqual(["Checks that failed", "table of 2"]);
  });
});

describe("what counts as production", () => {
  const line = attemptOf(1);
  const trial = attemptOf(2, { trial: true });
  const sim = attemptOf(3, { realm: "sim" });
  test("released work on real boards, and nothing beside it", () => {
    expect(production([line, trial, sim])).toEqual({ attempts: [line], trials: 1, simulated: 1 });
    expect(production([trial, sim])).toEqual({ attempts: [trial], trials: 0, simulated: 1 });
    expect(production([sim])).toEqual({ attempts: [sim], trials: 0, simulated: 0 });
  });

  test("a shift with a trial beside it says what it leaves out, and is no trial itself", () => {
    const report = shiftReport(period([line, trial, sim]));
    expect(report.marking).toEqual({ trial: false, simulated: "no" });
    const { blocks } = report.paper(standardOf("shift"));
    expect(JSON.stringify(blocks)).toContain("attempts 1 of trial orders, 1 on simulated boards");
  });

  test.each([[[line, trial, sim]], [[trial, sim]], [[sim]], [[]]])(
    "slots are counted in one pass as a shift chooses its attempts",
    (all) => {
      const chosen = production(all);
      expect(slotCounts(all, new Set())).toMatchObject({
        chosen: { trials: chosen.trials, simulated: chosen.simulated },
        marking: markingOfAttempts(chosen.attempts),
        last: chosen.attempts.at(-1) ?? null,
        rows: chosen.attempts.map(({ slot }) => ({ slot, tried: 1 })),
      });
    },
  );

  test("attempts are counted as the books count those of a batch", () => {
    const facts = factsOf(large);
    const run = runFactsOf(large, [], timezone);
    expect(run.counts).toMatchObject({
      firstSeen: facts.counts.firstSeen - 1,
      firstPass: facts.counts.firstPass,
    });
    expect(run.failures).toEqual(
      [...facts.failures].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
    );
    expect(run.bySlot.reduce((sum, { tried }) => sum + tried, 0)).toBe(large.length - 1);
  });

  test("what is void counts nowhere", () => {
    const mark = { seq: 1, barcode: broken.barcode, attempt: 1, reason: "", by: "", at: from };
    expect(runFactsOf([broken], [mark], timezone)).toMatchObject({
      failures: [],
      bySlot: [],
      counts: { seen: 0 },
    });
  });
});

describe("a series", () => {
  test("tells the numbers between its first and last that no record has", () => {
    const facts = seriesOf(
      "vesc-60",
      [1, 2, 4, 8].map((n) => attemptOf(n)),
      timezone,
    );
    expect(gapsOf(facts?.numbers ?? [])).toEqual(["3", "5 to 7"]);
  });

  test("is told by its last record, and not by simulated boards beside real ones", () => {
    const sim = attemptOf(3, { realm: "sim" });
    const facts = seriesOf("vesc-60", [attemptOf(1), sim], timezone);
    expect(facts?.numbers.map(({ number }) => number)).toEqual([1]);
    expect(seriesOf("vesc-60", [sim], timezone)?.simulated).toBe(true);
    expect(seriesOf("other", [sim], timezone)).toBeNull();
  });
});

test("a slot is suspect when its whole interval lies below that of the others", () => {
  const many = Array.from({ length: 120 }, (_, i) =>
    attemptOf(i + 1, i % 8 === 2 && i % 3 !== 0 ? { outcome: failed("LINK_SILENT", "") } : {}),
  );
  const json = JSON.parse([...slotReport({ ...period(many), deeds: [] }).json()].join("")) as {
    slots: { slot: string; suspect: boolean; codes: object }[];
  };
  expect(json.slots.filter(({ suspect }) => suspect).map(({ slot }) => slot)).toEqual(["A3"]);
  expect(json.slots.find(({ slot }) => slot === "A3")?.codes).toEqual({ LINK_SILENT: 10 });
});

test("an attempt that is void says nothing of its slot", () => {
  const mark = { seq: broken.seq, barcode: broken.barcode, attempt: 1, reason: "", by: "", at: from };
  const good = attemptOf(2, { slot: broken.slot });
  const report = slotReport({ ...period([broken, good]), voids: [mark], deeds: [] });
  expect(JSON.parse([...report.json()].join(""))).toMatchObject({
    slots: [{ slot: broken.slot, tried: 1, passed: 1, codes: {} }],
  });
});

test("a time of the wall clock is a moment, also on the day when the clocks change", () => {
  const at = (wall: string): string => momentOf(new Date(`${wall}Z`), "Europe/Berlin").toISOString();
  expect(at("2026-11-22T06:00")).toBe("2026-11-22T05:00:00.000Z");
  expect(at("2026-03-29T06:00")).toBe("2026-03-29T04:00:00.000Z");
  expect(at("2026-03-29T01:00")).toBe("2026-03-29T00:00:00.000Z");
  expect(at("2026-10-25T22:00")).toBe("2026-10-25T21:00:00.000Z");
});

test.skipIf(chinese === null)(
  "a Chinese report is PDF/A with one font inside, in no more than its letters",
  async () => {
    const definition = { ...standardOf("unit", "zh"), font: chinese };
    const { blocks, cover } = unit.paper(definition);
    const pdf = Buffer.from(await drawPdf(blocks, definition, cover));
    expect(pdf.toString("latin1")).toContain("<pdfaid:part>2</pdfaid:part>");
    expect(pdf.toString("latin1").match(/\/Type \/FontDescriptor/g)).toHaveLength(1);
    expect(pdf.length).toBeLessThan(1_000_000);
  },
);
