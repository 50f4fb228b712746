import { describe, expect, test } from "vitest";
import type { Input } from "../../../src/station/decide.ts";
import type { BenchState } from "../../../src/station/bench-state.ts";
import { bench, emptyTray, ended, pass, scan, started } from "./some-bench.ts";

const names = ["A1", "A2"];
const labelled = (slot: string, barcode: string, step: "printing" | "pending" | "scan" | null): Input => ({
  type: "labelled",
  label: { slot, barcode, step, scans: step === "scan" ? [`V60-2647-0${barcode.slice(-4)}`] : [] },
});
const enter: Input = { type: "enter" };
/** UNIT-0001 passed in A1. */
const passed = (more: Partial<BenchState> = {}) =>
  bench(emptyTray(names, more)).come(scan("UNIT-0001"), started("A1"), ended("A1", pass, 1));
const what = (at: ReturnType<typeof bench>) =>
  at.effects.flatMap((effect) =>
    effect.type === "label-scanned" ? [`${effect.barcode} ${effect.what} ${effect.found}`] : [],
  );

describe("a label that is out", () => {
  const waiting = () =>
    passed().come(labelled("A1", "UNIT-0001", "printing"), labelled("A1", "UNIT-0001", "scan"));

  test("is called for, and closes its unit when it is scanned", () => {
    const at = waiting();
    expect(at.call()).toEqual({ kind: "label", slot: "A1", barcode: "UNIT-0001", step: "scan" });
    at.come(scan("V60-2647-00001"));
    expect(what(at)).toEqual(["UNIT-0001 confirmed V60-2647-00001"]);
    expect(at.call()).toMatchObject({ kind: "scan", slot: "A2" });
  });

  test("does not hold up the next board, but its own place until it is scanned", () => {
    const at = waiting().come(scan("UNIT-0002"), started("A2"), ended("A2", pass, 2), scan("UNIT-0003"));
    expect(at.started()).toEqual(["A1=UNIT-0001", "A2=UNIT-0002", "A2=UNIT-0003"]);
    at.come(
      { type: "scanned", text: "GF:SLOT:A1", typed: false, scan: { kind: "slot", slot: "A1" } },
      scan("UNIT-0004"),
    );
    expect(at.state().refused).toMatchObject({ code: "LABEL_FIRST", of: "A1" });
  });

  test("of another unit is refused; the second time the board goes into the red bin and its pass is void", () => {
    const at = waiting().come(scan("V60-2647-00077"));
    expect(at.state().refused).toMatchObject({ code: "LABEL_OTHER", barcode: "V60-2647-00077", of: "A1" });
    at.come(enter, scan("V60-2647-00077"));
    expect(at.call()).toMatchObject({
      kind: "failed",
      slot: "A1",
      outcome: { kind: "FAIL", failure: { code: "LABEL_MISMATCH" } },
    });
    expect(what(at)).toEqual(["UNIT-0001 refused V60-2647-00077", "UNIT-0001 mismatch V60-2647-00077"]);
  });

  test("and scanned rightly after a wrong one closes its unit all the same", () => {
    const at = waiting().come(scan("V60-2647-00077"), enter, scan("V60-2647-00001"));
    expect(what(at).at(-1)).toBe("UNIT-0001 confirmed V60-2647-00001");
    expect(at.slot("A1")).toMatchObject({ outcome: { kind: "PASS" } });
  });

  test("that carries the barcode is told from the next board by what the books know", () => {
    const own: Input = {
      type: "labelled",
      label: { slot: "A1", barcode: "UNIT-0001", step: "scan", scans: ["UNIT-0001"] },
    };
    const other = scan("UNIT-0009", true);
    expect(passed().come(own, other).state().refused?.code).toBe("LABEL_OTHER");
    expect(passed().come(own, scan("UNIT-0002")).started()).toContain("A2=UNIT-0002");
    expect(what(passed().come(own, scan("UNIT-0001")))).toEqual(["UNIT-0001 confirmed UNIT-0001"]);
  });

  test("is wanted before the order is closed", () => {
    const at = waiting().come({ type: "key", key: "order", places: [0, 1], columns: 2 });
    expect(at.state().refused).toMatchObject({ code: "LABEL_FIRST", of: "A1" });
  });
});

test("a label that waits asks nobody who is not there: the next shift logs in first", () => {
  const at = passed({ rules: { login: "badge", run: "pipelined", start: "enter" } });
  at.come(labelled("A1", "UNIT-0001", "scan"));
  const out: Input = { type: "key", key: "log-out", places: [0, 1], columns: 2 };
  expect(at.come(out, out).call()).toMatchObject({ kind: "log-in" });
});

describe("a printer that is off", () => {
  const off = () => passed().come(labelled("A1", "UNIT-0001", "pending"));

  test("leaves PASS a pass, is told once, and is asked again with Enter", () => {
    const at = off();
    expect(at.slot("A1")).toMatchObject({ outcome: { kind: "PASS" } });
    expect(at.call()).toMatchObject({ kind: "label", step: "pending" });
    at.come(enter);
    expect(at.effects.at(-1)).toEqual({ type: "print-labels" });
    at.come(labelled("A1", "UNIT-0001", "pending"));
    expect(at.call().kind).toBe("scan");
    at.come(scan("UNIT-0002"), started("A2"), ended("A2", pass, 2), labelled("A2", "UNIT-0002", "pending"));
    expect(at.call().kind).not.toBe("label");
  });

  test("holds up no place: the next board may take it, and its label still comes", () => {
    const at = off().come(enter, scan("UNIT-0002"), started("A2"), ended("A2", pass, 2), scan("UNIT-0003"));
    expect(at.started().at(-1)).toBe("A1=UNIT-0003");
    at.come(labelled("A1", "UNIT-0001", "scan"), scan("V60-2647-00001"));
    expect(what(at)).toEqual(["UNIT-0001 confirmed V60-2647-00001"]);
  });
});
