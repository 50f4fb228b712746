import { describe, expect, test } from "vitest";
import type { AttemptEvent } from "../../../src/model/event.ts";
import { bench, emptyTray, ended, failed, known, pass, scan, started } from "./some-bench.ts";

const step: AttemptEvent = { type: "step", step: "write", state: "start", ms: 5 };

describe("a scan", () => {
  test("takes the next free slot in tray order and starts it", () => {
    const tray = bench(emptyTray(["A1", "A2"])).come(scan("UNIT-0001"), started("A1"), scan("UNIT-0002"));
    expect(tray.started()).toEqual(["A1=UNIT-0001", "A2=UNIT-0002"]);
  });

  test("that does not match the profile never starts a run", () => {
    const tray = bench(emptyTray(["A1"])).come(scan("WRONG"), scan("UNIT-00011"), scan("UNIT-0001\u0007"));
    expect(tray.started()).toEqual([]);
    expect(tray.call()).toMatchObject({ kind: "refused", code: "SCAN_FORMAT" });
  });

  test.each([
    ["of a board that runs", [scan("UNIT-0001"), started("A1"), scan("UNIT-0001")], "SCAN_IN_TRAY", "A1"],
    ["of a board that is about to run", [scan("UNIT-0001"), scan("UNIT-0001")], "SCAN_IN_TRAY", "A1"],
    ["of a board that passed here", [scan("UNIT-0001", true)], "SCAN_PASSED", ""],
    ["of a board of another order", [scan("UNIT-0001", false, "WO-9")], "SCAN_OTHER_ORDER", "WO-9"],
    [
      "of a passed board that still lies there",
      [scan("UNIT-0001"), started("A1"), ended("A1", pass), scan("UNIT-0001")],
      "SCAN_PASSED",
      "",
    ],
    [
      "of a failed board before its Enter",
      [scan("UNIT-0001"), started("A1"), ended("A1", failed("VERIFY_MISMATCH")), scan("UNIT-0001")],
      "ACK_FIRST",
      "A1",
    ],
    ["with no place left", [scan("UNIT-0001"), started("A1"), scan("UNIT-0002")], "SCAN_NO_SLOT", ""],
    [
      "with no place left but an unseen failure",
      [scan("UNIT-0001"), started("A1"), ended("A1", failed("LINK_SILENT")), scan("UNIT-0002")],
      "ACK_FIRST",
      "A1",
    ],
  ] as const)("%s is refused", (_name, inputs, code, of) => {
    const tray = bench(emptyTray(["A1"])).come(...inputs);
    expect(tray.state().refused).toMatchObject({ code, of });
  });

  test("with a space at an end is refused where no pattern says so, too: it would be another unit", () => {
    const order = {
      id: "WO-1",
      product: "VESC 60",
      revision: "C",
      quantity: null,
      limit: null,
      barcode: null,
    };
    const tray = bench(emptyTray(["A1"], { order })).come(scan("UNIT-0001 "));
    expect(tray.state().refused?.code).toBe("SCAN_FORMAT");
    expect(tray.started()).toEqual([]);
  });

  test("is refused once the order is complete, boards that run counted", () => {
    const tray = bench(emptyTray(["A1", "A2"], {}, 1)).come(
      scan("UNIT-0001"),
      started("A1"),
      scan("UNIT-0002"),
    );
    expect(tray.state().refused?.code).toBe("SCAN_FULL");
  });

  test("is refused at the profile's limit, boards that run counted; a panel takes only what is left of it", () => {
    const order = { id: "WO-1", product: "VESC 60", revision: "C", quantity: null, limit: 2, barcode: null };
    const tray = () => bench(emptyTray(["A1", "A2", "A3"], { order }));
    const scans = tray().come(scan("UNIT-0001"), started("A1"), scan("UNIT-0002"), scan("UNIT-0003"));
    expect(scans.state().refused).toMatchObject({ code: "PROFILE_LIMIT", of: "2" });
    expect(scans.started()).toEqual(["A1=UNIT-0001", "A2=UNIT-0002"]);
    const units = ["A1", "A2", "A3"].map((slot) => ({ slot, barcode: `P-${slot}`, known }));
    const panel = tray().come({
      type: "scanned",
      text: "P",
      typed: false,
      scan: { kind: "panel", code: "P", units },
    });
    expect(panel.started()).toEqual(["A1=P-A1", "A2=P-A2"]);
  });

  test("of a failed board that was seen runs it again where it lies", () => {
    const tray = bench(emptyTray(["A1", "A2"])).come(
      scan("UNIT-0001"),
      started("A1"),
      ended("A1", failed("BOARD_LEFT")),
      { type: "enter" },
      scan("UNIT-0001"),
    );
    expect(tray.started()).toEqual(["A1=UNIT-0001", "A1=UNIT-0001"]);
  });

  test("takes a place whose result was seen when no empty one is left", () => {
    const tray = bench(emptyTray(["A1", "A2"])).come(
      scan("UNIT-0001"),
      started("A1"),
      scan("UNIT-0002"),
      started("A2"),
      ended("A2", pass),
      ended("A1", pass),
      scan("UNIT-0003"),
    );
    expect(tray.started().at(-1)).toBe("A1=UNIT-0003");
  });

  test("leaves the place of a failure that nobody has seen, and takes one whose result was seen", () => {
    const tray = bench(emptyTray(["A1", "A2"])).come(
      scan("UNIT-0001"),
      started("A1"),
      scan("UNIT-0002"),
      started("A2"),
      ended("A1", failed("VERIFY_MISMATCH")),
      ended("A2", pass),
      scan("UNIT-0003"),
    );
    expect(tray.started().at(-1)).toBe("A2=UNIT-0003");
    expect(tray.slot("A1")).toMatchObject({ kind: "ended", barcode: "UNIT-0001" });
  });

  test("clears the refusal that stood there", () => {
    const tray = bench(emptyTray(["A1"])).come(scan("WRONG"), scan("UNIT-0001"));
    expect(tray.state().refused).toBeNull();
  });
});

describe("a result", () => {
  test("stays until the next scan takes its place", () => {
    const tray = bench(emptyTray(["A1"])).come(scan("UNIT-0001"), started("A1"), ended("A1", pass));
    expect(tray.slot("A1")).toMatchObject({ kind: "ended", barcode: "UNIT-0001" });
    expect(tray.come(scan("UNIT-0002")).slot("A1")).toMatchObject({ kind: "armed", barcode: "UNIT-0002" });
  });

  test("of a failed board calls for hands until Enter, the oldest first", () => {
    const tray = bench(emptyTray(["A1", "A2"])).come(
      scan("UNIT-0001"),
      started("A1"),
      scan("UNIT-0002"),
      started("A2"),
      ended("A2", failed("VERIFY_MISMATCH")),
      ended("A1", failed("LINK_SILENT")),
    );
    expect(tray.call()).toMatchObject({ kind: "failed", slot: "A2" });
    expect(tray.come({ type: "enter" }).call()).toMatchObject({ kind: "failed", slot: "A1" });
    expect(tray.come({ type: "enter" }).call().kind).toBe("scan");
    expect(tray.slot("A1")).toMatchObject({ acknowledged: true });
  });

  test("of a foreign device wants no Enter", () => {
    const tray = bench(emptyTray(["A1"])).come(
      scan("UNIT-0001"),
      started("A1"),
      ended("A1", failed("FOREIGN_DEVICE")),
    );
    expect(tray.state().toAcknowledge).toEqual([]);
  });

  test("that could not be recorded stops the station", () => {
    const tray = bench(emptyTray(["A1"])).come(
      scan("UNIT-0001"),
      started("A1"),
      ended("A1", failed("RECORD_FAILED")),
    );
    expect(tray.call().kind).toBe("stop");
  });
});

describe("while boards run", () => {
  const running = () => bench(emptyTray(["A1", "A2"])).come(scan("UNIT-0001"), started("A1", "T-1"));

  test("a tile follows the steps of its board", () => {
    const tray = running().come(
      { type: "event", slot: "A1", event: step },
      { type: "event", slot: "A1", event: { type: "progress", step: "write", done: 1, total: 4, ms: 6 } },
    );
    expect(tray.slot("A1")).toMatchObject({ kind: "running", step: "write", done: 0.25, serial: "T-1" });
  });

  test("Ctrl-C asks first, then stops them, and the station is left with the last record", () => {
    const tray = running().come({ type: "interrupt" });
    expect(tray.call()).toMatchObject({ kind: "leave", stopping: false });
    expect(tray.effects.some(({ type }) => type === "cancel")).toBe(false);
    tray.come({ type: "interrupt" });
    expect(tray.effects.at(-1)).toEqual({ type: "cancel" });
    tray.come(ended("A1", failed("INTERRUPTED")));
    expect(tray.effects.at(-1)).toEqual({ type: "leave" });
  });

  test("a third Ctrl-C leaves at once", () => {
    const tray = running().come({ type: "interrupt" }, { type: "interrupt" }, { type: "interrupt" });
    expect(tray.effects.at(-1)).toEqual({ type: "leave" });
  });

  test("Esc answers no", () => {
    const tray = running().come({ type: "interrupt" }, { type: "escape" }, { type: "interrupt" });
    expect(tray.call()).toMatchObject({ kind: "leave", stopping: false });
  });

  test("a terminal that goes away lets them finish and starts nothing", () => {
    const tray = running().come({ type: "abandoned" }, scan("UNIT-0002"));
    expect(tray.started()).toEqual(["A1=UNIT-0001"]);
    expect(tray.come(ended("A1", pass)).effects.at(-1)).toEqual({ type: "leave" });
  });

  test("a pause lets them finish and starts nothing until it is taken back", () => {
    const tray = running().come({ type: "pause" }, scan("UNIT-0002"));
    expect(tray.started()).toEqual(["A1=UNIT-0001"]);
    expect(tray.come({ type: "pause" }, scan("UNIT-0002")).started()).toHaveLength(2);
  });
});

test("with nothing running Ctrl-C leaves", () => {
  expect(bench(emptyTray(["A1"])).come({ type: "interrupt" }).effects).toEqual([{ type: "leave" }]);
});

test("a start that the books refuse frees its place and says why", () => {
  const tray = bench(emptyTray(["A1"])).come(scan("UNIT-0001"), {
    type: "rejected",
    slot: "A1",
    barcode: "UNIT-0001",
    code: "SERIALS_OUT",
    of: "",
  });
  expect(tray.slot("A1")).toEqual({ kind: "empty" });
  expect(tray.call()).toMatchObject({ kind: "refused", code: "SERIALS_OUT" });
});
