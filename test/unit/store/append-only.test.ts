import type { Database } from "better-sqlite3";
import { beforeEach, describe, expect, test } from "vitest";
import {
  begin,
  dataFolder,
  failed,
  morning,
  profile,
  raw,
  ready,
  run,
  serialSpec,
  withoutTriggers,
} from "./books.ts";

let folder = "";
let db: Database;

beforeEach(() => {
  folder = dataFolder();
  const store = ready(folder);
  store.release(profile, [], "eng", morning);
  run(store, "UNIT-0001", { specs: [serialSpec("consume-on-success")], uid: "0123456789abcdef01234567" });
  run(store, "UNIT-0002", {
    specs: [serialSpec("burn-on-failure")],
    wrote: true,
    outcome: failed("NO_BOARD"),
  });
  store.addPerson({ name: "QA", role: "quality" });
  begin(store, "UNIT-0003", { specs: [serialSpec("consume-on-success")] });
  db = raw(folder);
  // As the command line tool of SQLite has them: then INSERT OR REPLACE calls no DELETE trigger.
  db.pragma("recursive_triggers = OFF");
});

const kept = ["sessions", "profiles", "releases", "attempts", "events", "records", "moves", "deeds"];

test.each(kept)("rows of %s do not change, go, or make room, whatever tool tries it", (table) => {
  const before = db.prepare(`SELECT * FROM ${table}`).all();
  expect(before.length).toBeGreaterThan(0);
  const columns = db.prepare<[], { name: string }>(`SELECT name FROM pragma_table_info('${table}')`).all();
  for (const { name } of columns)
    expect(() => db.exec(`UPDATE ${table} SET ${name} = ${name}`)).toThrow("never change");
  expect(() => db.exec(`DELETE FROM ${table}`)).toThrow("never deleted");
  // As `pragma_table_info` has them: what is computed cannot be written.
  const names = columns.map(({ name }) => name).join(", ");
  expect(() => db.exec(`INSERT OR REPLACE INTO ${table} (${names}) SELECT ${names} FROM ${table}`)).toThrow(
    /never replaced|closed|last/,
  );
  expect(db.prepare(`SELECT * FROM ${table}`).all()).toEqual(before);
});

test.each(["batches", "units", "numbers", "people"])("rows of %s do not go or make room", (table) => {
  const before = db.prepare(`SELECT * FROM ${table}`).all();
  expect(() => db.exec(`DELETE FROM ${table}`)).toThrow("never deleted");
  expect(() => db.exec(`INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`)).toThrow("never replaced");
  expect(() => db.exec(`UPDATE ${table} SET rowid = rowid + 100`)).toThrow(
    /changes in nothing else|no such move|keeps the name|FOREIGN/,
  );
  expect(db.prepare(`SELECT * FROM ${table}`).all()).toEqual(before);
});

describe("the database itself refuses", () => {
  test.each([
    ["a number that goes to another unit", "UPDATE numbers SET unit_id = 3 WHERE number = 1", "no such move"],
    [
      "a committed number that is free again",
      "UPDATE numbers SET state = 'returned', unit_id = NULL WHERE number = 1",
      "no such move",
    ],
    ["a void number that is used", "UPDATE numbers SET state = 'reserved' WHERE number = 2", "no such move"],
    [
      "a void number that is free again",
      "UPDATE numbers SET state = 'returned', unit_id = NULL WHERE number = 2",
      "no such move",
    ],
    [
      "another text for a number that is out",
      "UPDATE numbers SET text = 'X' WHERE number = 1",
      "no such move",
    ],
    [
      "another text for a number that is reserved",
      "UPDATE numbers SET text = 'X' WHERE number = 3",
      "no such move",
    ],
    [
      "the same number twice",
      "INSERT INTO numbers (series, realm, number, text, kind, origin, policy, state, unit_id, session_id) VALUES ('vesc-60', 'line', 1, 'X', 'serial', 'issued', 'keep-existing', 'reserved', 3, 1)",
      "never replaced",
    ],
    [
      "a second number of a series for a unit",
      "INSERT INTO numbers (series, realm, number, text, kind, origin, policy, state, unit_id, session_id) VALUES ('vesc-60', 'line', 9, 'X', 'serial', 'issued', 'keep-existing', 'reserved', 1, 1)",
      "one number of a series",
    ],
    ["a unit with another chip", "UPDATE units SET uid = 'ff' WHERE id = 1", "bound to its chip once"],
    ["a unit with another barcode", "UPDATE units SET barcode = 'X' WHERE id = 2", "changes in nothing else"],
    ["a batch of another profile", "UPDATE batches SET revision = 'D'", "changes in nothing else"],
    [
      "a unit that is programmed twice at a time",
      "INSERT INTO running (attempt_id, unit_id, after_event) VALUES (1, 3, 0)",
      "once at a time",
    ],
    ["a running attempt that just ends", "DELETE FROM running", "ends with its record"],
    [
      "an event of a closed attempt",
      "INSERT INTO events (attempt_id, at, event) VALUES (1, '', '{}')",
      "the attempt is closed",
    ],
    [
      "a second release of a revision",
      "INSERT OR REPLACE INTO releases (profile, revision, hash, irreversible, released_by, released_at) VALUES ('vesc-60', 'C', 'x', '[]', 'y', '')",
      "never replaced",
    ],
  ])("%s", (_, sql, why) => {
    expect(() => db.exec(sql)).toThrow(why);
  });

  test("a number that came back, for a unit that has one", () => {
    db.exec("UPDATE numbers SET state = 'returned', unit_id = NULL WHERE number = 3");
    const take = (unit: number): string =>
      `UPDATE numbers SET state = 'reserved', unit_id = ${unit} WHERE number = 3`;
    expect(() => db.exec(take(1))).toThrow("one number of a series");
    db.exec(take(3));
  });

  test("a record that does not follow the last one", () => {
    const copy = (seq: number): string =>
      `INSERT INTO records SELECT ${seq}, 3, batch, realm, barcode, attempt, uid, serial, slot, outcome, code, marginal,
       trial, profile, revision, profile_hash, operator, started_at, ended_at, ms, body, previous_hash, hash
       FROM records WHERE seq = 2`;
    expect(() => db.exec(copy(4))).toThrow("follows the last one");
    expect(() => db.exec(copy(3))).toThrow("follows the last one");
  });

  test("to close a batch twice, or to open it again", () => {
    db.exec("UPDATE batches SET closed_at = 'now', closed_by = 'me'");
    expect(() => db.exec("UPDATE batches SET closed_at = 'later'")).toThrow("closed once");
    expect(() => db.exec("UPDATE batches SET closed_at = NULL, closed_by = NULL")).toThrow("closed once");
    expect(() =>
      db.exec(
        "INSERT INTO attempts (unit_id, attempt, batch, session_id, profile_hash, opening) VALUES (1, 9, 'WO-1', 1, 'x', '{}')",
      ),
    ).toThrow("the batch is closed");
  });
});

test("without the triggers rows can be changed: they stop mistakes, the chain stops intent", () => {
  expect(() => withoutTriggers(folder).exec("DELETE FROM records")).not.toThrow();
});
