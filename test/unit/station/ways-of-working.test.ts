import { describe, expect, test } from "vitest";
import type { Presence } from "../../../src/station/bench-state.ts";
import type { Input } from "../../../src/station/decide.ts";
import { keysOf } from "../../../src/station/key-bar.ts";
import type { Scan } from "../../../src/station/take-scan.ts";
import { bench, emptyTray, ended, failed, known as fresh, pass, scan, started } from "./some-bench.ts";

const come = (text: string, what: Scan): Input => ({ type: "scanned", text, typed: false, scan: what });
const slotCode = (slot: string): Input => come(`GF:SLOT:${slot}`, { kind: "slot", slot });
const panel = (code: string, passed: readonly string[] = []): Input =>
  come(code, {
    kind: "panel",
    code,
    units: ["A1", "A2", "A3"].map((slot, i) => ({
      slot,
      barcode: `UNIT-000${i + 1}`,
      known: { ...fresh, passedHere: passed.includes(slot) },
    })),
  });
const there = (slot: string): Input => ({ type: "presence", slot, presence: { kind: "board", chip: null } });
const seen = (slot: string, presence: Presence): Input => ({ type: "presence", slot, presence });
const gone = (slot: string): Input => seen(slot, { kind: "none" });
const enter: Input = { type: "enter" };
const names = ["A1", "A2", "A3"];
const rules = (run: "pipelined" | "tray", start: "enter" | "insert" | "key") => ({
  rules: { login: "none", run, start } as const,
});

describe("a panel code", () => {
  test("gives every slot its unit by its place, all in one start", () => {
    const tray = bench(emptyTray(names)).come(panel("PNL-1"));
    expect(tray.effects).toEqual([
      {
        type: "start",
        units: names.map((slot, i) => ({ slot, barcode: `UNIT-000${i + 1}`, panel: "PNL-1" })),
      },
    ]);
  });

  test("starts those that have not passed", () => {
    const tray = bench(emptyTray(names)).come(panel("PNL-1", ["A1", "A3"]));
    expect(tray.started()).toEqual(["A2=UNIT-0002"]);
    expect(bench(emptyTray(names)).come(panel("PNL-1", names)).state().refused?.code).toBe("SCAN_PASSED");
  });

  test("starts nobody while one of its places is taken", () => {
    const tray = bench(emptyTray(names)).come(slotCode("A2"), scan("UNIT-0009"), panel("PNL-1"));
    expect(tray.state().refused).toMatchObject({ code: "SLOT_TAKEN", of: "A2" });
    expect(tray.started()).toEqual(["A2=UNIT-0009"]);
  });

  test("starts no more than the order wants", () => {
    expect(
      bench(emptyTray(names, {}, 2))
        .come(panel("PNL-1"))
        .started(),
    ).toHaveLength(2);
  });
});

describe("a slot's own code", () => {
  test("says where the next unit goes", () => {
    expect(bench(emptyTray(names)).come(slotCode("A3"), scan("UNIT-0001")).started()).toEqual([
      "A3=UNIT-0001",
    ]);
  });

  test("is taken back by Esc", () => {
    const tray = bench(emptyTray(names)).come(slotCode("A3"), { type: "escape" }, scan("UNIT-0001"));
    expect(tray.started()).toEqual(["A1=UNIT-0001"]);
  });

  test("of a slot that runs, or of none, is refused", () => {
    const tray = bench(emptyTray(names)).come(scan("UNIT-0001"), started("A1"), slotCode("A1"));
    expect(tray.state().refused?.code).toBe("SLOT_TAKEN");
    expect(tray.come(slotCode("Z9")).state().refused?.code).toBe("SCAN_FORMAT");
  });
});

describe("a scan that is refused before power", () => {
  test.each([
    ["a label of another product", come("x", { kind: "other-product", gtin: "04012345678901" }), "SCAN_GTIN"],
    ["a label that cannot be read", come("x", { kind: "unreadable" }), "SCAN_FORMAT"],
    [
      "a profile whose days are over",
      come("UNIT-0001", {
        kind: "unit",
        barcode: "UNIT-0001",
        known: { ...fresh, barred: { code: "PROFILE_OVER", of: "2026-01-01" } },
      }),
      "PROFILE_OVER",
    ],
    ["an order where orders are not scanned", come("WO-2", { kind: "order", order: "WO-2" }), "SCAN_FORMAT"],
  ] as const)("%s", (_name, input, code) => {
    const tray = bench(emptyTray(names)).come(input);
    expect(tray.state().refused?.code).toBe(code);
    expect(tray.effects).toEqual([]);
  });
});

describe("an order by its code", () => {
  const waiting = () => bench(emptyTray(names, { order: null, ordersByCode: true }));
  const order = come("WO-2", { kind: "order", order: "WO-2" });

  test("comes before the first unit", () => {
    const tray = waiting().come(scan("UNIT-0001"));
    expect(tray.state().refused?.code).toBe("ORDER_FIRST");
    expect(tray.come({ type: "escape" }).call().kind).toBe("order");
    expect(tray.come(order).effects).toEqual([{ type: "open-order", text: "WO-2" }]);
  });

  test("waits until boards that run are done and verdicts are seen", () => {
    const tray = bench(emptyTray(names, { ordersByCode: true })).come(
      scan("UNIT-0001"),
      started("A1"),
      order,
    );
    expect(tray.state().refused?.code).toBe("BOARDS_RUN");
    tray.come(ended("A1", failed("LINK_SILENT")), order);
    expect(tray.state().refused?.code).toBe("ACK_FIRST");
    expect(tray.come(enter, enter, order).effects.at(-1)).toEqual({ type: "open-order", text: "WO-2" });
  });
});

describe("tray running", () => {
  test("starts all together when the tray is full, and takes no scan until it has ended", () => {
    const tray = bench(emptyTray(["A1", "A2"], rules("tray", "enter"))).come(scan("UNIT-0001"));
    expect(tray.started()).toEqual([]);
    tray.come(scan("UNIT-0002"), started("A1"), started("A2"), scan("UNIT-0003"));
    expect(tray.started()).toEqual(["A1=UNIT-0001", "A2=UNIT-0002"]);
    expect(tray.state().refused?.code).toBe("BOARDS_RUN");
  });

  test("starts a part of the tray by the Enter key", () => {
    const tray = bench(emptyTray(names, rules("tray", "enter"))).come(scan("UNIT-0001"));
    expect(tray.call()).toEqual({ kind: "scan", slot: "A2", armed: 1 });
    expect(tray.come(enter).started()).toEqual(["A1=UNIT-0001"]);
  });

  test("shows a failure when the tray has ended", () => {
    const tray = bench(emptyTray(["A1", "A2"], rules("tray", "enter"))).come(
      scan("UNIT-0001"),
      scan("UNIT-0002"),
      started("A1"),
      started("A2"),
      ended("A1", failed("LINK_SILENT")),
    );
    expect(tray.call().kind).toBe("running");
    expect(tray.come(enter, ended("A2", pass)).call()).toMatchObject({ kind: "failed", slot: "A1" });
  });

  test("takes back the last scan by Esc", () => {
    const tray = bench(emptyTray(names, rules("pipelined", "key"))).come(
      scan("UNIT-0001"),
      scan("UNIT-0002"),
      { type: "escape" },
      enter,
    );
    expect(tray.started()).toEqual(["A1=UNIT-0001"]);
    expect(tray.slot("A2")).toEqual({ kind: "empty" });
  });

  test("Enter with nothing scanned says so", () => {
    expect(
      bench(emptyTray(names, rules("pipelined", "key")))
        .come(enter)
        .state().refused?.code,
    ).toBe("NOTHING_ARMED");
  });
});

describe("boards that are seen by themselves", () => {
  test("start when they are put in after their scan", () => {
    const tray = bench(emptyTray(names, rules("pipelined", "insert"))).come(
      gone("A1"),
      gone("A2"),
      gone("A3"),
      scan("UNIT-0001"),
    );
    expect(tray.started()).toEqual([]);
    expect(tray.come(there("A1")).started()).toEqual(["A1=UNIT-0001"]);
  });

  test("are asked for before they are scanned", () => {
    const tray = bench(emptyTray(names)).come(
      gone("A1"),
      seen("A2", { kind: "foreign", name: "USB Audio" }),
      gone("A3"),
    );
    expect(tray.call()).toEqual({ kind: "load", found: 0, of: 3, look: ["A2"] });
    expect(tray.come(there("A3")).call()).toMatchObject({ kind: "scan", slot: "A3" });
    expect(tray.slot("A2")).toEqual({ kind: "foreign", name: "USB Audio" });
  });

  test("a passed board that starts its program leaves the bus, and its result stays", () => {
    const tray = bench(emptyTray(["A1"])).come(
      there("A1"),
      scan("UNIT-0001"),
      started("A1"),
      ended("A1", pass),
    );
    expect(tray.come(gone("A1")).slot("A1")).toMatchObject({ kind: "ended" });
    expect(tray.come(there("A1")).slot("A1")).toEqual({ kind: "board", chip: null });
  });

  test("the removal of a failed board that was seen makes its place ready again", () => {
    const tray = bench(emptyTray(["A1"])).come(
      there("A1"),
      scan("UNIT-0001"),
      started("A1"),
      ended("A1", failed("VERIFY_MISMATCH")),
      gone("A1"),
    );
    expect(tray.slot("A1")).toMatchObject({ kind: "ended", acknowledged: false });
    expect(tray.come(enter).slot("A1")).toEqual({ kind: "empty" });
  });
});

describe("a golden sample", () => {
  const due = () => bench(emptyTray(names, { golden: { barcode: "GOLDEN-1", state: "due" } }));

  test("comes before the first board of the shift, and is read in the next free slot", () => {
    const tray = due().come(scan("UNIT-0001"));
    expect(tray.state().refused).toMatchObject({ code: "GOLDEN_FIRST", of: "GOLDEN-1" });
    tray.come(scan("GOLDEN-1"));
    expect(tray.effects).toEqual([{ type: "read-golden", slot: "A1" }]);
    expect(tray.come({ type: "golden-read", good: true }, scan("UNIT-0001")).started()).toEqual([
      "A1=UNIT-0001",
    ]);
  });

  test("that is not what it was stops the station until it is tried again", () => {
    const tray = due().come(scan("GOLDEN-1"), { type: "golden-read", good: false });
    expect(tray.call()).toEqual({ kind: "stop", code: "GOLDEN_FAILED" });
    expect(tray.come(enter).call()).toMatchObject({ kind: "golden", barcode: "GOLDEN-1" });
  });
});

describe("a slot that fails too often", () => {
  const suspect = { failed: 4, tried: 15, othersFailed: 1, othersTried: 105 };
  const told: Input = { type: "suspects", suspects: new Map([["A1", suspect]]) };

  test("is told once, and gets no board but by its own code", () => {
    const tray = bench(emptyTray(names)).come(told);
    expect(tray.call()).toEqual({ kind: "suspect", slot: "A1", suspect });
    tray.come(enter, told, scan("UNIT-0001"));
    expect(tray.started()).toEqual(["A2=UNIT-0001"]);
    expect(tray.come(slotCode("A1"), scan("UNIT-0002")).started().at(-1)).toBe("A1=UNIT-0002");
  });
});

describe("a look-up", () => {
  const f4: Input = { type: "key", key: "look-up", places: [], columns: 1 };

  test("only reads what is scanned next, and starts nothing", () => {
    const tray = bench(emptyTray(names)).come(f4, scan("UNIT-0001"));
    expect(tray.effects).toEqual([{ type: "look-up", slot: null, barcode: "UNIT-0001" }]);
    expect(tray.call()).toEqual({ kind: "look-up" });
  });

  test("of a slot that runs is refused", () => {
    const tray = bench(emptyTray(names)).come(scan("UNIT-0001"), started("A1"), f4, slotCode("A1"));
    expect(tray.state().refused?.code).toBe("SLOT_TAKEN");
  });
});

test("a command card does what its key does", () => {
  const tray = bench(emptyTray(names)).come(
    scan("UNIT-0001"),
    started("A1"),
    ended("A1", failed("LINK_SILENT")),
    come("GF:ENTER", { kind: "card", key: "enter" }),
  );
  expect(tray.slot("A1")).toMatchObject({ acknowledged: true });
});

describe("trouble planned in a rehearsal", () => {
  const f8 = { type: "key", key: "reject", places: [0], columns: 1 } as const;

  test("is told until the next board starts, which has it; its key is shown", () => {
    const it = bench(emptyTray(["A1"], { planned: "" })).come(f8);
    expect(it.effects.map(({ type }) => type)).toEqual(["next-mishap"]);
    expect(keysOf(it.state(), it.call())).toContainEqual({ key: "F8", does: "next-mishap" });
    it.come({ type: "planned", words: "pullAt=4096" });
    expect(it.state().planned).toBe("pullAt=4096");
    it.come(scan("UNIT-0001"), started("A1"));
    expect(it.state().planned).toBe("");
  });

  test("is none of production's: F8 says so", () => {
    const it = bench(emptyTray(["A1"])).come(f8);
    expect(it.effects).toEqual([]);
    expect(it.state().refused).toMatchObject({ code: "CARD_USELESS", of: "F8" });
    expect(keysOf(it.state(), it.call()).map(({ key }) => key)).not.toContain("F8");
  });
});
