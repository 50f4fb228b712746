import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isSigned, readStatement } from "../../../src/model/statement.ts";
import { audit } from "../../../src/store/audit/audit.ts";
import { decideBeside } from "../../../src/store/record-beside.ts";
import { keyName } from "../../../src/store/station-key.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  batchOpening,
  databaseOf,
  dataFolder,
  failed,
  morning,
  opening,
  owned,
  profile,
  ready,
  refused,
  run,
  serialSpec,
} from "./books.ts";

const why = { reason: "fixture was not closed", by: "A. Kim", role: "quality", at: morning } as const;
const unit = (barcode: string) => ({ barcode, realm: "line" }) as const;
const factsOf = (store: Store) => {
  const facts = store.batchFacts("WO-1");
  if (facts === null) throw new Error("there is no batch WO-1");
  return facts;
};

describe("an attempt that is void", () => {
  test("counts nowhere, and is listed with its reason", () => {
    const store = ready();
    run(store, "UNIT-1", { outcome: failed("NO_BOARD") });
    run(store, "UNIT-1");
    run(store, "UNIT-2");
    expect(store.batchCounts("WO-1")).toMatchObject({ passed: 2, firstPass: 1, firstSeen: 2 });
    store.voidAttempt(unit("UNIT-1"), 1, why);
    const facts = factsOf(store);
    expect(facts.counts).toMatchObject({ passed: 2, firstPass: 2, firstSeen: 2 });
    expect(facts.failures).toEqual([]);
    expect(facts.bySlot).toEqual([{ slot: "A1", passed: 2, tried: 2 }]);
    expect(facts.figures).toEqual({ attempts: 2, retried: 0, reworked: 0, scrapped: 0, voided: 1 });
    expect(facts.attempts).toHaveLength(3);
    expect(facts.voids).toEqual([
      { seq: 1, barcode: "UNIT-1", attempt: 1, reason: why.reason, by: "A. Kim", at: morning },
    ]);
  });

  test("leaves no unit behind when it was the only one", () => {
    const store = ready();
    run(store, "UNIT-1");
    store.voidAttempt(unit("UNIT-1"), null, why);
    expect(store.batchCounts("WO-1")).toMatchObject({ seen: 0, passed: 0, firstSeen: 0 });
    expect(store.passedInBatch("WO-1", "UNIT-1", "line")).toBe(false);
  });

  test("is one that the deed names: a deed that names none changes no count", () => {
    const store = ready();
    run(store, "UNIT-1");
    store.record({
      kind: "unit-voided",
      at: morning,
      by: "A. Kim",
      role: null,
      realm: null,
      batch: "WO-1",
      barcode: "UNIT-1",
      slot: null,
      detail: {},
    });
    expect(factsOf(store)).toMatchObject({ counts: { passed: 1 }, figures: { voided: 0 }, voids: [] });
  });

  test("is void once, exists, and has a reason", () => {
    const store = ready();
    run(store, "UNIT-1");
    store.voidAttempt(unit("UNIT-1"), 1, why);
    const again = () => store.voidAttempt(unit("UNIT-1"), 1, why);
    expect(refused(again, "conflict").message).toContain("void since");
    expect(refused(() => store.voidAttempt(unit("UNIT-1"), 7, why), "conflict").message).toContain(
      "no attempt 7",
    );
    expect(refused(() => store.voidAttempt(unit("UNIT-9"), null, why), "conflict").message).toContain(
      "no record",
    );
    const silent = () => store.scrapUnit(unit("UNIT-1"), { ...why, reason: " " });
    expect(refused(silent, "conflict").message).toContain("reason");
  });
});

test("a unit that somebody reworked runs again, and counts as reworked", () => {
  const store = ready();
  run(store, "UNIT-1");
  expect(store.passedInBatch("WO-1", "UNIT-1", "line")).toBe(true);
  store.reworkUnit(unit("UNIT-1"), why);
  expect(store.passedInBatch("WO-1", "UNIT-1", "line")).toBe(false);
  run(store, "UNIT-1", { opening: { reason: "retry" } });
  expect(store.passedInBatch("WO-1", "UNIT-1", "line")).toBe(true);
  expect(factsOf(store).figures).toMatchObject({ reworked: 1, retried: 0 });
  expect(factsOf(store).reworks).toMatchObject([{ barcode: "UNIT-1", reason: why.reason }]);
});

test("a unit that was scrapped did not pass, and nobody makes it again", () => {
  const store = ready();
  run(store, "UNIT-1", { specs: [serialSpec("consume-on-success")] });
  run(store, "UNIT-2");
  store.scrapUnit(unit("UNIT-1"), why);
  expect(store.batchCounts("WO-1")).toMatchObject({ passed: 1, failed: 1 });
  expect(factsOf(store).figures).toMatchObject({ scrapped: 1 });
  const gang = () =>
    store.reserveGang([
      { barcode: "UNIT-3", realm: "line", specs: [] },
      { barcode: "UNIT-1", realm: "line", specs: [] },
    ]);
  expect(refused(gang, "conflict").message).toContain("UNIT-1 was scrapped");
  store.voidAttempt(unit("UNIT-1"), null, why);
  expect(factsOf(store)).toMatchObject({ figures: { scrapped: 1 }, counts: { seen: 1, failed: 0 } });
});

describe("a batch that is closed", () => {
  test("is signed with the station's own key, which only its user can read", () => {
    const folder = dataFolder();
    const store = ready(folder);
    run(store, "UNIT-1");
    expect(factsOf(store).signature).toBeNull();
    store.closeBatch("WO-1", "lead", morning);
    const { signature, head, deeds } = factsOf(store);
    if (signature === null) throw new Error("it is not signed");
    expect(isSigned(signature)).toBe(true);
    const statement = readStatement(signature.statement);
    expect(statement).toMatchObject({
      batch: { id: "WO-1", closedBy: "lead" },
      records: { count: 1, first: 1, last: 1 },
      recordHead: head,
      deedHead: store.deedHead(),
      deeds: { count: 2 },
    });
    expect(deeds.map(({ kind }) => kind)).toEqual(["batch-opened", "batch-closed"]);
    expect(isSigned({ ...signature, statement: signature.statement.replace("WO-1", "WO-2") })).toBe(false);
    expect(statSync(join(folder, keyName)).mode & 0o777).toBe(0o600);
    store.openBatch(batchOpening("WO-2"));
    store.closeBatch("WO-2", "lead", morning);
    expect(store.batchFacts("WO-2")?.signature?.publicKey).toBe(signature.publicKey);
  });

  test("is signed anew when a decision changes its facts", () => {
    const store = ready();
    run(store, "UNIT-1");
    store.closeBatch("WO-1", "lead", morning);
    const before = factsOf(store).signature;
    store.voidAttempt(unit("UNIT-1"), null, why);
    const after = factsOf(store).signature;
    expect(after).not.toEqual(before);
    expect(readStatement(after?.statement ?? "")).toMatchObject({
      counts: { passed: 0 },
      deeds: { count: 3 },
    });
  });

  test("is not closed with a key that is broken or that others can read", () => {
    const folder = dataFolder();
    const store = ready(folder);
    writeFileSync(join(folder, keyName), "no key", { mode: 0o600 });
    expect(refused(() => store.closeBatch("WO-1", "lead", morning), "damaged").message).toContain("key");
    expect(store.findBatch("WO-1")?.closedAt).toBeNull();
    expect(store.deeds({ kind: "batch-closed" })).toEqual([]);
  });
});

test("a release says who reviewed it, and its profile is kept with the hashes of its images", () => {
  const store = owned(dataFolder());
  const images = [{ file: "fw.bin", sha256: "ef".repeat(32) }];
  const whole = { ...profile, images };
  const release = store.release(whole, [], "M. Lang", morning, "A. Kim");
  store.release(whole, [], "somebody else", morning);
  expect(store.releaseOf(profile.hash)).toEqual(release);
  expect(release).toMatchObject({ by: "M. Lang", reviewedBy: "A. Kim" });
  expect(store.profileOf(profile.hash)).toEqual(whole);
  expect(store.profileHashes(profile.hash.slice(0, 6))).toEqual([profile.hash]);
  expect(store.deeds().map(({ kind, by }) => [kind, by])).toEqual([
    ["profile-reviewed", "A. Kim"],
    ["profile-released", "M. Lang"],
  ]);
});

test("a rework is noted while the line runs, and the line goes on in the same chains", () => {
  const store = ready();
  run(store, "UNIT-1", { outcome: failed("VERIFY_MISMATCH") });
  const deed = decideBeside(store.folder, (by) => by.reworkUnit(unit("UNIT-1"), why));
  expect(store.deeds({ barcode: "UNIT-1" })).toMatchObject([{ kind: "unit-reworked", seq: deed.seq }]);
  run(store, "UNIT-1");
  store.record({ ...deed, kind: "looked-up" });
  expect(audit(databaseOf(store.folder))).toMatchObject({ kind: "whole" });
});

test("a unit that is being programmed is not decided about", () => {
  const store = ready();
  run(store, "UNIT-1");
  store.openAttempt(opening("UNIT-1"), []);
  const told = refused(
    () => decideBeside(store.folder, (by) => by.scrapUnit(unit("UNIT-1"), why)),
    "conflict",
  );
  expect(told.message).toContain("is being programmed");
});
