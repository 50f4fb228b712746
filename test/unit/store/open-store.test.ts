import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test, vi } from "vitest";
import { openConnection, synchronousOf } from "../../../src/store/file/connection.ts";
import { migrate, newestVersion } from "../../../src/store/file/migrate.ts";
import { migrations } from "../../../src/store/migrations/table.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { batchOpening, databaseOf, dataFolder, owned, profile, raw, ready, refused, run } from "./books.ts";

const read = (folder: string): ReturnType<typeof openStore> => openStore(folder, { mode: "reader" });

describe("the owner", () => {
  test("makes folder and file, readable by the group and by nobody else", () => {
    const folder = join(dataFolder(), "deep", "data");
    owned(folder);
    expect(statSync(folder).mode & 0o027).toBe(0);
    expect(statSync(databaseOf(folder)).mode & 0o137).toBe(0);
    expect(statSync(`${databaseOf(folder)}-wal`).mode & 0o137).toBe(0);
  });

  test("writes down its session: who, when, with which tool, node, SQLite and synchronous", () => {
    const folder = dataFolder();
    const at = new Date("2026-11-23T06:00:00.000Z");
    owned(folder, { now: () => at }).close();
    const store = owned(folder);
    const [first, second] = store.sessions();
    expect(first).toEqual({
      id: 1,
      station: "line1-bench",
      timezone: "Europe/Berlin",
      startedAt: at,
      toolVersion: "0.1.0",
      node: process.version,
      sqlite: expect.stringMatching(/^3\.[0-9]+\./),
      synchronous: 2,
      pid: process.pid,
    });
    expect(store.session).toEqual(second);
  });

  test("says how much room is left, and refuses to begin with less than it needs", () => {
    const folder = dataFolder();
    expect(owned(folder).freeBytes()).toBeGreaterThan(2 ** 20);
    const other = dataFolder();
    const error = refused(() => owned(other, { leastFreeBytes: 2 ** 60 }), "full");
    expect(error.message).toContain("MiB free");
    expect(existsSync(databaseOf(other))).toBe(false);
    owned(other);
  });

  test("refuses a file in the place of the folder, and a folder in the place of the file", () => {
    const folder = dataFolder();
    writeFileSync(join(folder, "data"), "");
    expect(refused(() => owned(join(folder, "data")), "unwritable").message).toContain("a file of this name");
    mkdirSync(join(folder, "other", "gangflash.db"), { recursive: true });
    expect(refused(() => owned(join(folder, "other")), "unwritable").message).toContain("gangflash.db");
  });
});

describe("a file that is not ours", () => {
  test.each([
    ["text", () => Buffer.from("not a database, only a text\n".repeat(200))],
    ["zeros and noise", () => Buffer.alloc(8192, 0x5a)],
    ["another program's database", anothersDatabase],
  ])("is refused and stays as it is: %s", (_, make) => {
    const folder = dataFolder();
    const bytes = make();
    writeFileSync(databaseOf(folder), bytes);
    refused(() => owned(folder), "damaged");
    refused(() => read(folder), "damaged");
    expect(readFileSync(databaseOf(folder)).equals(bytes)).toBe(true);
  });

  test("is refused and stays as it is: a newer gangflash's", () => {
    const folder = dataFolder();
    ready(folder).close();
    raw(folder).pragma(`user_version = ${newestVersion + 1}`);
    raw(folder).pragma("wal_checkpoint(TRUNCATE)");
    const bytes = readFileSync(databaseOf(folder));
    expect(refused(() => owned(folder), "newer").message).toContain("newer gangflash");
    refused(() => read(folder), "newer");
    expect(readFileSync(databaseOf(folder)).equals(bytes)).toBe(true);
  });
});

function anothersDatabase(): Buffer {
  const db = new Database(":memory:");
  db.exec("CREATE TABLE customers (name TEXT) STRICT; INSERT INTO customers VALUES ('somebody')");
  const bytes = db.serialize();
  db.close();
  return bytes;
}

test("an empty file, as a crash at the first start leaves it, becomes the books", () => {
  const folder = dataFolder();
  writeFileSync(databaseOf(folder), "");
  refused(() => read(folder), "missing");
  expect(owned(folder).openBatch(batchOpening()).id).toBe("WO-1");
});

describe("a reader", () => {
  test("without books is told so, and makes none", () => {
    const folder = join(dataFolder(), "data");
    expect(refused(() => read(folder), "missing").message).toContain("no records yet");
    expect(existsSync(folder)).toBe(false);
  });

  test("reads beside a running line, and sees what happens meanwhile", () => {
    const folder = dataFolder();
    const store = ready(folder);
    using reader = read(folder);
    run(store, "UNIT-0001");
    expect(reader.lastAttempt("UNIT-0001", "line")?.outcome.kind).toBe("PASS");
    run(store, "UNIT-0001", { opening: { reason: "rework" } });
    expect(reader.attemptsOf("UNIT-0001", "line")).toHaveLength(2);
    expect(reader.audit()).toMatchObject({ kind: "whole", rows: 2 });
  });

  test("reads when nobody has the line open, and the next owner is not disturbed", () => {
    const folder = dataFolder();
    const store = ready(folder);
    run(store, "UNIT-0001");
    store.close();
    using reader = read(folder);
    expect(reader.findBatch("WO-1")?.profile).toBe("vesc-60");
    const next = owned(folder);
    run(next, "UNIT-0002");
    expect(reader.lastAttempt("UNIT-0002", "line")?.seq).toBe(2);
  });

  test("reads a copy where the folder takes no files", () => {
    const folder = dataFolder();
    const store = ready(folder);
    run(store, "UNIT-0001");
    store.close();
    vi.spyOn(Database.prototype, "pragma").mockImplementationOnce(() => {
      // What SQLite says where it cannot put its log beside the file; as root the rights alone do not bring it about.
      throw new Database.SqliteError("unable to open database file", "SQLITE_CANTOPEN");
    });
    using reader = read(folder);
    expect(reader.lastAttempt("UNIT-0001", "line")?.seq).toBe(1);
    vi.restoreAllMocks();
  });
});

describe("every connection", () => {
  test.each([
    ["the owner's", { wal: true }],
    ["a reader's", { readonly: true }],
    ["the lock's", { busyMs: 0 }],
  ])("has synchronous FULL and keeps it: %s", (_, options) => {
    const folder = dataFolder();
    ready(folder).close();
    const db = openConnection(databaseOf(folder), options);
    expect(synchronousOf(db)).toBe(2);
    if (!("readonly" in options)) db.exec("CREATE TABLE more (x TEXT) STRICT; INSERT INTO more VALUES ('a')");
    expect(db.prepare("SELECT count(*) AS n FROM batches").get()).toEqual({ n: 1 });
    expect(synchronousOf(db)).toBe(2);
    expect(db.pragma("foreign_keys", { simple: true })).toBe(1);
    expect(db.pragma("trusted_schema", { simple: true })).toBe(0);
    expect(db.pragma("cell_size_check", { simple: true })).toBe(1);
    expect(db.pragma("busy_timeout", { simple: true })).toBe("busyMs" in options ? 0 : 5000);
    expect(db.pragma("query_only", { simple: true })).toBe("readonly" in options ? 1 : 0);
    db.close();
  });

  test("is refused where SQLite does not keep the setting", () => {
    const folder = dataFolder();
    const pragma = vi.spyOn(Database.prototype, "pragma");
    pragma.mockImplementation((source) => (source === "synchronous" ? 1 : "wal"));
    expect(refused(() => owned(folder), "unwritable").message).toContain("synchronous=FULL");
    vi.restoreAllMocks();
  });

  test("is made in the one place that sets it up", () => {
    const folder = join(import.meta.dirname, "../../../src/store");
    const makers = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".ts") && readFileSync(join(folder, name), "utf8").includes("new Database("),
    );
    expect(makers).toEqual([join("file", "connection.ts")]);
  });
});

describe("a migration", () => {
  const more = [...migrations, "CREATE TABLE later (x TEXT) STRICT;"];

  test("brings an older file up, and leaves a copy of it as it was", () => {
    const folder = dataFolder();
    ready(folder).close();
    const file = databaseOf(folder);
    const db = openConnection(file, { wal: true });
    migrate(db, file, more);
    migrate(db, file, more);
    expect(db.pragma("user_version", { simple: true })).toBe(migrations.length + 1);
    expect(db.prepare("SELECT count(*) AS n FROM later").get()).toEqual({ n: 0 });
    db.close();
    const copy = openConnection(`${file}.form-${migrations.length}`, { readonly: true });
    expect(copy.pragma("user_version", { simple: true })).toBe(migrations.length);
    expect(copy.prepare("SELECT id FROM batches").all()).toEqual([{ id: "WO-1" }]);
    copy.close();
  });

  test("that fails half-way changes nothing", () => {
    const folder = dataFolder();
    ready(folder).close();
    const db = openConnection(databaseOf(folder), { wal: true });
    const broken = [...more, "CREATE TABLE last (x TEXT) STRICT; INSERT INTO nowhere VALUES (1);"];
    expect(() => migrate(db, databaseOf(folder), broken)).toThrow("nowhere");
    expect(db.pragma("user_version", { simple: true })).toBe(migrations.length);
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name IN ('later', 'last')").all()).toEqual([]);
    db.close();
    run(owned(folder), "UNIT-0001");
  });
});

test("a reader's file that is a copy without its log is read whole", () => {
  const folder = dataFolder();
  const store = ready(folder);
  store.keepProfile(profile);
  run(store, "UNIT-0001");
  store.close();
  const other = dataFolder();
  copyFileSync(databaseOf(folder), databaseOf(other));
  chmodSync(databaseOf(other), 0o440);
  using reader = read(other);
  expect(reader.audit()).toMatchObject({ kind: "whole", rows: 1 });
});
