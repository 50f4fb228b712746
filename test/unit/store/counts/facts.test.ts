import { describe, expect, test } from "vitest";
import { firstPassYield } from "../../../../src/model/batch.ts";
import type { Store } from "../../../../src/store/store.ts";
import {
  batchOpening,
  begin,
  dataFolder,
  end,
  failed,
  macSpec,
  marginalPass,
  ready,
  run,
  serialSpec,
  type Run,
} from "../books.ts";

const consume = serialSpec("consume-on-success");
const fail = failed("VERIFY_MISMATCH");

function counts(store: Store, batch = "WO-1"): unknown {
  return store.batchCounts(batch);
}

const inBatch = (batch: string, more: Run = {}): Run => ({ ...more, opening: { ...more.opening, batch } });

describe("the counts of a batch", () => {
  test("are zero before the first unit, and null without a batch", () => {
    const store = ready();
    expect(counts(store)).toEqual({ passed: 0, failed: 0, seen: 0, firstPass: 0, firstSeen: 0, marginal: 0 });
    expect(counts(store, "WO-9")).toBeNull();
    expect(store.batchFacts("WO-9")).toBeNull();
  });

  test("go by the last attempt of each unit; a retry that passes is not a first pass", () => {
    const store = ready();
    run(store, "A");
    run(store, "B", { outcome: fail });
    run(store, "B", { opening: { reason: "retry" } });
    run(store, "C", { outcome: failed("LINK_SILENT") });
    run(store, "D");
    run(store, "D", { outcome: fail, opening: { reason: "rework" } });
    const facts = store.batchCounts("WO-1");
    expect(facts).toEqual({ passed: 2, failed: 2, seen: 4, firstPass: 2, firstSeen: 4, marginal: 0 });
    expect(facts === null ? null : firstPassYield(facts)).toBe(50);
  });

  test("count a marginal pass as passed, also as a first pass, and tell it apart", () => {
    const store = ready();
    run(store, "A", { outcome: marginalPass });
    run(store, "B", { outcome: marginalPass });
    run(store, "B", { opening: { reason: "rework" } });
    run(store, "C", { outcome: marginalPass });
    run(store, "C", { outcome: fail, opening: { reason: "rework" } });
    expect(counts(store)).toEqual({ passed: 2, failed: 1, seen: 3, firstPass: 3, firstSeen: 3, marginal: 2 });
  });

  test("call a unit first seen only where it was first seen ever, a trial included", () => {
    const store = ready();
    store.openBatch(batchOpening("WO-2"));
    run(store, "A", { outcome: fail, opening: { trial: true } });
    run(store, "A", inBatch("WO-2"));
    run(store, "B", inBatch("WO-2"));
    expect(counts(store)).toMatchObject({ seen: 1, firstSeen: 1, firstPass: 0 });
    expect(counts(store, "WO-2")).toMatchObject({ passed: 2, seen: 2, firstSeen: 1, firstPass: 1 });
  });

  test("stay as they were when a later batch works on the same units", () => {
    const store = ready();
    store.openBatch(batchOpening("WO-2"));
    run(store, "A", { specs: [consume] });
    const before = store.batchFacts("WO-1");
    run(store, "A", inBatch("WO-2", { specs: [serialSpec("burn-on-failure")], wrote: true, outcome: fail }));
    expect(store.batchFacts("WO-1")).toEqual(before);
  });

  test("leave out a slot with a foreign device in it", () => {
    const store = ready();
    run(store, "A", { outcome: failed("FOREIGN_DEVICE") });
    expect(counts(store)).toMatchObject({ seen: 0, firstSeen: 0 });
    run(store, "A");
    run(store, "A", { outcome: failed("FOREIGN_DEVICE") });
    expect(counts(store)).toEqual({ passed: 1, failed: 0, seen: 1, firstPass: 1, firstSeen: 1, marginal: 0 });
  });

  test("keep a simulated unit and one of the line apart", () => {
    const store = ready();
    run(store, "A", { outcome: fail, opening: { realm: "sim" } });
    run(store, "A");
    expect(counts(store)).toMatchObject({ passed: 1, failed: 1, seen: 2, firstSeen: 2, firstPass: 1 });
    expect(store.batchFacts("WO-1")?.simulated).toBe(true);
  });
});

describe("the facts of a batch", () => {
  test("are its rows in the order of the chain, failures by number, slots by name, the head", () => {
    const store = ready();
    store.openBatch(batchOpening("WO-2"));
    const mine = [
      run(store, "A", { specs: [consume, macSpec()], opening: { slot: "B1" } }),
      run(store, "B", { specs: [consume], wrote: true, outcome: fail, opening: { slot: "A1" } }),
    ];
    run(store, "X", inBatch("WO-2"));
    mine.push(
      run(store, "C", { specs: [consume], outcome: failed("NO_BOARD"), opening: { slot: "A1" } }),
      run(store, "B", { specs: [consume], wrote: true, outcome: fail, opening: { slot: "A1" } }),
      run(store, "D", { specs: [serialSpec("burn-on-failure")], outcome: fail, opening: { slot: "B1" } }),
      run(store, "E", { outcome: failed("FOREIGN_DEVICE"), opening: { slot: "B2" } }),
    );
    const facts = store.batchFacts("WO-1");
    expect(facts?.attempts).toEqual(mine);
    expect(facts?.failures).toEqual([
      { code: "VERIFY_MISMATCH", count: 3 },
      { code: "NO_BOARD", count: 1 },
    ]);
    expect(facts?.bySlot).toEqual([
      { slot: "A1", passed: 0, tried: 3 },
      { slot: "B1", passed: 1, tried: 2 },
    ]);
    expect(facts?.serials).toEqual({
      committed: 1,
      written: 1,
      reserved: 0,
      void: 1,
      first: "V60-00001",
      last: "V60-00003",
    });
    expect(facts?.head).toEqual({ seq: 7, hash: mine.at(-1)?.hash });
    expect(facts).toMatchObject({ simulated: false, timezone: "Europe/Berlin" });
  });

  test("of a batch without an attempt have no head, and the time zone of whoever opened it", () => {
    expect(ready().batchFacts("WO-1")).toMatchObject({
      attempts: [],
      head: null,
      timezone: "Europe/Berlin",
      serials: { first: null, last: null },
    });
  });

  test("count a number that is reserved right now", () => {
    const store = ready();
    const { attempt } = begin(store, "A", { specs: [consume, macSpec()] });
    expect(store.batchFacts("WO-1")?.serials).toMatchObject({ reserved: 1, committed: 0 });
    end(store, attempt);
    expect(store.batchFacts("WO-1")?.serials).toMatchObject({ reserved: 0, committed: 1 });
  });
});

test("a unit has passed in a batch when it has a PASS there, whatever came after", () => {
  const store = ready();
  store.openBatch(batchOpening("WO-2"));
  run(store, "A");
  run(store, "A", { outcome: fail });
  run(store, "B", { outcome: fail });
  const passed = (barcode: string, batch = "WO-1", realm: "line" | "sim" = "line"): boolean =>
    store.passedInBatch(batch, barcode, realm);
  expect([passed("A"), passed("B"), passed("A", "WO-2"), passed("A", "WO-1", "sim")]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("rows of one batch, or all, come in the order of the chain while the line goes on", () => {
  const store = ready();
  store.openBatch(batchOpening("WO-2"));
  for (let i = 0; i < 1100; i += 1) run(store, `U${i}`, i % 2 === 0 ? {} : inBatch("WO-2"));
  const seen: number[] = [];
  for (const { seq } of store.records()) {
    seen.push(seq);
    if (seq === 1) run(store, "late");
  }
  expect(seen).toEqual(Array.from({ length: 1101 }, (_, i) => i + 1));
  const odd = [...store.records("WO-1")].map(({ seq }) => seq);
  expect(odd).toEqual([...Array.from({ length: 550 }, (_, i) => 2 * i + 1), 1101]);
  expect(store.lastRecords(2, "WO-2").map(({ seq }) => seq)).toEqual([1100, 1098]);
  expect([...store.records("WO-9")]).toEqual([]);
});

describe("a unit's life", () => {
  const uid = "0123456789abcdef01234567";

  function peopled(): Store {
    const store = ready(dataFolder());
    run(store, "UNIT-0001", { specs: [consume, macSpec()], uid });
    run(store, "UNIT-0001", { specs: [serialSpec("burn-on-failure")], wrote: true, outcome: fail });
    run(store, "UNIT-0001", { specs: [serialSpec("burn-on-failure")] });
    run(store, "UNIT-0002", { specs: [consume], uid: "0123456789abcdefffffffff" });
    run(store, "UNIT-0002", { opening: { realm: "sim" } });
    return store;
  }

  test.each([
    ["its barcode", "UNIT-0001"],
    ["its serial number", "V60-00002"],
    ["a serial number that was void", "V60-00001"],
    ["its address", "70b3d5000000"],
    ["its UID, in any case", uid.toUpperCase()],
    ["a part of its barcode, in any case", "nit-0001"],
    ["a part of its UID", "cdef0123"],
    ["a part of its serial number", "-00002"],
    ["its barcode with blanks around", "  UNIT-0001 "],
  ])("is found by %s", (_, what) => {
    const found = peopled().unitLife(what);
    expect(found.kind).toBe("found");
    expect(found).toMatchObject({
      life: {
        barcode: "UNIT-0001",
        uid,
        serials: [
          { series: "mac", text: "70b3d5000000", state: "committed" },
          { series: "vesc-60", text: "V60-00001", state: "void" },
          { series: "vesc-60", text: "V60-00002", state: "committed" },
        ],
      },
    });
    expect(found.kind === "found" && found.life.attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test("that fits several units is a list of candidates, those of the line", () => {
    const found = peopled().unitLife("UNIT");
    expect(found).toEqual({
      kind: "several",
      candidates: [
        { barcode: "UNIT-0001", realm: "line", uid, serials: ["70b3d5000000", "V60-00001", "V60-00002"] },
        { barcode: "UNIT-0002", realm: "line", uid: "0123456789abcdefffffffff", serials: ["V60-00003"] },
      ],
    });
  });

  test.each(["", "   ", "UNI", "V60", "nobody", "%NIT", "____"])("finds nobody by %j", (what) => {
    expect(peopled().unitLife(what)).toEqual({ kind: "none" });
  });

  test("of a simulated unit is found where the line has no such unit", () => {
    const store = ready();
    run(store, "DEMO-0001", { opening: { realm: "sim" } });
    expect(store.unitLife("DEMO-0001")).toMatchObject({ kind: "found", life: { barcode: "DEMO-0001" } });
  });
});
