import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { disk } from "../../../../src/store/file/disk.ts";
import { synchronousOf } from "../../../../src/store/file/connection.ts";
import {
  begin,
  batchOpening,
  databaseOf,
  dataFolder,
  opening,
  overConnection,
  stepDone,
  unlocked,
} from "../books.ts";

function line() {
  const folder = dataFolder();
  unlocked(folder).close();
  const { db, store } = overConnection(folder);
  return { folder, db, store };
}

describe("writes that do not wait for the disk", () => {
  test("are seen by others at once, and every write after them waits again", () => {
    const { folder, db, store } = line();
    store.openBatch(batchOpening());
    const { attempt } = begin(store, "UNIT-1");
    store.unhurried(() => {
      expect(synchronousOf(db)).toBe(1);
      store.unhurried(() => store.journal(attempt, stepDone));
      expect(synchronousOf(db)).toBe(1);
    });
    expect(unlocked(folder).running()[0]?.events).toEqual([stepDone]);
    store.journal(attempt, stepDone);
    expect(synchronousOf(db)).toBe(2);
  });

  test("that throw leave the next ones waiting for the disk", () => {
    const { db, store } = line();
    const oops = (): never => {
      throw new Error("oops");
    };
    expect(() => store.unhurried(oops)).toThrow("oops");
    store.openBatch(batchOpening());
    expect(synchronousOf(db)).toBe(2);
  });

  test("leave a write after them waiting for the disk, also while they are being waited for", async () => {
    const { db, store } = line();
    store.openBatch(batchOpening());
    store.unhurried(() => store.openAttempt(opening("UNIT-1"), []));
    const waiting = store.onDisk();
    store.addPerson({ name: "A. Novak", role: "lead" });
    expect(synchronousOf(db)).toBe(2);
    await waiting;
  });

  test("leave each kind of write after them waiting for the disk", async () => {
    const { db, store } = line();
    store.openBatch(batchOpening());
    const reserved = () => store.reserveGang([{ barcode: "UNIT-1", realm: "line", specs: [] }]);
    const writes: readonly (() => unknown)[] = [
      () => store.keepProfile({ hash: "h", name: "n", revision: "r", text: "t" }),
      () => store.addPerson({ name: "A. Novak", role: "lead" }),
      reserved,
      () => store.giveBack([], "line"),
      () => store.openAttempt(opening("UNIT-1"), []),
      () => store.recover(),
    ];
    for (const write of writes) {
      store.unhurried(() => expect(synchronousOf(db)).toBe(1));
      write();
      expect(synchronousOf(db)).toBe(2);
    }
  });
});

describe("waiting for the disk", () => {
  test("is shared by who asks before it began, and not by who comes later", async () => {
    const { folder, db } = line();
    using log = disk(db, databaseOf(folder));
    const first = log.onDisk();
    const second = log.onDisk();
    expect(second).not.toBe(first);
    expect(log.onDisk()).toBe(second);
    await first;
    await second;
    expect(log.onDisk()).not.toBe(second);
  });

  test("says so when the log is not there, and tries again the next time", async () => {
    const { folder, store } = line();
    rmSync(`${databaseOf(folder)}-wal`);
    await expect(store.onDisk()).rejects.toThrow("ENOENT");
    writeFileSync(`${databaseOf(folder)}-wal`, "");
    await store.onDisk();
  });
});
