import { readFileSync, writeFileSync } from "node:fs";
import { unzipSync, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { packCommand } from "../../../../src/cli/papers/pack.ts";
import { reportCommand } from "../../../../src/cli/papers/report.ts";
import { records } from "../../../../src/cli/selftest/records.ts";
import type { ReportFormat } from "../../../../src/report/file-name.ts";
import { audit } from "../../../../src/store/audit/audit.ts";
import { benchWith, failures, toldBy } from "./some-bench.ts";

test("the audit finds what was done to copies, and papers count as the books do", async () => {
  const told = await toldBy(records(benchWith()));
  expect(told.filter(({ passed }) => !passed)).toEqual([]);
  expect(told.length).toBe(15);
});

test("an audit that says whole of anything is found out by each tampering", async () => {
  const whole: typeof audit = (file, options) => {
    const report = audit(file, options);
    return report.kind === "whole"
      ? report
      : { kind: "whole", rows: 8, head: null, deeds: 0, deedHead: null, signatures: 1, keys: [] };
  };
  const found = await failures(records(benchWith({ broken: { audit: whole } })));
  expect(found.length).toBe(6);
  for (const text of found) expect(text).toMatch(/^On a copy, .*: the audit says whole$/);
});

test("an audit that names another row than the broken one is found out", async () => {
  const shifted: typeof audit = (file, options) => {
    const report = audit(file, options);
    if (report.kind === "whole") return report;
    return { ...report, broken: { ...report.broken, seq: report.broken.seq + 1 } };
  };
  expect((await failures(records(benchWith({ broken: { audit: shifted } })))).length).toBe(6);
});

test("an audit that knows fewer records than there were attempts is found out", async () => {
  const fewer: typeof audit = (file, options) => {
    const report = audit(file, options);
    return report.kind === "whole" ? { ...report, rows: report.rows - 1 } : report;
  };
  expect(await failures(records(benchWith({ broken: { audit: fewer } })))).toEqual([
    "The books of a work order that was run and closed: audit whole: 7 records of 8 attempts, signed once",
  ]);
});

/** Reports that came out wrong, each in its own way. */
const spoilt: Readonly<Record<ReportFormat, (bytes: Buffer) => Uint8Array>> = {
  // Its last row is missing.
  csv: (bytes) => Buffer.from(`${bytes.toString("utf8").split("\r\n").slice(0, -2).join("\r\n")}\r\n`),
  // A unit that failed is one that passed.
  json: (bytes) => Buffer.from(bytes.toString("utf8").replace('"kind":"FAIL"', '"kind":"PASS"')),
  xlsx(bytes) {
    const files = unzipSync(bytes);
    for (const [name, content] of Object.entries(files))
      if (name.endsWith(".xml"))
        files[name] = Buffer.from(Buffer.from(content).toString("utf8").replaceAll("ST-000003", "ST-000002"));
    return zipSync(files);
  },
  // Cut off.
  pdf: (bytes) => bytes.subarray(0, bytes.length - 20),
};

describe.each(["csv", "json", "xlsx", "pdf"] as const)("a report as %s", (format) => {
  test("that is not as the books are is found out", async () => {
    const report: typeof reportCommand = async (options, io) => {
      const code = await reportCommand(options, io);
      const { out } = options;
      if (options.format === format && out !== null) writeFileSync(out, spoilt[format](readFileSync(out)));
      return code;
    };
    const found = await failures(records(benchWith({ broken: { report } })));
    expect(found.length).toBe(1);
    expect(found[0]).toMatch(new RegExp(`^Batch report as ${format.toUpperCase()}: `));
  });
});

/** The pack with one file changed. */
const packWith =
  (name: string, change: (bytes: Uint8Array) => Uint8Array<ArrayBuffer>): typeof packCommand =>
  async (options, io) => {
    const code = await packCommand(options, io);
    const out = options.out ?? "";
    const files = unzipSync(readFileSync(out));
    files[name] = change(files[name] ?? new Uint8Array());
    writeFileSync(out, zipSync(files));
    return code;
  };

test("a pack whose records or signature are not the station's is found out", async () => {
  const changed = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
    Buffer.from(Buffer.from(bytes).toString("utf8").replace("VERIFY_MISMATCH", "VERIFY_MISMATCHE"));
  const inRecords = packWith("records.jsonl", changed);
  expect(await failures(records(benchWith({ broken: { pack: inRecords } })))).toEqual([
    expect.stringMatching(/^The pack of the batch: it broke off: line \d of records\.jsonl has another hash/),
    "The pack's list of files: records.jsonl has another one",
  ]);
  const inSignature = packWith("statement.sig", (bytes) => Uint8Array.from(bytes, (byte) => byte ^ 1));
  expect(await failures(records(benchWith({ broken: { pack: inSignature } })))).toEqual([
    "The pack's list of files: statement.sig has another one",
    "The station's signature of the batch: not good; not for a statement of which one letter differs",
  ]);
});
