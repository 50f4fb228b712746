import { describe, expect, test } from "vitest";
import type { Panel } from "../../src/model/panel.ts";
import { mayDo } from "../../src/model/person.ts";
import type { Right } from "../../src/model/person.ts";
import type { SlotState } from "../../src/model/slot-view.ts";
import type { StationView } from "../../src/model/view.ts";
import { frame } from "../../src/ui/frame.ts";
import { themeOf } from "../../src/ui/theme.ts";
import {
  clock,
  empty,
  ended,
  failedEight,
  failure,
  now,
  plain,
  rowsOf,
  runningEight,
  sheet,
  station,
  tray,
} from "./bench.ts";
import {
  completePanel,
  firstArticlePanel,
  fitPanel,
  lookUpPanel,
  numbers,
  numbersPanel,
  ordersPanel,
} from "./panel-facts.ts";

const withPanel = (panel: Panel, over: Partial<StationView> = {}): StationView =>
  station({ panel, typing: "none", ...over });

const leadRights: readonly Right[] = (
  ["run", "retire-slot", "close-order", "override", "accept-first-article"] as const
).filter((right) => mayDo("lead", right));

describe("what covers the tiles is drawn as in the sheet, to the column", () => {
  test("log-in: what was found of the station", () => {
    const view = withPanel(fitPanel, { call: { kind: "log-in", ask: "badge", name: "" } });
    const drawn = sheet("log-in");
    const shown = plain(view);
    expect(rowsOf(shown, 1, 10)).toEqual(rowsOf(drawn, 1, 10));
    expect(shown[10]).toBe("   + records    18 202, chain whole, last 21 Nov 21:58");
    expect(shown[11]).toBe(drawn[11]);
  });

  test("waiting for a work order: the orders that are open", () => {
    const view = withPanel(ordersPanel, { call: { kind: "order" } });
    expect(rowsOf(plain(view), 1, 12)).toEqual(rowsOf(sheet("orders"), 1, 12));
  });

  test("first article: what was wanted beside what the chip said", () => {
    const view = withPanel(firstArticlePanel, {
      call: { kind: "accept", slot: "A1", barcode: "UNIT-04001" },
    });
    expect(rowsOf(plain(view), 6, 18)).toEqual(sheet("first-article"));
  });

  test("numbers, the plot in blocks where their width is known, in digits elsewhere", () => {
    const view = withPanel(numbersPanel);
    const drawn = sheet("numbers");
    const size = { columns: 80, rows: 24 };
    const blocks = frame(view, "", size, themeOf("none", undefined, true), now, clock).map((row) =>
      row.trimEnd(),
    );
    const shown = plain(view);
    // "connect" of the sheet is the step "identify".
    const told = (rows: readonly string[]): readonly string[] =>
      rows.map((row) => row.replace("identify, options", "connect, options"));
    expect(told(rowsOf(blocks, 6, 18))).toEqual(drawn);
    expect(shown[12]).toMatch(/^ UNITS PER 10 MIN {3}\d{28} {2}06:00 to 10:40, best 38$/);
  });

  test("help, for somebody who may do everything that a lead may", () => {
    const view = withPanel(
      { kind: "help" },
      { ...runningEight, rights: leadRights, panel: { kind: "help" } },
    );
    const drawn = sheet("help");
    // Telephone numbers are not known to the station.
    expect(rowsOf(plain(view), 6, 16)).toEqual(rowsOf(drawn, 1, 11));
  });

  test("loading: boards, one that does not answer, one that is not ours, a retired slot", () => {
    const view = station({
      call: { kind: "load", found: 2, of: 7, look: ["A4", "B1"] },
      slots: tray(4, [
        { kind: "armed", barcode: "UNIT-04113", chip: "STM32F405", keeps: null },
        { kind: "board", chip: "STM32F405" },
        { kind: "retired", reason: "contact", by: "M. Lang", at: clock },
        { kind: "foreign", name: "USB Audio Codec" },
        { kind: "unreadable" },
        { kind: "looking" },
        empty,
        empty,
      ]),
    });
    expect(rowsOf(plain(view), 1, 16)).toEqual(rowsOf(sheet("loading"), 1, 16));
  });

  const suspectTray = (): StationView["slots"] =>
    tray(4, [
      ended("UNIT-04113", 15_000),
      ended("UNIT-04114", 15_000),
      empty,
      ended("UNIT-04116", 12_000),
      ...Array<SlotState>(4).fill(empty),
    ]).map((slot) =>
      slot.name === "A3"
        ? { ...slot, suspect: { failed: 4, tried: 15, othersFailed: 1, othersTried: 105 } }
        : slot,
    );

  test("a suspect slot, with its figures", () => {
    const [slot] = suspectTray().flatMap(({ suspect }) => (suspect === null ? [] : [suspect]));
    if (slot === undefined) throw new Error("no slot is suspect");
    const view = station({ call: { kind: "suspect", slot: "A3", suspect: slot }, slots: suspectTray() });
    expect(rowsOf(plain(view), 6, 12)).toEqual(rowsOf(sheet("suspect"), 1, 7));
  });

  test("retiring it asks for the reason", () => {
    const view = station({
      call: { kind: "ask", question: { what: "retire", slot: "A3", reason: "contact" } },
      slots: suspectTray(),
    });
    expect(rowsOf(plain(view), 6, 12)).toEqual(rowsOf(sheet("retiring"), 1, 7));
  });
});

describe("what covers the tiles", () => {
  test("says of an article that differs which row it is, before all others", () => {
    if (firstArticlePanel.kind !== "first-article") throw new Error("no first article");
    const { article } = firstArticlePanel;
    const many = [...article.rows, ...article.rows].map((row, i) => ({ ...row, same: i !== 15 }));
    const rows = plain(withPanel({ kind: "first-article", article: { ...article, rows: many } }));
    expect(rows[7]).toMatch(/^ X nRST_STOP/);
    expect(rows[16]).toBe("   9 more");
  });

  test("leaves out what this person may not do", () => {
    const rows = plain(withPanel({ kind: "help" }, { rights: ["run"] })).join("\n");
    expect(rows).toContain("F9 log out");
    expect(rows).not.toMatch(/F5|F6|F7|F8|lead and up/);
  });

  test("never takes rows 1 to 6 from a FAIL: only the tiles are covered", () => {
    const failed = plain({ ...failedEight, panel: { kind: "details", slot: "A3", page: 1 } });
    expect(rowsOf(failed, 1, 6)).toEqual(rowsOf(plain(failedEight), 1, 6));
    expect(failed[6]).toMatch(/^ PORT/);
  });

  test("covers the tiles and nothing else", () => {
    const covered = plain({ ...runningEight, panel: numbersPanel });
    expect(rowsOf(covered, 19, 23)).toEqual(rowsOf(plain(runningEight), 19, 23));
  });

  test("tells what differs in a chip that came back", () => {
    const rows = plain(withPanel(lookUpPanel, { call: { kind: "look-up" } }));
    const drawn = sheet("look-up");
    expect(rowsOf(rows, 6, 7)).toEqual(rowsOf(drawn, 1, 2));
    expect(rows[8]).toBe(" IN THE CHIP NOW  + serial same   X image differs: 0x0800A3F0   + RDP AA");
    expect(rows[9]).toBe(" ? UID not readable here");
    expect(rows[11]).toBe(drawn[5]);
    expect(rows[12]).toBe(drawn[6]);
    expect(rows[16]).toBe(" Records 18 244, 18 309: each still has its hash. Elsewhere: rma1 88.");
  });

  test("sums up a finished order", () => {
    const rows = plain(withPanel(completePanel, { call: { kind: "done", failed: 6, mayClose: true } }));
    const drawn = sheet("complete");
    expect(rowsOf(rows, 6, 7)).toEqual(rowsOf(drawn, 1, 2));
    for (const at of [2, 3, 4, 6, 7, 8, 9, 10]) expect(rows[at + 5]).toBe(drawn[at]);
  });

  test("shows all of a slot on pages that F3 turns", () => {
    const outcome = failure("VERIFY_MISMATCH");
    if (outcome.kind === "PASS") throw new Error("a failure was expected");
    const detail = `at 0x08004000: ${"wanted 5f, found 5e; ".repeat(18)}`;
    const long = { ...outcome, failure: { ...outcome.failure, detail } };
    const view = station({
      slots: tray(4, [ended("UNIT-1", 9000, { outcome: long }), ...Array<SlotState>(7).fill(empty)]),
      typing: "none",
    });
    const page = (n: number): readonly string[] =>
      plain({ ...view, panel: { kind: "details", slot: "A1", page: n } });
    expect(page(1)[17]).toMatch(/page 1 of 2: F3$/);
    expect(page(2)[17]).toMatch(/page 2 of 2: F3$/);
    expect(page(3)).toEqual(page(1));
    expect([...page(1), ...page(2)].join("\n")).toContain("VERIFY_MISMATCH");
  });

  test("lists of 64 slots the worst first where they do not fit", () => {
    const many = Array.from({ length: 64 }, (_, i) => ({
      slot: `${"ABCDEFGH".charAt(Math.floor(i / 8))}${(i % 8) + 1}`,
      passed: i === 63 ? 1 : 10,
      tried: 10,
      suspect: i === 63,
    }));
    const rows = plain(
      withPanel({ kind: "numbers", numbers: { ...numbers, slots: many } }, { columns: 8, rows: 8 }),
      160,
      50,
    );
    expect(rows.join("\n")).toMatch(/H8 {2}10!/);
  });
});
