import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { stepNames } from "../../src/model/event.ts";
import type { Outcome } from "../../src/model/event.ts";
import { faults } from "../../src/model/fault.ts";
import type { FaultCode } from "../../src/model/fault.ts";
import { refusalCodes } from "../../src/model/refusal.ts";
import type { Call } from "../../src/model/call.ts";
import type { SlotState, SlotView } from "../../src/model/slot-view.ts";
import type { StationView } from "../../src/model/view.ts";
import { frame } from "../../src/ui/frame.ts";
import { themeOf } from "../../src/ui/theme.ts";
import type { ColourMode } from "../../src/ui/theme.ts";
import { clock, ended, failure, now, plain, running, station, tray } from "./bench.ts";

/** Foreign text: plain, any Unicode, or made to move a cursor. */
const text = fc.oneof(
  fc.string({ maxLength: 24 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom(
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x07",
    "\x90q\x9c",
    "\u202Eabc",
    "a\u0301\u0327",
    "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}",
    "\u{1F1E9}\u{1F1EA}",
    "产品 60",
    "Ää ß",
    "\uD800",
    "\u1100\u1161",
    "กำ",
    "\u0D4E",
  ),
);
const short = fc.oneof(fc.constantFrom("A1", "B2", "H10"), text);
const count = fc.oneof(fc.nat({ max: 99_999 }), fc.constant(0));
const ms = fc.oneof(fc.double({ min: 0, max: 1e7, noNaN: true }), fc.constant(0));
const code = fc.constantFrom(...(Object.keys(faults) as FaultCode[])); // the table's own keys

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.boolean().map((marginal) => ({ kind: "PASS", marginal }) as const),
  fc.tuple(code, text).map(([which, detail]): Outcome => {
    const { verdict, say } = faults[which];
    return { kind: verdict, failure: { code: which, message: detail === "" ? say : detail, detail } };
  }),
);

const state: fc.Arbitrary<SlotState> = fc.oneof(
  fc.constant({ kind: "empty" } as const),
  fc.option(text).map((chip) => ({ kind: "board", chip }) as const),
  text.map((name) => ({ kind: "foreign", name }) as const),
  fc.record({
    kind: fc.constant("armed" as const),
    barcode: text,
    chip: fc.option(text),
    keeps: fc.option(text),
  }),
  fc.constantFrom({ kind: "looking" } as const, { kind: "unreadable" } as const),
  fc
    .record({
      serial: fc.option(text),
      step: fc.option(fc.constantFrom(...stepNames)),
      done: fc.oneof(fc.double(), fc.double({ min: 0, max: 1 })),
      away: fc.boolean(),
      stopping: fc.boolean(),
      retries: fc.nat({ max: 20 }),
      since: fc.double({ min: -1e7, max: 2e5, noNaN: true }),
      expectedMs: fc.option(ms),
    })
    .chain((over) => text.map((barcode) => running(barcode, over))),
  fc
    .record({
      serial: fc.option(text),
      outcome,
      retries: fc.nat({ max: 20 }),
      acknowledged: fc.boolean(),
      facts: fc.record({
        uid: fc.option(text),
        chip: fc.option(text),
        steps: fc.array(fc.record({ step: fc.constantFrom(...stepNames), ms }), { maxLength: 8 }),
      }),
    })
    .chain((over) => fc.tuple(text, ms).map(([barcode, took]) => ended(barcode, took, over))),
  fc.record({
    kind: fc.constant("retired" as const),
    reason: text,
    by: text,
    at: fc.date({ noInvalidDate: false }),
  }),
);

const call: fc.Arbitrary<Call> = fc.oneof(
  fc
    .constantFrom("RECORDS_LOST" as const, "STATION_UNFIT" as const, "GOLDEN_FAILED" as const)
    .map((which) => ({ kind: "stop", code: which }) as const),
  fc.record({ kind: fc.constant("failed" as const), slot: short, outcome }),
  fc.record({ kind: fc.constant("leave" as const), running: count, stopping: fc.boolean() }),
  fc.record({
    kind: fc.constant("refused" as const),
    code: fc.constantFrom(...refusalCodes),
    barcode: text,
    of: short,
  }),
  fc.record({ kind: fc.constant("running" as const), running: count, of: count, aboutMs: fc.option(ms) }),
  fc.record({ kind: fc.constant("paused" as const), running: count }),
  fc.record({ kind: fc.constant("scan" as const), slot: fc.option(short), armed: count }),
  fc.record({
    kind: fc.constant("label" as const),
    slot: short,
    barcode: text,
    step: fc.constantFrom("pending" as const, "scan" as const),
  }),
  fc.record({ kind: fc.constant("done" as const), failed: count, mayClose: fc.boolean() }),
);

const view: fc.Arbitrary<StationView> = fc
  .record({ rows: fc.integer({ min: 1, max: 8 }), columns: fc.integer({ min: 1, max: 8 }) })
  .chain((size) =>
    fc.record({
      station: text,
      rows: fc.constant(size.rows),
      columns: fc.constant(size.columns),
      slots: fc.array(
        fc
          .record({ name: short, port: text, state, suspect: fc.constant(null) })
          .map((slot): SlotView => slot),
        { maxLength: size.rows * size.columns },
      ),
      batch: fc.record({
        id: text,
        product: text,
        revision: text,
        quantity: fc.option(count),
        counts: fc.record({
          passed: count,
          failed: count,
          seen: count,
          firstPass: count,
          firstSeen: count,
          marginal: count,
        }),
        perHour: fc.option(fc.double({ min: 0, max: 1e5, noNaN: true })),
        endsAt: fc.option(fc.date({ noInvalidDate: false })),
      }),
      mode: fc.constantFrom(
        "production" as const,
        "trial" as const,
        "simulated" as const,
        "rehearsal" as const,
      ),
      simulated: fc.array(short, { maxLength: 3 }),
      planned: fc.constantFrom("", "pullAt=4096"),
      timezone: fc.option(fc.constantFrom("Europe/Berlin", "Asia/Shanghai", "no/where")),
      places: fc.array(fc.option(fc.nat({ max: 70 })), { maxLength: size.rows * size.columns }),
      chosen: fc.option(short),
      run: fc.constantFrom("pipelined" as const, "tray" as const),
      language: fc.constant("en" as const),
      operator: fc.option(
        fc.record({ name: text, role: fc.option(fc.constantFrom("lead" as const, "quality" as const)) }),
      ),
      rights: fc.constant([]),
      panel: fc.constant(null),
      keys: fc.constant([]),
      labels: fc.array(
        fc.record({
          slot: short,
          barcode: text,
          step: fc.constantFrom("printing" as const, "pending" as const, "scan" as const),
          scans: fc.constant([]),
        }),
        { maxLength: 3 },
      ),
      typing: fc.constantFrom("none" as const, "code" as const, "pin" as const),
      call,
      running: fc.nat({ max: 64 }),
      last: fc.array(
        fc.record({
          slot: short,
          barcode: text,
          outcome: fc.constantFrom("PASS" as const, "FAIL" as const, "ERROR" as const),
          code: fc.option(code),
          ms,
          retries: fc.nat({ max: 3 }),
        }),
        { maxLength: 12 },
      ),
      offered: fc.array(text, { maxLength: 8 }),
    }),
  );

const window = fc.oneof(
  fc.constantFrom({ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 160, rows: 50 }),
  fc.record({ columns: fc.integer({ min: 1, max: 220 }), rows: fc.integer({ min: 2, max: 70 }) }),
);

// eslint-disable-next-line no-control-regex -- colours begin with ESC
const sgr = /\x1b\[[0-9;]*m/g;
// eslint-disable-next-line no-control-regex -- it looks for them
const control = /[\x00-\x1f\x7f-\x9f\u200B-\u200F\u202A-\u202E\u2066-\u2069]/;

test.each(["none", "16", "256"] as const)(
  "every row of every screen is exactly as wide as the window (colours: %s), and no foreign byte moves anything",
  (colour: ColourMode) => {
    fc.assert(
      fc.property(view, text, window, (any, typed, size) => {
        const rows = frame(any, typed, size, themeOf(colour), now, clock);
        expect(rows).toHaveLength(size.rows - 1);
        for (const row of rows) {
          expect(stringWidth(row)).toBe(size.columns);
          expect(colour === "none" ? row : row.replaceAll(sgr, "")).not.toMatch(control);
        }
      }),
      { numRuns: 700 },
    );
  },
);

describe("text from a label or a device", () => {
  const hostile = "\x1b]0;owned\x07\x1b[31mA\u202EB\r\nC\x9b2J";

  test("cannot set a title, a colour or a line of its own", () => {
    const rows = plain(
      station({
        operator: { name: hostile, role: null },
        call: { kind: "refused", code: "SCAN_FORMAT", barcode: hostile, of: "" },
        slots: tray(4, [
          running(hostile, { serial: hostile }),
          { kind: "foreign", name: hostile },
          { kind: "board", chip: hostile },
          ended(hostile, 1, { serial: hostile }),
          { kind: "retired", reason: hostile, by: hostile, at: clock },
        ]),
        last: [{ slot: "A1", barcode: hostile, outcome: "PASS", code: null, ms: 1, retries: 0 }],
      }),
      80,
      24,
      hostile,
    );
    expect(rows).toHaveLength(23);
    for (const row of rows) expect(row).toMatch(/^[\x20-\x7e]*$/);
  });

  test("a FAIL keeps slot, word and symbol whatever its barcode is", () => {
    const slots = tray(4, [ended("产".repeat(80), 1000, { outcome: failure("CHIP_BUSY") })]);
    const rows = plain(station({ slots }));
    expect(rows[6]).toBe(">A1 ~产产产产 -- 1s");
    expect(rows[7]?.slice(0, 19)).toBe(" ### ### # # ###  ?");
  });
});
