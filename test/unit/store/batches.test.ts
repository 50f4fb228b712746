import { describe, expect, test } from "vitest";
import {
  batchOpening,
  begin,
  dataFolder,
  end,
  morning,
  owned,
  profile,
  ready,
  refused,
  run,
} from "./books.ts";

const evening = new Date("2026-11-23T15:00:00.000Z");

describe("a batch", () => {
  test("is opened with its profile, found by its name, and listed newest first", () => {
    const store = owned(dataFolder());
    const batch = store.openBatch(batchOpening("WO-1", { quantity: null, trial: true }));
    expect(batch).toEqual({
      id: "WO-1",
      profile: "vesc-60",
      revision: "C",
      profileHash: profile.hash,
      product: "VESC 60",
      quantity: null,
      trial: true,
      openedAt: morning,
      openedBy: "lead",
      closedAt: null,
      closedBy: null,
    });
    expect(store.findBatch("WO-1")).toEqual(batch);
    expect(store.findBatch("WO-2")).toBeNull();
    expect(store.profileOf(profile.hash)).toEqual(profile);
    store.openBatch(batchOpening("WO-2"));
    expect(store.batches().map(({ id }) => id)).toEqual(["WO-2", "WO-1"]);
  });

  test("has a name of its own", () => {
    const store = ready();
    expect(refused(() => store.openBatch(batchOpening()), "conflict").message).toBe(
      "there is a batch WO-1 already",
    );
  });

  test("is closed once, by somebody, and takes no more attempts", () => {
    const store = ready();
    run(store, "UNIT-0001");
    expect(store.closeBatch("WO-1", "lead2", evening)).toMatchObject({
      closedAt: evening,
      closedBy: "lead2",
    });
    expect(refused(() => run(store, "UNIT-0002"), "conflict").message).toBe(
      "batch WO-1 was closed on 2026-11-23T15:00:00.000Z by lead2",
    );
    refused(() => store.closeBatch("WO-1", "lead", evening), "conflict");
    refused(() => store.closeBatch("WO-7", "lead", evening), "conflict");
    expect(store.batchFacts("WO-1")?.attempts).toHaveLength(1);
  });

  test("is not closed while an attempt of it runs", () => {
    const store = ready();
    const { attempt } = begin(store, "UNIT-0001");
    expect(refused(() => store.closeBatch("WO-1", "lead", evening), "conflict").message).toContain("run: 1");
    end(store, attempt);
    store.closeBatch("WO-1", "lead", evening);
  });
});

describe("a release", () => {
  const changed = { ...profile, hash: "99".repeat(32), text: "other" };

  test("freezes a revision by hash, with who, when, and the words for what cannot be undone", () => {
    const store = owned(dataFolder());
    const release = store.release(profile, ["RDP_LEVEL_2"], "eng", morning);
    expect(release).toEqual({
      profile: "vesc-60",
      revision: "C",
      reviewedBy: null,
      hash: profile.hash,
      irreversible: ["RDP_LEVEL_2"],
      by: "eng",
      at: morning,
    });
    expect(store.releaseOf(profile.hash)).toEqual(release);
    expect(store.releaseOf(changed.hash)).toBeNull();
    expect(store.releases()).toEqual([release]);
  });

  test("of the same content again says who did it first", () => {
    const store = owned(dataFolder());
    const first = store.release(profile, [], "eng", morning);
    expect(store.release(profile, [], "somebody", evening)).toEqual(first);
    expect(store.releases()).toHaveLength(1);
  });

  test("of the same revision with other content is refused", () => {
    const store = owned(dataFolder());
    store.release(profile, [], "eng", morning);
    const error = refused(() => store.release(changed, [], "eng", evening), "conflict");
    expect(error.message).toContain(
      "vesc-60 revision C was released on 2026-11-23T06:00:00.000Z with other content",
    );
    expect(store.profileOf(changed.hash)).toBeNull();
    store.release({ ...changed, revision: "D" }, [], "eng", evening);
  });

  test("a hash stands for one text", () => {
    const store = owned(dataFolder());
    store.keepProfile(profile);
    store.keepProfile(profile);
    const error = refused(() => store.keepProfile({ ...profile, text: "other" }), "conflict");
    expect(error.message).toContain("its hash belongs to another text");
  });
});
