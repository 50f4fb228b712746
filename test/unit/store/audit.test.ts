import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { chainStart, recordHash } from "../../../src/model/chain.ts";
import { audit } from "../../../src/store/audit.ts";
import type { AuditReport } from "../../../src/store/store.ts";
import {
  databaseOf,
  dataFolder,
  failed,
  owned,
  ready,
  refused,
  run,
  serialSpec,
  withoutTriggers,
} from "./books.ts";

const rows = 12;

function filled(): string {
  const folder = dataFolder();
  const store = ready(folder);
  const specs = [serialSpec("consume-on-success")];
  for (let i = 1; i <= rows; i += 1)
    run(store, `UNIT-${i}`, { specs, ...(i % 4 === 0 ? { outcome: failed("NO_BOARD") } : {}) });
  store.close();
  return folder;
}

function tampered(change: (db: Database) => void): AuditReport {
  const folder = filled();
  const db = withoutTriggers(folder);
  change(db);
  db.close();
  return audit(databaseOf(folder));
}

const broken = (seq: number, barcode: string | null, why: string): unknown => ({
  kind: "broken",
  rows: seq - 1,
  broken: { seq, barcode, why: expect.stringContaining(why) },
});

describe("the audit of a whole chain", () => {
  test("says how many rows there are, and the head that somebody else may keep", () => {
    const folder = filled();
    const seen: number[] = [];
    const report = audit(databaseOf(folder), (seq) => seen.push(seq));
    expect(report).toEqual({
      kind: "whole",
      rows,
      head: { seq: rows, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(seen).toEqual(Array.from({ length: rows }, (_, i) => i + 1));
  });

  test("of books without an attempt has no head", () => {
    const folder = dataFolder();
    ready(folder).close();
    expect(audit(databaseOf(folder))).toEqual({ kind: "whole", rows: 0, head: null });
  });

  test("works on a copy without its log, and leaves nothing beside it", () => {
    const folder = filled();
    const sent = join(dataFolder(), "sent by mail ü%20");
    mkdirSync(sent);
    const copy = join(sent, "line 1.db");
    copyFileSync(databaseOf(folder), copy);
    expect(audit(copy)).toMatchObject({ kind: "whole", rows });
    expect(readdirSync(sent)).toEqual(["line 1.db"]);
  });

  test("works on the books of a running line", () => {
    const folder = filled();
    const store = ready(dataFolder());
    run(store, "UNIT-1");
    expect(audit(databaseOf(store.folder))).toMatchObject({ kind: "whole", rows: 1 });
    expect(audit(databaseOf(folder))).toMatchObject({ rows });
  });

  test("is refused with a sentence where there is nothing to audit", () => {
    const folder = dataFolder();
    expect(refused(() => audit(join(folder, "nothing.db")), "missing").message).toContain("no such file");
    writeFileSync(join(folder, "empty.db"), "");
    expect(refused(() => audit(join(folder, "empty.db")), "damaged").message).toContain("empty");
    writeFileSync(join(folder, "text.db"), "this is a text".repeat(1000));
    expect(refused(() => audit(join(folder, "text.db")), "damaged").message).toContain("not a database");
  });
});

describe("the audit finds, and names the first broken row, when somebody", () => {
  test("edits a record's text", () => {
    const report = tampered((db) => {
      db.exec("UPDATE records SET body = replace(body, 'NO_BOARD', 'NO_BOARE') WHERE seq = 8");
    });
    expect(report).toEqual(broken(8, "UNIT-8", "not the text that was hashed"));
  });

  test("edits a record's text and its hash", () => {
    const report = tampered((db) => rehash(db, 5));
    expect(report).toEqual(broken(6, "UNIT-6", "does not follow row 5"));
  });

  test.each([
    ["outcome", "'PASS', code = NULL", 4],
    ["barcode", "'OTHER'", 3],
    ["serial", "'V60-99999'", 3],
    ["uid", "'00'", 3],
    ["batch", "'WO-2'", 3],
    ["marginal", "1", 3],
    ["trial", "1", 3],
    ["ms", "1.0", 3],
    ["ended_at", "'2020-01-01T00:00:00.000Z'", 3],
    ["code", "'LINK_SILENT'", 4],
  ])("changes what queries see of it: %s", (column, value, seq) => {
    const report = tampered((db) => db.exec(`UPDATE records SET ${column} = ${value} WHERE seq = ${seq}`));
    const barcode = column === "barcode" ? "OTHER" : `UNIT-${seq}`;
    expect(report).toEqual(broken(seq, barcode, `column ${column} says`));
  });

  test("deletes a row, the first one, or several", () => {
    const gone = (where: string): AuditReport =>
      tampered((db) => db.exec(`DELETE FROM records WHERE ${where}`));
    expect(gone("seq = 7")).toEqual(broken(7, null, "the row is missing: row 8 comes next"));
    expect(gone("seq = 1")).toEqual(broken(1, null, "the row is missing: row 2 comes next"));
    expect(gone("seq BETWEEN 3 AND 9")).toEqual(broken(3, null, "the row is missing: row 10 comes next"));
  });

  test("deletes a row and closes the gap", () => {
    const report = tampered((db) => {
      db.exec("DELETE FROM records WHERE seq = 7");
      for (let seq = 8; seq <= rows; seq += 1)
        db.exec(`UPDATE records SET seq = ${seq - 1} WHERE seq = ${seq}`);
    });
    expect(report).toEqual(broken(7, "UNIT-8", "does not follow row 6"));
  });

  test("swaps two rows", () => {
    const report = tampered((db) => {
      for (const [from, to] of [
        [4, 100],
        [5, 4],
        [100, 5],
      ])
        db.exec(`UPDATE records SET seq = ${to} WHERE seq = ${from}`);
    });
    expect(report).toEqual(broken(4, "UNIT-5", "does not follow row 3"));
  });

  test("swaps the contents of two rows", () => {
    const report = tampered((db) => {
      db.exec("CREATE TEMP TABLE t AS SELECT seq, body FROM records WHERE seq IN (2, 3)");
      db.exec(
        "UPDATE records SET body = (SELECT body FROM t WHERE t.seq = 5 - records.seq) WHERE seq IN (2, 3)",
      );
    });
    expect(report).toEqual(broken(2, "UNIT-2", "not the text that was hashed"));
  });

  test("inserts a row inside", () => {
    const report = tampered((db) => {
      for (let seq = rows; seq >= 6; seq -= 1)
        db.exec(`UPDATE records SET seq = ${seq + 1} WHERE seq = ${seq}`);
      insertCopy(db, 5, 6);
    });
    expect(report).toEqual(broken(6, "UNIT-5", "does not follow row 5"));
  });

  test("inserts a row at the end, or before the first", () => {
    const added = (seq: number): AuditReport => tampered((db) => insertCopy(db, 5, seq));
    expect(added(rows + 1)).toEqual(broken(rows + 1, "UNIT-5", "does not follow row 12"));
    expect(added(rows + 2)).toEqual(broken(rows + 1, null, "the row is missing"));
    expect(added(0)).toMatchObject({ kind: "broken", broken: { seq: 0, barcode: "UNIT-5" } });
    expect(added(-7)).toMatchObject({
      kind: "broken",
      broken: { seq: -7, why: "there is no row before the first" },
    });
  });

  test("makes a record of a text that is none, and hashes it", () => {
    const text = (body: string): AuditReport =>
      tampered((db) => {
        db.prepare("UPDATE records SET body = ? WHERE seq = 12").run(body);
        rehash(db, 12, false);
      });
    expect(text("{")).toEqual(broken(12, "UNIT-12", "its text is not a record"));
    expect(text("null")).toEqual(broken(12, "UNIT-12", "its text is not a record"));
    expect(text("{}")).toEqual(broken(12, "UNIT-12", "its text is not a record"));
  });

  test("flips any byte of any text, hash or number of a row", () => {
    const folder = filled();
    const db = withoutTriggers(folder);
    const columns = ["body", "previous_hash", "hash"];
    for (let seq = 1; seq <= rows; seq += 1)
      for (const column of columns) {
        const [was] = db.prepare(`SELECT ${column} FROM records WHERE seq = ?`).pluck().all(seq) as string[];
        const text = was ?? "";
        const at = (seq * 37) % text.length;
        const flipped = `${text.slice(0, at)}${text[at] === "0" ? "1" : "0"}${text.slice(at + 1)}`;
        const set = db.prepare(`UPDATE records SET ${column} = ? WHERE seq = ?`);
        set.run(flipped, seq);
        const report = audit(databaseOf(folder));
        expect(report, `${column} of row ${seq}`).toMatchObject({ kind: "broken", broken: { seq } });
        set.run(text, seq);
      }
    expect(audit(databaseOf(folder))).toMatchObject({ kind: "whole", rows });
  });
});

describe("the chain alone cannot find, so that somebody else must keep the head:", () => {
  test("a tail that was cut off", () => {
    const report = tampered((db) => db.exec("DELETE FROM records WHERE seq > 9"));
    expect(report).toMatchObject({ kind: "whole", rows: 9 });
  });

  test("a chain that was written anew from some row on", () => {
    const report = tampered((db) => {
      for (let seq = 5; seq <= rows; seq += 1) rehash(db, seq, seq === 5);
    });
    expect(report).toMatchObject({ kind: "whole", rows });
  });

  test("an older copy that was put back", () => {
    const folder = filled();
    const bytes = readFileSync(databaseOf(folder));
    const store = owned(folder);
    run(store, "UNIT-0001");
    store.close();
    expect(audit(databaseOf(folder))).toMatchObject({ rows: rows + 1 });
    writeFileSync(databaseOf(folder), bytes);
    expect(audit(databaseOf(folder))).toMatchObject({ kind: "whole", rows });
  });
});

/** What somebody does who has read this program: the row's hash fits again, with another detail in it. */
function rehash(db: Database, seq: number, edit = true): void {
  if (edit)
    db.exec(`UPDATE records SET body = replace(body, '"op7"', '"op8"'), operator = 'op8' WHERE seq = ${seq}`);
  const hashOf = db.prepare<[number], string>("SELECT hash FROM records WHERE seq = ?").pluck();
  const previous = hashOf.get(seq - 1) ?? chainStart;
  const body = db
    .prepare<[number], string>("SELECT body FROM records WHERE seq = ?")
    .pluck()
    .get(seq) as string;
  db.prepare("UPDATE records SET previous_hash = ?, hash = ? WHERE seq = ?").run(
    previous,
    recordHash(previous, seq, body),
    seq,
  );
}

function insertCopy(db: Database, from: number, to: number): void {
  db.exec(`CREATE TEMP TABLE one AS SELECT * FROM records WHERE seq = ${from};
    UPDATE one SET seq = ${to}, attempt_id = 900; INSERT INTO records SELECT * FROM one`);
}
