import { describe, expect, test } from "vitest";
import type { SlotState } from "../../src/model/slot-view.ts";
import type { StationView } from "../../src/model/view.ts";
import {
  clock,
  empty,
  ended,
  failedEight,
  failure,
  now,
  order,
  plain,
  rehearsalEight,
  rowsOf,
  running,
  runningEight,
  sheet,
  station,
  tray,
} from "./bench.ts";

describe("the screens of the sheet, to the column", () => {
  test("eight slots run: bars, steps, seconds, serials", () => {
    expect(plain(runningEight)).toEqual(rowsOf(sheet("running-8"), 1, 23));
  });

  test("a tray ended with one FAIL: its word, its slot, what to do with the board", () => {
    expect(plain(failedEight)).toEqual(rowsOf(sheet("failed-8"), 1, 23));
  });

  test("a rehearsal looks like no production: other lettering, bars between the tiles", () => {
    expect(rowsOf(plain(rehearsalEight), 1, 21)).toEqual(rowsOf(sheet("rehearsal-8"), 1, 21));
  });

  test("a trial says at the right that these boards are not for sale", () => {
    const view = station({
      mode: "trial",
      call: { kind: "running", running: 2, of: 2, aboutMs: 9000 },
      running: 2,
      slots: tray(4, [
        running("UNIT-90004", { serial: "LF6-2647-00004", step: "verify", done: 0.71, since: now - 11_000 }),
        running("UNIT-90005", { serial: "LF6-2647-00005", done: 0.52 }),
        empty,
        empty,
        ...Array<SlotState>(4).fill(empty),
      ]),
    });
    expect(rowsOf(plain(view), 1, 12)).toEqual(rowsOf(sheet("trial"), 1, 12));
  });

  test("the next slot to be scanned stands in letters among boards that lie there", () => {
    const board: SlotState = { kind: "board", chip: "STM32F405" };
    const view = station({
      call: { kind: "scan", slot: "A3", armed: 2 },
      slots: tray(4, [
        { kind: "armed", barcode: "UNIT-04113", chip: "STM32F405", keeps: null },
        { kind: "armed", barcode: "UNIT-04114", chip: "STM32F405", keeps: "V60-2647-00042" },
        ...Array.from({ length: 6 }, () => board),
      ]),
    });
    expect(rowsOf(plain(view), 1, 18)).toEqual(rowsOf(sheet("scanning"), 1, 18));
  });

  test("a refused scan names its barcode and where the board goes", () => {
    const view = station({
      call: { kind: "refused", code: "SCAN_PASSED", barcode: "UNIT-04098", of: "" },
      keys: [
        { key: "Enter", does: "seen" },
        { key: "Ctrl-C", does: "leave" },
      ],
    });
    expect(plain(view)[5]).toBe(sheet("refused")[0]);
    expect(plain(view)[22]).toBe(" SCAN> _  Enter seen   Ctrl-C leave");
  });

  test("Ctrl-C while boards run asks first", () => {
    const view = station({
      call: { kind: "leave", running: 6, stopping: false },
      running: 6,
      keys: [
        { key: "Ctrl-C", does: "stop-them" },
        { key: "Esc", does: "go-on" },
      ],
    });
    expect(plain(view)[5]).toBe(sheet("leave_and_32")[0]);
    expect(plain(view)[22]).toBe(" SCAN> _  Ctrl-C stop them   Esc go on");
  });

  test("one slot has its verdict over the whole tray", () => {
    const view = station({
      rows: 1,
      columns: 1,
      call: { kind: "scan", slot: null, armed: 0 },
      slots: tray(1, [ended("UNIT-04113", 12_000, { serial: "V60-2647-00113" })]),
    });
    const drawn = sheet("one-slot");
    const shown = plain(view);
    expect(shown[6]).toBe(drawn[6]);
    expect(shown[7]?.replace(/ +\+$/, "")).toBe(drawn[7]);
    expect(shown[7]?.endsWith("+")).toBe(true);
    expect(rowsOf(shown, 9, 17)).toEqual(rowsOf(drawn, 9, 17));
  });

  test("32 slots at 80x24 still show slot, word and symbol", () => {
    const drawn = rowsOf(sheet("leave_and_32"), 9, 21);
    const code = "VERIFY_MISMATCH";
    const states = Array.from({ length: 32 }, (_, i): SlotState => {
      const barcode = `UNIT-0${4113 + i}`;
      if (i === 20) return empty;
      if ([2, 10, 18, 26].includes(i))
        return ended(barcode, 15_000, { outcome: failure(code), acknowledged: false });
      if ([1, 7, 13, 19, 25, 31].includes(i)) return running(barcode, { step: "verify", done: 0.71 });
      return ended(barcode, 15_000);
    });
    const view = station({
      rows: 4,
      columns: 8,
      slots: tray(8, states),
      call: { kind: "running", running: 6, of: 32, aboutMs: 9000 },
      running: 6,
    });
    expect(rowsOf(plain(view), 6, 18)).toEqual(drawn);
  });

  test("at 120x40 a tile says who, what, how long and with which chip", () => {
    const view: StationView = {
      ...runningEight,
      slots: runningEight.slots.map((slot) =>
        slot.name === "A4"
          ? {
              ...slot,
              state: ended("UNIT-04116", 12_000, {
                serial: "V60-2647-00116",
                facts: {
                  uid: "0031002b34335103108a44c2",
                  chip: "STM32F405  loader 3.1",
                  steps: [
                    { step: "identify", ms: 100 },
                    { step: "erase", ms: 3600 },
                    { step: "write", ms: 5200 },
                    { step: "verify", ms: 2900 },
                  ],
                },
              }),
            }
          : slot,
      ),
    };
    const shown = plain(view, 120, 40);
    const drawn = sheet("large-120");
    expect(rowsOf(shown, 7, 19)).toEqual(rowsOf(drawn, 1, 13));
    expect(rowsOf(shown, 34, 38)).toEqual(rowsOf(drawn, 14, 17).toSpliced(0, 0, ""));
  });
});

test("every state of a tile is as it is drawn in the sheet", () => {
  const states: readonly SlotState[] = [
    empty,
    { kind: "looking" },
    { kind: "board", chip: "STM32F405" },
    { kind: "foreign", name: "USB Audio Codec" },
    { kind: "unreadable" },
    empty,
    { kind: "armed", barcode: "UNIT-04119", chip: "STM32F405", keeps: null },
    running("UNIT-04113", { serial: "V60-2647-00113", step: "verify", done: 0.71, since: now - 11_000 }),
    running("UNIT-04118", { serial: "V60-2647-00118", away: true, since: now - 3000, expectedMs: 10_000 }),
    ended("UNIT-04113", 15_000),
    ended("UNIT-04118", 18_000, { retries: 1 }),
    ended("UNIT-04115", 14_000, { outcome: failure("VERIFY_MISMATCH") }),
    ended("UNIT-04115", 14_000, { outcome: failure("LINK_SILENT"), acknowledged: true }),
    ended("UNIT-04115", 4000, { outcome: failure("ADAPTER_LOST") }),
    empty,
    { kind: "retired", reason: "bent pin", by: "M. Lang", at: clock },
  ];
  const suspect = { failed: 4, tried: 15, othersFailed: 1, othersTried: 105 };
  const slots = tray(8, states).map((slot) => (slot.name === "B7" ? { ...slot, suspect } : slot));
  const shown = plain(
    station({ rows: 2, columns: 8, slots, call: { kind: "scan", slot: "A6", armed: 0 } }),
    160,
    24,
  );
  const drawn = sheet("tile-states");
  expect(rowsOf(shown, 7, 18)).toEqual(rowsOf(drawn, 1, 12));
});

test("64 slots at 160x50 have lettering of four rows; order, person and last results share rows", () => {
  const drawn = sheet("tray-64");
  const serial = (n: number): string => `V60-2647-0${n}`;
  const states = Array<SlotState>(64).fill(empty);
  const steps = [
    ["write", 0.11, 3],
    ["write", 0.48, 10],
    null,
    ["write", 0.22, 13],
    ["options", 0.59, 9],
    ["write", 0.96, 5],
    ["erase", 0.33, 12],
    ["verify", 0.7, 8],
  ] as const;
  steps.forEach((step, i) => {
    const barcode = `UNIT-0${1153 + i}`;
    states[i] =
      step === null
        ? ended(barcode, 14_000)
        : running(barcode, {
            serial: serial(1131 + i),
            step: i === 1 ? null : step[0],
            done: step[1],
            since: now - step[2] * 1000,
          });
  });
  states[40] = ended("UNIT-01193", 9000, { outcome: failure("LINK_SILENT") });
  states[47] = { kind: "retired", reason: "cable", by: "M. Lang", at: new Date("2026-11-20T09:00:00Z") };
  const view = station({
    rows: 8,
    columns: 8,
    slots: tray(8, states),
    call: { kind: "running", running: 50, of: 64, aboutMs: 12_000 },
    running: 50,
    batch: {
      ...order,
      quantity: 2400,
      counts: { passed: 1130, failed: 22, seen: 1152, firstPass: 1124, firstSeen: 1152, marginal: 3 },
      perHour: 1210,
      endsAt: new Date("2026-11-22T10:45:00Z"),
    },
    last: [
      { slot: "H7", barcode: "UNIT-01151", outcome: "PASS", code: null, ms: 15_000, retries: 0 },
      { slot: "G3", barcode: "UNIT-01139", outcome: "FAIL", code: "VERIFY_MISMATCH", ms: 15_000, retries: 0 },
    ],
  });
  const shown = plain(view, 160, 50);
  expect(shown).toHaveLength(49);
  expect(rowsOf(shown, 6, 11)).toEqual(rowsOf(drawn, 1, 6));
  const firstAndLast = (rows: readonly string[]): readonly string[] =>
    rows.map((row) => row.slice(0, 20) + row.slice(140));
  expect(firstAndLast(rowsOf(shown, 32, 36))).toEqual(firstAndLast(rowsOf(drawn, 12, 16)));
  expect(rowsOf(shown, 47, 48)).toEqual(rowsOf(drawn, 22, 23));
  expect(shown[0]).toMatch(/^ ####/);
});

test("a FAIL stays after Enter, and its head says so", () => {
  const slots = tray(4, [
    ended("UNIT-04115", 14_000, { outcome: failure("LINK_SILENT"), acknowledged: true }),
    ...Array<SlotState>(7).fill(empty),
  ]);
  const shown = plain(station({ call: { kind: "scan", slot: "A2", armed: 0 }, slots }));
  expect(shown[6]?.slice(0, 19)).toBe(" A1 UNIT-04115  ack");
  expect(shown[7]?.slice(0, 19)).toBe(" ### ### # # ###  ?");
});

test("a window that is too small says how large it must be, and that the run goes on", () => {
  const shown = plain(runningEight, 60, 20);
  expect(shown).toHaveLength(19);
  expect(shown[5]).toBe(" Running 6 of 8. Leave those boards in. About 9 s.");
  expect(shown.slice(6, 8).join("")).toBe(
    " Window too small: it must be 80x24, it is 60x20. The run goes on.",
  );
  expect(shown[18]).toMatch(/^ Space pause/);
  expect(plain(runningEight, 30, 6).join("")).toContain("must be 80x24");
});

test("64 slots in a window of 80x24 ask for a larger one", () => {
  const view = station({ rows: 8, columns: 8, slots: tray(8, Array<SlotState>(64).fill(empty)) });
  expect(plain(view).join(" ")).toContain("must be 80x28, it is 80x24");
});

test("boards that run are not forgotten while row 6 talks of another one", () => {
  const shown = plain({ ...failedEight, running: 3 });
  expect(shown[5]).toBe(" A3: Flash differs from the image. Put board in red bin.           3 boards run");
});

describe("simulated boards outside of a rehearsal", () => {
  test("look like no production either: the word says that the records are the station's own", () => {
    const rows = plain({ ...rehearsalEight, mode: "simulated" });
    expect(rows[0]?.slice(44)).not.toBe(plain(rehearsalEight)[0]?.slice(44));
    expect(rows[5]).toBe(" SIMULATED. A3: Board came out. Put it back, scan it again.");
    // The order is one of the station's, and stands there by its name.
    expect(rows[18]).toMatch(/^ WO-4711 {2}VESC 60 rev C/);
    expect(rows[6]).toContain("15s/ A2");
  });

  test("beside real ones are told by their own tiles, and the rest is production's", () => {
    const rows = plain({ ...failedEight, simulated: ["A4"] });
    expect(rows[5]).toBe(plain(failedEight)[5]);
    expect(rows[6]).toMatch(/ A3 UNIT-04115 {2}14s {2}A4 SIM ~04116 {2}12s\/$/);
    expect(rows[7]).toMatch(/ {2}\/\/\/ {2}\/ {2}\/\/\/ \/\/\/ {2}\+\/$/);
  });
});

test("a rehearsal says what F8 planned for the next board", () => {
  const rows = plain({ ...rehearsalEight, planned: "pullAt=4096" });
  expect(rows[21]).toMatch(/^ PLANNED {2}pullAt=4096 {3}LAST {2}/);
});
