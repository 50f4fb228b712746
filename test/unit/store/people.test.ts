import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Deed } from "../../../src/model/deed.ts";
import { databaseOf, dataFolder, morning, owned, ready, refused, run, failed } from "./books.ts";

const deed = (kind: Deed["kind"], more: Partial<Deed> = {}): Deed => ({
  kind,
  at: morning,
  by: "M. Lang",
  role: "lead",
  realm: null,
  batch: null,
  barcode: null,
  slot: null,
  detail: {},
  ...more,
});

describe("people", () => {
  test("are found by their badge, and not after they left", () => {
    const store = owned(dataFolder());
    const lang = store.addPerson({ name: "M. Lang", role: "lead", badge: "B-1001", by: "QA" });
    store.addPerson({ name: "A. Kim", role: "operator", badge: "B-1002" });
    expect(store.personByBadge("B-1001")).toEqual(lang);
    expect(store.personByBadge("B-1002")).toMatchObject({ name: "A. Kim", role: "operator", hasPin: false });
    expect(store.personByBadge("B-1003")).toBeNull();
    store.setPersonActive(lang.id, false, "QA");
    expect(store.personByBadge("B-1001")).toBeNull();
    expect(store.people().map(({ name, active }) => [name, active])).toEqual([
      ["A. Kim", true],
      ["M. Lang", false],
    ]);
    expect(
      store.deeds({ kind: ["person-added", "person-changed"] }).map(({ by, detail }) => [by, detail["name"]]),
    ).toEqual([
      ["QA", "M. Lang"],
      ["nobody logged in", "A. Kim"],
      ["QA", "M. Lang"],
    ]);
  });

  test("have names and badges of their own", () => {
    const store = owned(dataFolder());
    store.addPerson({ name: "M. Lang", role: "lead", badge: "B-1001" });
    const other = () => store.addPerson({ name: "M. Lang", role: "quality" });
    expect(refused(other, "conflict").message).toContain("already");
    const badge = () => store.addPerson({ name: "A. Kim", role: "operator", badge: "B-1001" });
    expect(refused(badge, "conflict").message).toContain("M. Lang's");
    const hostile = () => store.addPerson({ name: "\u001b[2J", role: "operator" });
    expect(refused(hostile, "conflict").message).toContain("visible");
  });

  test("are known by name and PIN; five wrong ones make everybody wait, also after a restart", async () => {
    const folder = dataFolder();
    let at = morning.getTime();
    const now = (): Date => new Date(at);
    const first = owned(folder, { now });
    first.addPerson({ name: "M. Lang", role: "quality", pin: "73519" });
    expect(await first.personByPin("M. Lang", "73519")).toMatchObject({ name: "M. Lang", hasPin: true });
    expect(await first.personByPin("nobody", "73519")).toBeNull();
    for (let i = 0; i < 5; i += 1) expect(await first.personByPin("M. Lang", "00000")).toBeNull();
    first.close();
    const second = owned(folder, { now });
    await expect(second.personByPin("M. Lang", "73519")).rejects.toThrow("in 30 s");
    at += 30_000;
    expect(await second.personByPin("M. Lang", "73519")).toMatchObject({ name: "M. Lang" });
    expect(await second.personByPin("M. Lang", "73519")).not.toBeNull();
  });

  test("count each wrong PIN, also of tries at the same moment", async () => {
    const store = owned(dataFolder());
    store.addPerson({ name: "M. Lang", role: "quality", pin: "73519" });
    const tries = Array.from({ length: 5 }, () => store.personByPin("M. Lang", "00000"));
    expect(await Promise.all(tries)).toEqual(tries.map(() => null));
    await expect(store.personByPin("M. Lang", "73519")).rejects.toThrow("too many wrong PINs");
  });

  test("leave neither badge nor PIN in the file", () => {
    const folder = dataFolder();
    const store = owned(folder);
    store.addPerson({ name: "M. Lang", role: "quality", pin: "7351973519", badge: "BADGE-98431" });
    store.close();
    const bytes = readFileSync(databaseOf(folder), "latin1");
    expect(bytes).toContain("M. Lang");
    expect(bytes).not.toContain("7351973519");
    expect(bytes).not.toContain("BADGE-98431");
  });
});

describe("deeds", () => {
  test("are kept in the order of their chain, and found by batch, unit, slot and kind", () => {
    const store = ready();
    const unit = { batch: "WO-1", barcode: "UNIT-1" };
    const kept = [
      store.record(deed("logged-in")),
      store.record(deed("label-printed", unit)),
      store.record(deed("label-confirmed", unit)),
      store.record(deed("slot-retired", { slot: "A3", detail: { station: "line1", reason: "worn" } })),
    ];
    expect(store.deeds({ barcode: "UNIT-1" })).toEqual([kept[1], kept[2]]);
    expect(store.deeds({ slot: "A3" })).toEqual([kept[3]]);
    expect(store.deeds({ barcode: "UNIT-1", limit: 1 })).toEqual([kept[2]]);
    expect(store.deeds({ batch: "WO-1", kind: "label-printed" })).toEqual([kept[1]]);
    expect(store.deedHead()).toEqual({ seq: kept[3]?.seq, hash: kept[3]?.hash });
    expect(kept[3]?.previousHash).toBe(kept[2]?.hash);
  });

  test("say which slots of a station are retired now", () => {
    const store = owned(dataFolder());
    const of = (kind: Deed["kind"], slot: string, station: string) =>
      store.record(deed(kind, { slot, detail: { station, reason: "worn pins" } }));
    of("slot-retired", "A1", "line1");
    of("slot-retired", "A2", "line1");
    of("slot-retired", "A3", "line2");
    of("slot-restored", "A1", "line1");
    expect([...store.retiredSlots("line1")]).toEqual([
      ["A2", { reason: "worn pins", by: "M. Lang", at: morning }],
    ]);
  });
});

test("a slot is judged by its passes and failures, without what a person broke off", () => {
  const store = ready();
  run(store, "UNIT-1");
  run(store, "UNIT-2", { outcome: failed("VERIFY_MISMATCH") });
  run(store, "UNIT-3", { outcome: failed("INTERRUPTED"), opening: { slot: "A2" } });
  run(store, "UNIT-4", { opening: { slot: "A2" } });
  run(store, "UNIT-5", { opening: { slot: "A2", realm: "sim" } });
  expect(store.slotCounts(null)).toEqual([
    { slot: "A1", passed: 1, failed: 1 },
    { slot: "A2", passed: 1, failed: 0 },
  ]);
  expect(store.slotCounts("WO-1").at(1)).toEqual({ slot: "A2", passed: 2, failed: 0 });
  expect(store.slotCounts("WO-1", new Date(morning.getTime() + 1))).toEqual([]);
});
