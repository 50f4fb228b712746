import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { chainStart, deedHash } from "../../../../src/model/chain.ts";
import { profileHash } from "../../../../src/model/profile-hash.ts";
import { rawPublicKey } from "../../../../src/model/statement.ts";
import { audit, auditConnection } from "../../../../src/store/audit/audit.ts";
import type { AuditOptions, AuditReport } from "../../../../src/store/terms.ts";
import { seed } from "../../../reliability/random.ts";
import {
  batchOpening,
  databaseOf,
  dataFolder,
  failed,
  morning,
  owned,
  ready,
  refused,
  run,
  serialSpec,
  withoutTriggers,
} from "../books.ts";
import {
  bookedShift,
  cutEverywhere,
  insertCopy,
  rehash,
  renumber,
  shifted,
  swapTexts,
  tampering,
} from "../tampering.ts";

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

/** Each cell of each table, but those of the index of parts of codes, with what somebody may write into it. */
function cells(db: Database): {
  readonly table: string;
  readonly column: string;
  readonly rowid: number;
  readonly others: readonly (string | number)[];
}[] {
  const tables = db
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%) STRICT'",
    )
    .all();
  return tables.flatMap(({ name: table }) => {
    const columns = db.prepare<[], { name: string; type: string }>(`PRAGMA table_info(${table})`).all();
    const rowids = db.prepare<[], { rowid: number }>(`SELECT rowid AS rowid FROM ${table}`).all();
    return rowids.flatMap(({ rowid }) =>
      columns.map(({ name: column, type }) => ({
        table,
        column,
        rowid,
        others: type === "TEXT" ? ["?", "2026-13-01T00:00:00.000Z", "", "[", "{}"] : [0, 1, 2, 77],
      })),
    );
  });
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
  broken: { table: "records", seq, barcode, why: expect.stringContaining(why) },
});

describe("the audit of a whole chain", () => {
  test("says how many rows there are, and the head that somebody else may keep", () => {
    const folder = filled();
    const seen: number[] = [];
    const report = audit(databaseOf(folder), { onRow: (seq) => seen.push(seq) });
    expect(report).toEqual({
      kind: "whole",
      rows,
      head: { seq: rows, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      deeds: 1,
      deedHead: { seq: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      signatures: 0,
      keys: [],
    });
    expect(seen).toEqual(Array.from({ length: rows }, (_, i) => i + 1));
  });

  test("of books without an attempt has no head", () => {
    const folder = dataFolder();
    ready(folder).close();
    expect(audit(databaseOf(folder))).toMatchObject({ kind: "whole", rows: 0, head: null });
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
      renumber(db, shifted(8, rows, -1));
    });
    expect(report).toEqual(broken(7, "UNIT-8", "does not follow row 6"));
  });

  test("swaps two rows", () => {
    const report = tampered((db) => {
      renumber(db, [
        [4, 5],
        [5, 4],
      ]);
    });
    expect(report).toEqual(broken(4, "UNIT-5", "does not follow row 3"));
  });

  test("swaps the contents of two rows", () => {
    const report = tampered((db) => swapTexts(db, 2, 3));
    expect(report).toEqual(broken(2, "UNIT-2", "not the text that was hashed"));
  });

  test("inserts a row inside", () => {
    const report = tampered((db) => {
      renumber(db, shifted(6, rows, 1));
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

describe("the audit finds in the tables beside the chains", () => {
  const busy = (): string => {
    const folder = dataFolder();
    const store = owned(folder);
    const images = [{ file: "fw.bin", sha256: "ef".repeat(32) }];
    const text = "profile: vesc-60\n";
    const hash = profileHash(text, [images[0]?.sha256 ?? ""]);
    const whole = { hash, name: "vesc-60", revision: "C", text, images };
    store.addPerson({ name: "A. Kim", role: "quality", badge: "B-1" });
    store.release(whole, [], "M. Lang", morning, "A. Kim");
    store.openBatch(batchOpening("WO-1", { profile: whole }));
    const specs = [serialSpec("consume-on-success")];
    const more = { opening: { profileHash: hash }, specs };
    for (let i = 1; i <= 4; i += 1) run(store, `UNIT-${i}`, { ...more, uid: `${i}`.repeat(24) });
    const why = { reason: "fixture", by: "A. Kim", role: "quality", at: morning } as const;
    store.voidAttempt({ barcode: "UNIT-2", realm: "line" }, null, why);
    store.closeBatch("WO-1", "lead", morning);
    store.outboxBegin("mes", "now", morning);
    store.outboxFailed("mes", { why: "HTTP 422", at: morning, refused: "r1-x" });
    store.close();
    return folder;
  };
  /** The books with one change, all triggers away. */
  function changed(sql: string | ((db: Database) => void), options: AuditOptions = {}): AuditReport {
    const folder = busy();
    const db = withoutTriggers(folder);
    if (typeof sql === "string") db.exec(sql);
    else sql(db);
    db.close();
    return audit(databaseOf(folder), options);
  }

  test("any cell of any table that became another, but those that nothing is held against (docs/chain.md)", () => {
    const db = withoutTriggers(busy());
    db.pragma("foreign_keys = OFF");
    db.pragma("ignore_check_constraints = ON");
    const silent = new Set<string>();
    for (const { table, column, rowid, others } of cells(db)) {
      const before = db.prepare(`SELECT ${column} FROM ${table} WHERE rowid = ?`).pluck().get(rowid);
      for (const other of others.filter((value) => value !== before)) {
        db.exec("BEGIN");
        try {
          db.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(other, rowid);
          if (auditConnection(db).kind === "whole") silent.add(`${table}.${column}`);
        } catch (error) {
          // Where each row has its own, SQLite refuses a second one.
          if (!String(error).includes("UNIQUE")) throw error;
        } finally {
          db.exec("ROLLBACK");
        }
      }
    }
    db.close();
    expect([...silent].filter((name) => !name.endsWith(".id")).toSorted()).toEqual([
      "attempts.session_id",
      "batches.session_id",
      ...["added_at", "deed", "deed_hash", "delivered", "failed_at", "failing_since", "failure"].map(
        (column) => `destinations.${column}`,
      ),
      ...["last_at", "name", "record", "record_hash", "refused"].map((column) => `destinations.${column}`),
      "events.at",
      "events.attempt_id",
      "events.event",
      "moves.at",
      "moves.attempt_id",
      "moves.reason",
      "moves.session_id",
      "numbers.kind",
      "numbers.origin",
      "numbers.policy",
      "numbers.session_id",
      "people.failed_at",
      "people.failed_pins",
      "sessions.node",
      "sessions.pid",
      "sessions.sqlite",
      "sessions.started_at",
      "sessions.station",
      "sessions.synchronous",
      "sessions.timezone",
      "sessions.tool_version",
    ]);
  });

  test.each(["records", "numbers", "attempts"])("takes away the table %s", (table) => {
    const report = tampered((db) => {
      db.pragma("foreign_keys = OFF");
      db.exec(`DROP TABLE ${table}`);
    });
    expect(report).toMatchObject({ kind: "broken", broken: { table: "records", seq: 1, barcode: null } });
    expect(report.kind === "broken" && report.broken.why).toBe(`the table ${table} is missing`);
  });

  test("nothing in books that nobody touched", () => {
    expect(changed("")).toMatchObject({ kind: "whole", rows: 4, deeds: 6, signatures: 1 });
  });

  test.each([
    [
      "an attempt's opening",
      "UPDATE attempts SET opening = replace(opening, 'op7', 'op8') WHERE id = 2",
      "records",
      2,
      "other words",
    ],
    [
      "an attempt that is gone",
      "DELETE FROM attempts WHERE id = 2",
      "records",
      2,
      "attempt is not in the books",
    ],
    [
      "the number of an attempt",
      "UPDATE attempts SET attempt = 9 WHERE id = 2",
      "records",
      2,
      "number 9 in batch WO-1",
    ],
    [
      "the batch of an attempt",
      "UPDATE attempts SET batch = 'WO-2' WHERE id = 2",
      "records",
      2,
      "number 1 in batch WO-2",
    ],
    ["a unit's barcode", "UPDATE units SET barcode = 'UNIT-X' WHERE id = 3", "records", 3, "UNIT-X"],
    ["a unit's chip", "UPDATE units SET uid = 'ff' WHERE id = 3", "records", 3, "chip ff"],
    ["the records alone cut short", "DELETE FROM records WHERE seq = 4", "records", 4, "tail was cut off"],
    ["a number's state", "UPDATE numbers SET state = 'void' WHERE id = 2", "numbers", 2, "its state is void"],
    [
      "a number's text",
      "UPDATE numbers SET text = 'V60-99999' WHERE id = 2",
      "numbers",
      2,
      "does not name it as line vesc-60 2, V60-99999",
    ],
    [
      "a number's unit",
      "UPDATE numbers SET unit_id = 4, state = 'void' WHERE id = 2; UPDATE moves SET state = 'void' WHERE id = (SELECT max(id) FROM moves WHERE number_id = 2)",
      "numbers",
      2,
      "gives this number to unit UNIT-2, the ledger does not",
    ],
    [
      "a move that is gone",
      "DELETE FROM moves WHERE id = (SELECT min(id) + 1 FROM moves WHERE number_id = 2)",
      "moves",
      6,
      "it leads from written",
    ],
    [
      "the text of a move in between",
      "UPDATE moves SET text = 'V60-00009' WHERE id = (SELECT min(id) + 1 FROM moves WHERE number_id = 2)",
      "moves",
      5,
      "the move before has the text V60-00002",
    ],
    [
      "the unit of a first move",
      "UPDATE moves SET unit_id = 3 WHERE id = (SELECT min(id) FROM moves WHERE number_id = 2)",
      "moves",
      5,
      "the move before is of another unit",
    ],
    [
      "a number that is gone",
      "DELETE FROM moves WHERE number_id = 2; DELETE FROM numbers WHERE id = 2",
      "numbers",
      2,
      "the ledger does not",
    ],
    [
      "a deed's text",
      "UPDATE deeds SET body = replace(body, 'fixture', 'fixturf') WHERE kind = 'unit-voided'",
      "deeds",
      5,
      "not the text that was hashed",
    ],
    [
      "a deed's column",
      "UPDATE deeds SET barcode = 'UNIT-3' WHERE kind = 'unit-voided'",
      "deeds",
      5,
      "column barcode says",
    ],
    ["a deed that is gone", "DELETE FROM deeds WHERE seq = 3", "deeds", 3, "the row is missing"],
    [
      "two deeds swapped",
      "UPDATE deeds SET seq = 100 WHERE seq = 2; UPDATE deeds SET seq = 2 WHERE seq = 3; UPDATE deeds SET seq = 3 WHERE seq = 100",
      "deeds",
      2,
      "does not follow row 1",
    ],
    ["the last deed cut off", "DELETE FROM deeds WHERE seq = 6", "signatures", 1, "the tail was cut off"],
    ["a batch's quantity", "UPDATE batches SET quantity = 9", "batches", 1, "quantity is 9"],
    ["a batch that is trial no more", "UPDATE batches SET trial = 1", "batches", 1, "trial is true"],
    ["who closed a batch", "UPDATE batches SET closed_by = 'leae'", "batches", 1, "says by lead"],
    [
      "a batch open again",
      "UPDATE batches SET closed_by = NULL, closed_at = NULL",
      "batches",
      1,
      "it is open",
    ],
    ["who reviewed a release", "UPDATE releases SET reviewed_by = 'A. Kin'", "releases", 1, "reviewedBy is"],
    ["a release that is gone", "DELETE FROM releases", "releases", 1, "no row says so"],
    ["a profile's text", "UPDATE profiles SET text = replace(text, '60', '61')", "profiles", 1, "kept as"],
    [
      "an image's hash",
      "UPDATE profile_images SET sha256 = replace(sha256, 'ef', 'ee')",
      "profiles",
      1,
      "kept as",
    ],
    ["a person's role", "UPDATE people SET role = 'engineer'", "people", 1, "role is"],
    [
      "a person's badge",
      "UPDATE people SET badge_hash = CASE substr(badge_hash, 1, 1) WHEN '0' THEN '1' ELSE '0' END || substr(badge_hash, 2)",
      "people",
      1,
      "secrets is",
    ],
    [
      "a person by another door",
      "INSERT INTO people (name, role, active) VALUES ('X', 'quality', 1)",
      "people",
      2,
      "no deed",
    ],
    [
      "a statement",
      "UPDATE signatures SET statement = replace(statement, 'lead', 'leae')",
      "signatures",
      1,
      "does not fit",
    ],
    [
      "a signature",
      "UPDATE signatures SET signature = CASE substr(signature, 1, 1) WHEN '0' THEN '1' ELSE '0' END || substr(signature, 2)",
      "signatures",
      1,
      "does not fit",
    ],
    ["a signature that is gone", "DELETE FROM signatures", "signatures", 1, "the signature is missing"],
  ])("%s", (_, sql, table, seq, why) => {
    expect(changed(sql)).toMatchObject({
      kind: "broken",
      broken: { table, seq, why: expect.stringContaining(why) },
    });
  });

  test("records that a clever forger hashed again without the key, by the signature over the batch", () => {
    const report = changed((db) => {
      for (let seq = 2; seq <= 4; seq += 1) rehash(db, seq, seq === 2);
      // The void names its record by hash, so the chain of deeds is written anew as well.
      db.exec(
        "UPDATE deeds SET body = replace(body, '\"record\":2', '\"record\":null'), record = NULL WHERE seq = 5",
      );
      for (let seq = 5; seq <= 6; seq += 1) rehashDeed(db, seq);
    });
    expect(report).toMatchObject({
      kind: "broken",
      broken: { table: "signatures", seq: 1, barcode: "WO-1", why: expect.stringContaining("written anew") },
    });
  });

  test("what a forger signed with a key of his own, by the key that somebody kept", () => {
    const forge = (db: Database): void => {
      const { privateKey } = generateKeyPairSync("ed25519");
      const text = db.prepare<[], string>("SELECT statement FROM signatures").pluck().get() ?? "";
      const raw = rawPublicKey(
        createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString(),
      );
      const by = sign(null, Buffer.from(text), privateKey).toString("hex");
      db.prepare("UPDATE signatures SET signature = ?, public_key = ?").run(by, raw);
    };
    const folder = busy();
    const file = databaseOf(folder);
    const whole = audit(file);
    const keys = whole.kind === "whole" ? whole.keys : [];
    expect(audit(file, { keys })).toMatchObject({ kind: "whole", signatures: 1 });
    forge(withoutTriggers(folder));
    expect(audit(file)).toMatchObject({ kind: "whole", signatures: 1 });
    expect(audit(file, { keys })).toMatchObject({
      kind: "broken",
      broken: {
        table: "signatures",
        why: expect.stringContaining("none of those that are known to be the station's"),
      },
    });
  });

  test("a tail that was cut off everywhere, and a chain written anew, against a head that was kept", () => {
    const folder = filled();
    const whole = audit(databaseOf(folder));
    const head = whole.kind === "whole" ? whole.head : null;
    const db = withoutTriggers(folder);
    cutLast(db);
    expect(audit(databaseOf(folder))).toMatchObject({ kind: "whole", rows: 9 });
    expect(audit(databaseOf(folder), { head })).toEqual({
      ...(broken(10, null, "the tail was cut off: the head that was kept is row 12") as object),
    });
    const other = filled();
    const anew = withoutTriggers(other);
    const before = audit(databaseOf(other));
    for (let seq = 5; seq <= rows; seq += 1) rehash(anew, seq, seq === 5);
    expect(audit(databaseOf(other), { head: before.kind === "whole" ? before.head : null })).toEqual(
      broken(12, "UNIT-12", "it is not the row that the kept head names"),
    );
  });
});

test(`of 100 tamperings, drawn by chance, each is found against a head that was kept, and its first row is named (SEED=${seed})`, () => {
  const books = bookedShift(30);
  const ways = new Set<string>();
  for (let i = 0; i < 100; i += 1) ways.add(tampering(books, i));
  expect(ways.size).toBeGreaterThan(8);
});

describe("the chain alone cannot find, so that somebody else must keep the head:", () => {
  test("a tail that was cut off", () => {
    const report = tampered(cutLast);
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

/** Two of nine numbers had come back and were given again. */
const cutLast = (db: Database): void => cutEverywhere(db, 9, 7);

function rehashDeed(db: Database, seq: number): void {
  const hashOf = db.prepare<[number], string>("SELECT hash FROM deeds WHERE seq = ?").pluck();
  const previous = hashOf.get(seq - 1) ?? chainStart;
  const body = db.prepare<[number], string>("SELECT body FROM deeds WHERE seq = ?").pluck().get(seq) ?? "";
  const set = db.prepare("UPDATE deeds SET previous_hash = ?, hash = ? WHERE seq = ?");
  set.run(previous, deedHash(previous, seq, body), seq);
}
