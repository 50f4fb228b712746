import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { fill } from "../../src/lib/phrases.ts";
import { faults } from "../../src/model/fault.ts";
import type { FaultCode } from "../../src/model/fault.ts";
import type { Call } from "../../src/model/call.ts";
import type { RefusalCode } from "../../src/model/refusal.ts";
import { sayCall } from "../../src/ui/call.ts";
import type { Phrase, Words } from "../../src/ui/words/catalogue.ts";
import { languages, wordsFor } from "../../src/ui/words/languages.ts";
import { failure, order, plain, station } from "./bench.ts";

const codes = Object.keys(faults) as FaultCode[]; // the table's own keys

const plainGerman = wordsFor("de", "xterm-256color", false);

describe.each([...Object.entries(languages), ["plain German", plainGerman] as const])("in %s", (_, words) => {
  test.each(codes)("%s fits in 60 columns and says what to do", (code) => {
    expect(stringWidth(words.faults[code])).toBeLessThanOrEqual(60);
    expect(words.faults[code]).toMatch(/[.。]$/);
  });

  test.each(Object.keys(words.refused) as RefusalCode[])("a refusal by %s fits in 60 columns", (code) => {
    expect(stringWidth(fill(words.refused[code], { of: "WO-4711" }))).toBeLessThanOrEqual(60);
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
      { kind: "done", failed: 0, mayClose: true },
      { kind: "done", failed: 24, mayClose: true },
      { kind: "scan", slot: "H8", armed: 64 },
      { kind: "scan", slot: null, armed: 64 },
      { kind: "passed", slot: "A1" },
      { kind: "load", found: 62, of: 64, look: ["A4", "B1"] },
      { kind: "log-in", ask: "badge", name: "" },
      { kind: "log-in", ask: "name", name: "" },
      { kind: "log-in", ask: "pin", name: "A. Novak" },
      { kind: "order" },
      { kind: "golden", slot: "H8", barcode: "UNIT-00001" },
      { kind: "look-up" },
      { kind: "teach", slot: "H8", of: 64, places: [] },
      { kind: "teach", slot: null, of: 64, places: [] },
      ...(["RECORDS_LOST", "STATION_UNFIT", "GOLDEN_FAILED"] as const).map((code): Call => ({
        kind: "stop",
        code,
      })),
      { kind: "ask", question: { what: "retire", slot: "H8", reason: "contact" } },
      { kind: "ask", question: { what: "restore", slot: "H8" } },
      { kind: "ask", question: { what: "close-order", order: "WO-4711", open: null } },
      { kind: "ask", question: { what: "close-order", order: "WO-4711", open: 120 } },
      { kind: "ask", question: { what: "reject-article", slot: "A1", barcode: "UNIT-1" } },
      { kind: "ask", question: { what: "log-out" } },
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
    keys: [{ key: "Ctrl-C", does: "leave" }],
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

describe("the catalogue", () => {
  const texts = (words: Words): readonly string[] =>
    [
      words.phrases,
      words.faults,
      words.refused,
      words.stops,
      words.reasons,
      words.roles,
      words.keys,
      words.deeds,
    ].flatMap((part) => Object.values<string>(part));
  const ambiguous = (text: string): readonly string[] =>
    Array.from(text).filter((char) => stringWidth(char) !== stringWidth(char, { ambiguousIsNarrow: false }));

  test("has the same holes in each language", () => {
    const holes = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();
    for (const words of [languages.de, languages.zh])
      for (const [key, text] of Object.entries(words.phrases))
        expect(holes(text), key).toEqual(holes(languages.en.phrases[key as Phrase])); // its own key
  });

  test("is of one width in every terminal, but for u umlaut and sharp s of German", () => {
    for (const words of [languages.en, languages.zh, plainGerman])
      for (const text of texts(words)) expect(ambiguous(text), text).toEqual([]);
    for (const text of texts(languages.de))
      expect(
        ambiguous(text).every((char) => "üÜß".includes(char)),
        text,
      ).toBe(true);
  });

  test("speaks English on the Linux console, and plain German where nobody knows how wide an umlaut is", () => {
    expect(wordsFor("zh", "linux", true)).toBe(languages.en);
    expect(wordsFor("de", "xterm", true).faults.BOARD_LEFT).toContain("draußen");
    expect(wordsFor("de", "xterm", false).faults.BOARD_LEFT).toContain("draussen");
    expect(wordsFor("zh", "xterm", false)).toBe(languages.zh);
  });
});
