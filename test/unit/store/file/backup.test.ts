import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { audit } from "../../../../src/store/audit/audit.ts";
import { openStore } from "../../../../src/store/open-store.ts";
import { StoreError } from "../../../../src/store/store-error.ts";
import { databaseOf, dataFolder, owned, ready, run, serialSpec, withoutTriggers } from "../books.ts";

test("a copy is made while the line runs, is one file, and is verified", async () => {
  const store = ready();
  for (let i = 0; i < 50; i += 1) run(store, `UNIT-${i}`);
  const to = join(dataFolder(), "copy.db");
  const copying = store.backup(to);
  run(store, "UNIT-late");
  const report = await copying;
  expect(report).toMatchObject({ kind: "whole" });
  expect(report.rows).toBeGreaterThanOrEqual(50);
  expect(audit(to)).toEqual(report);
  expect(readdirSync(join(to, ".."))).toEqual(["copy.db"]);
  expect(statSync(to).mode & 0o137).toBe(0);
});

test("a second screen makes a copy too, beside a line that writes", async () => {
  const store = ready();
  for (let i = 0; i < 50; i += 1) run(store, `UNIT-${i}`);
  using reader = openStore(store.folder, { mode: "reader" });
  const copying = reader.backup(join(dataFolder(), "copy.db"));
  for (let i = 50; i < 60; i += 1) {
    run(store, `UNIT-${i}`);
    await new Promise(setImmediate);
  }
  expect((await copying).rows).toBeGreaterThanOrEqual(50);
});

test("a copy that is put in the place of the books works on: numbers, units and chain", async () => {
  const specs = [serialSpec("consume-on-success")];
  const store = ready();
  run(store, "UNIT-0001", { specs });
  const folder = dataFolder();
  await store.backup(databaseOf(folder));
  const restored = owned(folder);
  expect(run(restored, "UNIT-0002", { specs }).serial).toBe("V60-00002");
  expect(run(restored, "UNIT-0001", { specs }).serial).toBe("V60-00001");
  expect(restored.audit()).toMatchObject({ kind: "whole", rows: 3 });
});

test("a newer copy takes the place of an older one", async () => {
  const store = ready();
  const to = join(dataFolder(), "copy.db");
  await store.backup(to);
  run(store, "UNIT-0001");
  expect(await store.backup(to)).toMatchObject({ rows: 1 });
});

test("a copy of books with a broken chain gets no name, and the older copy stays", async () => {
  const folder = dataFolder();
  const store = ready(folder);
  run(store, "UNIT-0001");
  const to = join(dataFolder(), "copy.db");
  await store.backup(to);
  const before = readFileSync(to);
  withoutTriggers(folder).exec("UPDATE records SET operator = 'x'");
  await expect(store.backup(to)).rejects.toMatchObject({ kind: "damaged" });
  expect(readFileSync(to).equals(before)).toBe(true);
  expect(readdirSync(join(to, ".."))).toEqual(["copy.db"]);
});

test("a copy never takes the place of the books, or of a folder, and needs a folder to lie in", async () => {
  const store = ready();
  run(store, "UNIT-0001");
  for (const end of ["", "-wal", "-shm"])
    await expect(store.backup(`${databaseOf(store.folder)}${end}`)).rejects.toMatchObject({
      kind: "conflict",
    });
  await expect(store.backup(join(store.folder, "nowhere", "copy.db"))).rejects.toMatchObject({
    kind: "missing",
  });
  mkdirSync(join(store.folder, "taken.db"));
  await expect(store.backup(join(store.folder, "taken.db"))).rejects.toBeInstanceOf(StoreError);
  writeFileSync(join(store.folder, "file"), "");
  await expect(store.backup(join(store.folder, "file", "copy.db"))).rejects.toBeInstanceOf(StoreError);
  expect(store.audit()).toMatchObject({ kind: "whole", rows: 1 });
  expect(existsSync(join(store.folder, ".taken.db.part"))).toBe(false);
});
