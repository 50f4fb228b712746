import { readFileSync } from "node:fs";
import type { Outcome } from "../../src/model/event.ts";
import { faults } from "../../src/model/fault.ts";
import type { FaultCode } from "../../src/model/fault.ts";
import type { KeyHint } from "../../src/model/key.ts";
import type { SlotState, SlotView } from "../../src/model/slot-view.ts";
import type { OrderView, StationView } from "../../src/model/view.ts";
import { frame } from "../../src/ui/frame.ts";
import { themeOf } from "../../src/ui/theme.ts";

/** The time on the bench: 22 November 2026, 10:42 in Berlin. */
export const clock = new Date("2026-11-22T09:42:00Z");
export const now = 100_000;

type Of<Kind extends SlotState["kind"]> = Extract<SlotState, { kind: Kind }>;

export const empty: SlotState = { kind: "empty" };

export const running = (barcode: string, over: Partial<Of<"running">> = {}): SlotState => ({
  kind: "running",
  barcode,
  serial: null,
  step: "write",
  done: 0.5,
  away: false,
  retries: 0,
  since: now - 8000,
  expectedMs: 15_000,
  stopping: false,
  ...over,
});

export const failure = (code: FaultCode): Outcome => {
  const { verdict, say } = faults[code];
  return { kind: verdict, failure: { code, message: say, detail: "" } };
};

export const ended = (barcode: string, ms: number, over: Partial<Of<"ended">> = {}): SlotState => ({
  kind: "ended",
  barcode,
  serial: null,
  outcome: { kind: "PASS", marginal: false },
  ms,
  retries: 0,
  acknowledged: false,
  facts: { uid: null, chip: null, steps: [] },
  ...over,
});

/** A tray of `columns` slots a row, named A1, A2 … B1 …, filled in this order. */
export function tray(columns: number, states: readonly SlotState[]): readonly SlotView[] {
  return states.map((state, i) => {
    const name = `${String.fromCharCode(65 + Math.floor(i / columns))}${(i % columns) + 1}`;
    return { name, port: `sim:${name}`, state, suspect: null };
  });
}

/** The order of the sheets. */
export const order: OrderView = {
  id: "WO-4711",
  product: "VESC 60",
  revision: "C",
  quantity: 240,
  counts: { passed: 109, failed: 3, seen: 112, firstPass: 108, firstSeen: 112, marginal: 1 },
  perHour: 212,
  endsAt: new Date("2026-11-22T10:19:00Z"),
};

/** Places in the order of the slots; `rows`, `columns` and `slots` of `over` shape them. */
export function station(over: Partial<StationView> = {}): StationView {
  const slots =
    over.slots ??
    tray(
      4,
      Array.from({ length: 8 }, () => empty),
    );
  const { rows = 2, columns = 4 } = over;
  return {
    station: "line1-bench",
    rows,
    columns,
    places: Array.from({ length: rows * columns }, (_, i) => (i < slots.length ? i : null)),
    slots,
    chosen: null,
    run: "pipelined",
    language: "en",
    rights: [],
    panel: null,
    keys: [],
    typing: "code",
    batch: order,
    mode: "production",
    simulated: [],
    planned: "",
    timezone: "Europe/Berlin",
    operator: { name: "A. Novak", role: "operator" },
    call: { kind: "scan", slot: "A1", armed: 0 },
    running: 0,
    last: [],
    labels: [],
    offered: [],
    ...over,
  };
}

/** What a station offers while boards run. */
export const runningKeys: readonly KeyHint[] = [
  { key: "Space", does: "pause" },
  { key: "Arrows", does: "choose-slot" },
  { key: "F3", does: "details" },
  { key: "?", does: "help" },
  { key: "Ctrl-C", does: "leave" },
];

/** What it offers where a verdict wants Enter. */
export const failedKeys: readonly KeyHint[] = [
  { key: "Enter", does: "seen" },
  { key: "F3", does: "details" },
  { key: "?", does: "help" },
];

/** The screen without colours, as a terminal shows it: rows without the spaces at their ends. */
export function plain(view: StationView, columns = 80, rows = 24, typed = ""): readonly string[] {
  return frame(view, typed, { columns, rows }, themeOf("none"), now, clock).map((row) => row.trimEnd());
}

/** A screen of screens.md, sections 3 and 4, as it was captured there. */
export const sheet = (name: string): readonly string[] =>
  readFileSync(new URL(`frames/${name}.txt`, import.meta.url), "utf8")
    .replace(/\n$/, "")
    .split("\n");

/** The rows from one number to another, as the sheet counts them, both included. */
export const rowsOf = (rows: readonly string[], from: number, to: number): readonly string[] =>
  rows.slice(from - 1, to);

const v60 = (n: number): string => `V60-2647-${String(n).padStart(5, "0")}`;

const pass8: readonly SlotState[] = [
  ended("UNIT-04113", 15_000),
  ended("UNIT-04114", 15_000),
  ended("UNIT-04115", 14_000),
  ended("UNIT-04116", 12_000),
  ended("UNIT-04117", 15_000),
  ended("UNIT-04118", 18_000, { retries: 1, outcome: { kind: "PASS", marginal: true } }),
  ended("UNIT-04119", 13_000),
  ended("UNIT-04120", 15_000),
];

const withThird = (third: SlotState): readonly SlotView[] =>
  tray(
    4,
    pass8.map((state, i) => (i === 2 ? third : state)),
  );

/** Screen 3.1. */
export const runningEight: StationView = station({
  typing: "none",
  keys: runningKeys,
  call: { kind: "running", running: 6, of: 8, aboutMs: 9000 },
  running: 6,
  slots: tray(4, [
    running("UNIT-04113", { serial: v60(113), step: "verify", done: 0.71, since: now - 11_000 }),
    running("UNIT-04114", { serial: v60(114), done: 0.94, since: now - 10_000 }),
    running("UNIT-04115", { serial: v60(115), done: 0.88, since: now - 10_000, retries: 1 }),
    ended("UNIT-04116", 12_000),
    running("UNIT-04117", { serial: v60(117), done: 0.52 }),
    running("UNIT-04118", { serial: v60(118), away: true, since: now - 3000, expectedMs: 10_000 }),
    ended("UNIT-04119", 13_000),
    running("UNIT-04120", { serial: v60(120), step: "erase", done: 0.3, since: now - 2000 }),
  ]),
  last: [
    { slot: "B4", barcode: "UNIT-04112", outcome: "PASS", code: null, ms: 15_000, retries: 0 },
    { slot: "B3", barcode: "UNIT-04111", outcome: "PASS", code: null, ms: 15_000, retries: 0 },
    { slot: "B2", barcode: "UNIT-04110", outcome: "PASS", code: null, ms: 18_000, retries: 1 },
  ],
});

/** Screen 3.2. */
export const failedEight: StationView = station({
  typing: "none",
  keys: failedKeys,
  batch: {
    ...order,
    counts: { passed: 116, failed: 4, seen: 120, firstPass: 115, firstSeen: 120, marginal: 1 },
  },
  call: { kind: "failed", slot: "A3", outcome: failure("VERIFY_MISMATCH") },
  slots: withThird(ended("UNIT-04115", 14_000, { outcome: failure("VERIFY_MISMATCH") })),
  last: [
    { slot: "B4", barcode: "UNIT-04120", outcome: "PASS", code: null, ms: 15_000, retries: 0 },
    { slot: "A3", barcode: "UNIT-04115", outcome: "FAIL", code: "VERIFY_MISMATCH", ms: 14_000, retries: 0 },
    { slot: "B2", barcode: "UNIT-04118", outcome: "PASS", code: null, ms: 18_000, retries: 1 },
  ],
});

/** Screen 3.3. */
export const rehearsalEight: StationView = station({
  mode: "rehearsal",
  batch: {
    ...order,
    quantity: 24,
    counts: { passed: 13, failed: 3, seen: 16, firstPass: 13, firstSeen: 16, marginal: 0 },
  },
  call: { kind: "failed", slot: "A3", outcome: failure("BOARD_LEFT") },
  slots: withThird(
    ended("UNIT-04115", 9000, {
      outcome: {
        kind: "TIMEOUT",
        failure: { code: "BOARD_LEFT", message: faults.BOARD_LEFT.say, detail: "" },
      },
    }),
  ),
});
