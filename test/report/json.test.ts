import { Ajv, type AnySchema } from "ajv";
import { describe, expect, test } from "vitest";
import { writtenSchemaText } from "../../src/cli/engineer/schema.ts";
import { batchReport } from "../../src/report/kinds/batch.ts";
import { decidedBatch } from "./decided-batch.ts";
import { attemptOf, factsOf, failed, largeBatch } from "./some-batch.ts";
import type { BatchFacts } from "../../src/model/facts.ts";

const reportOf = (facts: BatchFacts): ReturnType<typeof batchReport> => {
  const { attempts, ...head } = facts;
  return batchReport(
    head,
    () => attempts,
    () => facts,
  );
};
const text = (facts: BatchFacts): string => [...reportOf(facts).json()].join("");
// A validator that is not ours; it does not know the formats that zod names, the patterns it does.
const ajv = new Ajv({
  allErrors: true,
  formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ },
});
const judge = ajv.compile(JSON.parse(writtenSchemaText("batch-report")) as AnySchema);
function mistakes(json: unknown): unknown {
  return judge(json) === true ? [] : judge.errors;
}

describe("the JSON report of a batch", () => {
  test.each([
    ["with decisions", decidedBatch()],
    ["of nothing", factsOf([])],
    ["simulated, a trial", factsOf(largeBatch(9, { trial: true, realm: "sim" }))],
    [
      "without chip and number",
      factsOf([attemptOf(1, { uid: null, chip: null, serial: null, serials: [] })]),
    ],
  ])("%s is what the published schema says", (_what, facts) => {
    expect(mistakes(JSON.parse(text(facts)))).toEqual([]);
  });

  test("another thing is not", () => {
    const json = JSON.parse(text(decidedBatch())) as { counts: { passed: unknown }; attempts: unknown[] };
    json.counts.passed = "240";
    json.attempts.push({});
    expect(mistakes(json)).not.toEqual([]);
  });

  test("says the facts, and each attempt whole, in a line of its own", () => {
    const facts = decidedBatch();
    const said = text(facts);
    const json = JSON.parse(said) as { attempts: { seq: number; void: string | null }[] };
    expect(json).toMatchObject({
      type: "batch-report",
      version: 1,
      trial: false,
      counts: facts.counts,
      figures: facts.figures,
      head: facts.head,
      batch: { id: "WO-4711", closedAt: facts.batch.closedAt?.toISOString() },
    });
    expect(json.attempts).toEqual(
      facts.attempts.map((attempt) => ({
        ...(JSON.parse(JSON.stringify(attempt)) as object),
        void: facts.voids.some(({ seq }) => seq === attempt.seq) ? "operator held the wrong tray" : null,
      })),
    );
    expect(said.trimEnd().split("\n").length).toBe(facts.attempts.length + 2);
  });

  test("an escape, a bidi mark or half a character is told as an escape, and is the same value", () => {
    const detail = "\u001b[31mred \u202e \ud800 中 é";
    const said = text(factsOf([attemptOf(1, { outcome: failed("STATION_BUG", detail) })]));
    expect(said.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(said).toContain("中 é");
    const [attempt] = (JSON.parse(said) as { attempts: { outcome: { failure: { detail: string } } }[] })
      .attempts;
    expect(attempt?.outcome.failure.detail).toBe(detail);
  });

  test("what comes after the head was counted is not in it", () => {
    const { attempts, ...head } = factsOf(largeBatch(8));
    const running = batchReport(
      head,
      () => [...attempts, attemptOf(900)],
      () => factsOf([]),
    );
    const json = JSON.parse([...running.json()].join("")) as { attempts: unknown[] };
    expect(json.attempts.length).toBe(attempts.length);
    expect([...running.csv()].join("")).not.toContain("900,");
  });
});
