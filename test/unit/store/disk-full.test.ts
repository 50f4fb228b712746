import { describe, expect, test } from "vitest";
import { batchOpening, dataFolder, overConnection, refused, unlocked } from "./books.ts";
import { fullDiskShift } from "./full-disk.ts";

const points = 200;

describe("a full disk", () => {
  test(`is told at each of ${points} points, nothing happens by halves, and the line goes on once there is room`, () => {
    let refusals = 0;
    for (let i = 0; refusals < points; i += 1) {
      const here = fullDiskShift(i);
      expect(here).toBeGreaterThan(0);
      refusals += here;
    }
  });

  test("at the opening of the books is a sentence, and the next start works", () => {
    const folder = dataFolder();
    unlocked(folder).close();
    const { db, store } = overConnection(folder);
    db.pragma("max_page_count = 1");
    const big = {
      ...batchOpening(),
      profile: { hash: "h", name: "n", revision: "r", text: "t".repeat(100_000) },
    };
    const error = refused(() => store.openBatch(big), "full");
    expect(error.message).toContain("no room left on the disk");
    expect(store.findBatch("WO-1")).toBeNull();
    expect(store.profileOf("h")).toBeNull();
    store.close();
    expect(unlocked(folder).openBatch(big).id).toBe("WO-1");
  });
});
