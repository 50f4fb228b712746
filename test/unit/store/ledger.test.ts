import { describe, expect, test } from "vitest";
import type { SerialPolicy } from "../../../src/model/profile.ts";
import { SerialsOut } from "../../../src/store/store-error.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  begin,
  dataFolder,
  end,
  failed,
  macSpec,
  opening,
  raw,
  ready,
  refused,
  run,
  serialSpec,
  states,
} from "./books.ts";

const policies: readonly SerialPolicy[] = ["consume-on-success", "burn-on-failure", "keep-existing"];
const consume = serialSpec("consume-on-success");
const burn = serialSpec("burn-on-failure");
const keep = serialSpec("keep-existing");

function gang(store: Store, barcodes: readonly string[], specs = [consume]): string[][] {
  return store
    .reserveGang(barcodes.map((barcode) => ({ barcode, realm: "line", specs })))
    .map((unit) => unit.map(({ text }) => text));
}

describe.each(policies)("under %s", (policy) => {
  const spec = serialSpec(policy);

  test("a pass commits the unit's number", () => {
    const record = run(ready(), "UNIT-0001", { specs: [spec] });
    expect(record.serial).toBe("V60-00001");
    expect(states(record.serials)).toEqual(["V60-00001 committed"]);
  });

  test("a number that is on the label only is committed too", () => {
    const record = run(ready(), "UNIT-0001", { specs: [spec], wrote: false });
    expect(states(record.serials)).toEqual(["V60-00001 committed"]);
  });

  test("a unit that passed gets its own number again", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [spec] });
    run(store, "UNIT-0002", { specs: [spec] });
    const again = run(store, "UNIT-0001", { specs: [spec], opening: { reason: "rework" } });
    expect(states(again.serials)).toEqual(["V60-00001 committed"]);
  });

  test("a number that is out in a chip goes to nobody else", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [spec], wrote: true, outcome: failed("VERIFY_MISMATCH") });
    expect(run(store, "UNIT-0002", { specs: [spec] }).serial).toBe("V60-00002");
  });
});

describe.each([consume, keep])("under $policy", (spec) => {
  test("a number of which no byte left goes to the next unit", () => {
    const store = ready();
    const record = run(store, "UNIT-0001", { specs: [spec], outcome: failed("NO_BOARD") });
    expect(states(record.serials)).toEqual(["V60-00001 returned"]);
    expect(record.serial).toBeNull();
    expect(run(store, "UNIT-0002", { specs: [spec] }).serial).toBe("V60-00001");
  });

  test("a number that was written stays the unit's for ever", () => {
    const store = ready();
    const first = run(store, "UNIT-0001", { specs: [spec], wrote: true, outcome: failed("VERIFY_MISMATCH") });
    expect(states(first.serials)).toEqual(["V60-00001 written"]);
    const second = run(store, "UNIT-0001", { specs: [spec], outcome: failed("NO_BOARD") });
    expect(states(second.serials)).toEqual(["V60-00001 written"]);
    expect(run(store, "UNIT-0001", { specs: [spec] }).serial).toBe("V60-00001");
  });

  test("a MAC address that was written stays the unit's for ever, as its serial number does", () => {
    const store = ready();
    const specs = [spec, macSpec()];
    const first = run(store, "UNIT-0001", { specs, wrote: true, outcome: failed("VERIFY_MISMATCH") });
    expect(states(first.serials)).toEqual(["V60-00001 written", "70b3d5000000 written"]);
    const next = run(store, "UNIT-0002", { specs });
    expect(states(next.serials)).toEqual(["V60-00002 committed", "70b3d5000001 committed"]);
  });

  test("a foreign device in the slot uses no number up", () => {
    const record = run(ready(), "UNIT-0001", { specs: [spec], outcome: failed("FOREIGN_DEVICE") });
    expect(states(record.serials)).toEqual(["V60-00001 returned"]);
  });

  test("a rework that fails leaves a committed number with its unit", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [spec] });
    const cold = run(store, "UNIT-0001", { specs: [spec], outcome: failed("LINK_SILENT") });
    expect(states(cold.serials)).toEqual(["V60-00001 committed"]);
    const hot = run(store, "UNIT-0001", { specs: [spec], wrote: true, outcome: failed("LINK_SILENT") });
    expect(states(hot.serials)).toEqual(["V60-00001 written"]);
  });
});

describe("under burn-on-failure", () => {
  test.each([
    ["a fail after the write", true, "VERIFY_MISMATCH"],
    ["a fail before the write", false, "WRONG_CHIP"],
    ["an empty slot", false, "NO_BOARD"],
    ["a foreign device", false, "FOREIGN_DEVICE"],
    ["a stop by hand", false, "INTERRUPTED"],
  ] as const)("%s voids the number, and the next attempt takes a new one", (_, wrote, code) => {
    const store = ready();
    const record = run(store, "UNIT-0001", { specs: [burn], wrote, outcome: failed(code) });
    expect(states(record.serials)).toEqual(["V60-00001 void"]);
    expect(record.serial).toBe("V60-00001");
    expect(run(store, "UNIT-0001", { specs: [burn] }).serial).toBe("V60-00002");
    expect(run(store, "UNIT-0002", { specs: [burn] }).serial).toBe("V60-00003");
  });

  test("a rework that fails voids the number of the pass", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [burn] });
    const rework = run(store, "UNIT-0001", {
      specs: [burn],
      wrote: true,
      outcome: failed("VERIFY_MISMATCH"),
    });
    expect(states(rework.serials)).toEqual(["V60-00001 void"]);
    expect(run(store, "UNIT-0001", { specs: [burn] }).serial).toBe("V60-00002");
  });

  test("the failure's code is the reason in the moves", () => {
    const folder = dataFolder();
    run(ready(folder), "UNIT-0001", { specs: [burn], wrote: true, outcome: failed("VERIFY_MISMATCH") });
    const moves = raw(folder).prepare("SELECT state_before, state, reason FROM moves ORDER BY id").all();
    expect(moves).toEqual([
      { state_before: null, state: "reserved", reason: "reserved" },
      { state_before: "reserved", state: "written", reason: "about to leave the station" },
      { state_before: "written", state: "void", reason: "VERIFY_MISMATCH" },
    ]);
  });
});

describe("a number found in the chip, under keep-existing", () => {
  test("is kept when nobody has it, and the reserved one goes back", () => {
    const store = ready();
    const { attempt } = begin(store, "UNIT-0001", { specs: [keep] });
    const kept = store.adoptExisting(attempt, "vesc-60", 77, "V60-00077");
    expect(kept).toEqual({ series: "vesc-60", number: 77, text: "V60-00077", state: "written" });
    expect(states(end(store, attempt).serials)).toEqual(["V60-00077 committed"]);
    expect(run(store, "UNIT-0002", { specs: [keep] }).serial).toBe("V60-00001");
  });

  test("does not carry the series away: the next number follows the last one given out", () => {
    const store = ready();
    const { attempt } = begin(store, "UNIT-0001", { specs: [keep] });
    store.adoptExisting(attempt, "vesc-60", 99_999, "V60-99999");
    end(store, attempt);
    expect(gang(store, ["UNIT-0002", "UNIT-0003"])).toEqual([["V60-00001"], ["V60-00002"]]);
  });

  test("is stepped over when the series comes to it", () => {
    const store = ready();
    const { attempt } = begin(store, "UNIT-0001", { specs: [keep] });
    store.adoptExisting(attempt, "vesc-60", 2, "V60-00002");
    end(store, attempt);
    expect(gang(store, ["UNIT-0002", "UNIT-0003"])).toEqual([["V60-00001"], ["V60-00003"]]);
  });

  test("is refused when another unit has it, had it void, or has it reserved in this gang", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [keep] });
    run(store, "UNIT-0002", { specs: [burn], wrote: true, outcome: failed("VERIFY_MISMATCH") });
    begin(store, "UNIT-0003", { specs: [keep] });
    const { attempt } = begin(store, "UNIT-0004", { specs: [keep] });
    expect(store.adoptExisting(attempt, "vesc-60", 1, "V60-00001")).toBeNull();
    expect(store.adoptExisting(attempt, "vesc-60", 2, "V60-00002")).toBeNull();
    expect(store.adoptExisting(attempt, "vesc-60", 3, "V60-00003")).toBeNull();
    expect(states(end(store, attempt).serials)).toEqual(["V60-00004 committed"]);
  });

  test("is refused when its text is another number's, or its number another text's", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [keep] });
    const { attempt } = begin(store, "UNIT-0002", { specs: [keep] });
    expect(store.adoptExisting(attempt, "vesc-60", 9, "V60-00001")).toBeNull();
    expect(store.adoptExisting(attempt, "vesc-60", 1, "V60-1")).toBeNull();
  });

  test("that was reserved for this very unit is kept with the text that the chip has, as it was written in another week", () => {
    const store = ready();
    const { attempt } = begin(store, "UNIT-0001", { specs: [keep] });
    const kept = store.adoptExisting(attempt, "vesc-60", 1, "V60-2610-00001");
    expect(kept).toEqual({ series: "vesc-60", number: 1, text: "V60-2610-00001", state: "written" });
    expect(states(end(store, attempt).serials)).toEqual(["V60-2610-00001 committed"]);
    expect(run(store, "UNIT-0002", { specs: [keep] }).serial).toBe("V60-00002");
    expect(store.audit().kind).toBe("whole");
  });

  test("is refused where the unit has written this number with another text already", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [keep], wrote: true, outcome: failed("VERIFY_MISMATCH") });
    const { attempt } = begin(store, "UNIT-0001", { specs: [keep] });
    expect(store.adoptExisting(attempt, "vesc-60", 1, "V60-2610-00001")).toBeNull();
  });

  test("that is the unit's own stays as it is", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [keep], wrote: true, outcome: failed("VERIFY_MISMATCH") });
    const { attempt } = begin(store, "UNIT-0001", { specs: [keep] });
    expect(store.adoptExisting(attempt, "vesc-60", 1, "V60-00001")?.state).toBe("written");
    expect(end(store, attempt).serial).toBe("V60-00001");
  });

  test("that came back from another unit is taken, with the text that the chip has", () => {
    const store = ready();
    const one = begin(store, "UNIT-0001", { specs: [keep] });
    const two = begin(store, "UNIT-0002", { specs: [keep] });
    end(store, two.attempt, { outcome: failed("NO_BOARD") });
    const kept = store.adoptExisting(one.attempt, "vesc-60", 2, "V60-2647-00002");
    expect(kept?.text).toBe("V60-2647-00002");
    expect(states(end(store, one.attempt).serials)).toEqual(["V60-2647-00002 committed"]);
  });

  test("takes the place of a number that was written before: that one is void, and nobody's again", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [keep], wrote: true, outcome: failed("VERIFY_MISMATCH") });
    const { attempt } = begin(store, "UNIT-0001", { specs: [keep] });
    store.adoptExisting(attempt, "vesc-60", 50, "V60-00050");
    const record = end(store, attempt);
    expect(record.serial).toBe("V60-00050");
    expect(states(record.serials)).toEqual(["V60-00001 void", "V60-00050 committed"]);
    expect(run(store, "UNIT-0002", { specs: [keep] }).serial).toBe("V60-00002");
  });
});

describe("a gang", () => {
  test("gets numbers in the order of its slots, serial number and address for each", () => {
    expect(gang(ready(), ["UNIT-0001", "UNIT-0002"], [consume, macSpec()])).toEqual([
      ["V60-00001", "70b3d5000000"],
      ["V60-00002", "70b3d5000001"],
    ]);
  });

  test("that the range cannot serve starts nobody, and nothing has changed", () => {
    const folder = dataFolder();
    const store = ready(folder);
    run(store, "UNIT-0001", { specs: [serialSpec("consume-on-success", { end: 3 })] });
    const short = [consume, macSpec({ end: 1 })];
    const before = raw(folder).serialize();
    const call = (): unknown => gang(store, ["UNIT-0001", "UNIT-0002", "UNIT-0003", "UNIT-0004"], short);
    const error = refused(call, "conflict");
    expect(error).toBeInstanceOf(SerialsOut);
    expect(error).toMatchObject({ series: "mac", left: 2, wanted: 4 });
    expect(error.message).toContain("series mac: this gang needs 4 new numbers and 2 are left");
    expect(raw(folder).serialize().equals(before)).toBe(true);
  });

  test("takes the last number of a range once, then the next gang is refused", () => {
    const store = ready();
    const three = [serialSpec("consume-on-success", { end: 3 })];
    expect(gang(store, ["A", "B", "C"], three)).toEqual([["V60-00001"], ["V60-00002"], ["V60-00003"]]);
    expect(refused(() => gang(store, ["D"], three), "conflict")).toMatchObject({ left: 0, wanted: 1 });
    expect(gang(store, ["B"], three)).toEqual([["V60-00002"]]);
  });

  test("is refused with the same barcode twice in it, or with a unit that runs", () => {
    const store = ready();
    expect(refused(() => gang(store, ["A", "A"]), "conflict").message).toContain(
      "unit A is in this gang twice",
    );
    begin(store, "A", { specs: [consume] });
    expect(refused(() => gang(store, ["B", "A"]), "conflict").message).toContain(
      "unit A is being programmed",
    );
  });

  test("is refused when the format does not tell numbers apart", () => {
    const store = ready();
    const same = [serialSpec("consume-on-success", { text: () => "V60" })];
    const error = refused(() => gang(store, ["A", "B"], same), "conflict");
    expect(error.message).toContain("does not tell numbers apart");
    expect(gang(store, ["A"], same)).toEqual([["V60"]]);
  });

  test("gives numbers back that no attempt was begun for", () => {
    const store = ready();
    const [first = []] = store.reserveGang([{ barcode: "A", realm: "line", specs: [consume] }]);
    store.giveBack(first, "line");
    expect(gang(store, ["B"])).toEqual([["V60-00001"]]);
  });

  test("never gives back what an attempt has", () => {
    const store = ready();
    const { reservations } = begin(store, "A", { specs: [consume] });
    store.giveBack(reservations, "line");
    expect(gang(store, ["B"])).toEqual([["V60-00002"]]);
  });

  test("takes the lowest number that came back, with the text of today", () => {
    const store = ready();
    gang(store, ["A", "B", "C"]);
    for (const barcode of ["C", "B"]) run(store, barcode, { specs: [consume], outcome: failed("NO_BOARD") });
    const spec = serialSpec("consume-on-success", { text: (n) => `V61-${n}` });
    expect(gang(store, ["D", "E", "F"], [spec])).toEqual([["V61-2"], ["V61-3"], ["V61-4"]]);
  });

  test("stays inside its range where two profiles share a series", () => {
    const store = ready();
    const low = serialSpec("consume-on-success", { start: 1, end: 10 });
    const high = serialSpec("consume-on-success", { start: 500, end: null });
    expect(gang(store, ["A"], [high])).toEqual([["V60-00500"]]);
    expect(gang(store, ["B"], [low])).toEqual([["V60-00001"]]);
    expect(gang(store, ["C"], [high])).toEqual([["V60-00501"]]);
  });

  test("of simulated boards takes its numbers from a shadow of the series", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [consume] });
    const sim = run(store, "UNIT-0001", { specs: [consume], opening: { realm: "sim" } });
    expect(sim).toMatchObject({ serial: "V60-00001", attempt: 1, realm: "sim" });
  });

  test("of another series gets a number of that one, and keeps its own of the first", () => {
    const store = ready();
    run(store, "UNIT-0001", { specs: [consume] });
    const other = serialSpec("consume-on-success", { series: "other", text: (n) => `X${n}` });
    expect(run(store, "UNIT-0001", { specs: [other] }).serial).toBe("X1");
    expect(run(store, "UNIT-0001", { specs: [consume] }).serial).toBe("V60-00001");
  });
});

test("an attempt takes only numbers that are reserved for its unit", () => {
  const store = ready();
  const [mine = []] = store.reserveGang([{ barcode: "A", realm: "line", specs: [consume] }]);
  const error = refused(() => store.openAttempt(opening("B"), mine), "conflict");
  expect(error.message).toContain("V60-00001 is not reserved for unit B");
  expect(store.openAttempt(opening("A"), mine).attempt).toBe(1);
});
