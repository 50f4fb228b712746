import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { faults } from "../../src/model/fault.ts";
import type { FaultCode } from "../../src/model/fault.ts";
import type { Call, RefusalCode } from "../../src/model/view.ts";
import { sayCall } from "../../src/ui/call.ts";
import { languages } from "../../src/ui/sentences.ts";
import { failure, order, plain, station } from "./bench.ts";

const codes = Object.keys(faults) as FaultCode[]; // the table's own keys

describe.each(Object.entries(languages))("in %s", (_, words) => {
  test.each(codes)("%s fits in 60 columns and says what to do", (code) => {
    expect(stringWidth(words.faults[code])).toBeLessThanOrEqual(60);
    expect(words.faults[code]).toMatch(/\.$/);
  });

  test.each(Object.keys(words.refused) as RefusalCode[])("a refusal by %s fits in 60 columns", (code) => {
    expect(stringWidth(words.refused[code].replace("{of}", "WO-4711"))).toBeLessThanOrEqual(60);
  });

  test("what the station says of itself fits in 60 columns", () => {
    const calls: readonly Call[] = [
      { kind: "leave", running: 64, stopping: false },
      { kind: "leave", running: 1, stopping: false },
      { kind: "leave", running: 64, stopping: true },
      { kind: "running", running: 50, of: 64, aboutMs: 99_000 },
      { kind: "running", running: 50, of: 64, aboutMs: 5_940_000 },
      { kind: "paused", running: 0 },
      { kind: "paused", running: 64 },
      { kind: "scan", slot: "H8", armed: 0 },
      { kind: "scan", slot: null, armed: 0 },
      { kind: "done", failed: 0, mayClose: false },
      { kind: "done", failed: 2400, mayClose: false },
    ];
    for (const call of calls)
      expect(stringWidth(sayCall(station({ call }), words, 79).sentence), call.kind).toBeLessThanOrEqual(60);
  });
});

test.each(codes)("%s in a rehearsal stands in row 6 uncut, with its slot", (code) => {
  const row = plain(
    station({ mode: "rehearsal", call: { kind: "failed", slot: "H10", outcome: failure(code) } }),
  )[5];
  expect(row).toBe(` REHEARSAL. H10: ${faults[code].say}`);
});

test("a unit that failed again has the station's own sentence", () => {
  const again = "Failed again in the same way. Put board in red bin.";
  const outcome = { kind: "FAIL", failure: { code: "LINK_NOISE", message: again, detail: "" } } as const;
  expect(plain(station({ call: { kind: "failed", slot: "A1", outcome } }))[5]).toBe(` A1: ${again}`);
});

test("a long barcode is cut at its front, never the sentence", () => {
  const barcode = `UNIT-${"0".repeat(190)}4711`;
  const row = plain(station({ call: { kind: "refused", code: "SCAN_FORMAT", barcode, of: "" } }))[5] ?? "";
  expect(row).toMatch(/^ ~0+4711: Not a label of this product\. Scan the label on the board\.$/);
  expect(row.length).toBeLessThanOrEqual(80);
});

test("a demonstration prints what to type", () => {
  const view = station({
    mode: "rehearsal",
    call: { kind: "scan", slot: "A3", armed: 0 },
    offered: ["DEMO-0003", "DEMO-0004"],
  });
  const rows = plain(view);
  expect(rows[5]).toBe(" REHEARSAL. Type DEMO-0003 and Enter: that board runs in A3.");
  expect(rows[21]).toBe(" TYPE  DEMO-0003  DEMO-0004");
  expect(rows[22]).toBe(" SCAN> _  type DEMO-0003 and Enter   Ctrl-C leave");
});

test("an order with no end has no bar", () => {
  const batch = { ...order, quantity: null, perHour: null, endsAt: null };
  const rows = plain(station({ batch }));
  expect(rows[18]).toContain("PASS 109   FAIL 3");
  expect(rows[19]).toBe("");
});
