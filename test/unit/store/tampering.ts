import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { chainStart, recordHash } from "../../../src/model/chain.ts";
import { audit } from "../../../src/store/audit/audit.ts";
import type { AuditReport, ChainHead } from "../../../src/store/terms.ts";
import { must, random, replay, type Random } from "../../reliability/random.ts";
import { databaseOf, dataFolder, ready, run, serialSpec, unlocked, withoutTriggers } from "./books.ts";

/** What somebody does who has read this program: the row's hash fits again, with another detail in it. */
export function rehash(db: Database, seq: number, edit = true): void {
  if (edit)
    db.exec(
      `UPDATE records SET body = replace(body, '"ms":12000,"serial"', '"ms":12001,"serial"'), ms = 12001 WHERE seq = ${seq}`,
    );
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

export function insertCopy(db: Database, from: number, to: number): void {
  db.exec(`CREATE TEMP TABLE one AS SELECT * FROM records WHERE seq = ${from};
    UPDATE one SET seq = ${to}, attempt_id = 90000; INSERT INTO records SELECT * FROM one`);
}

/** Rows get new numbers, in pairs of the old one and the new one. */
export function renumber(db: Database, pairs: readonly (readonly [from: number, to: number])[]): void {
  const set = db.prepare("UPDATE records SET seq = ? WHERE seq = ?");
  for (const [from, to] of pairs) set.run(-to, from);
  for (const [, to] of pairs) set.run(to, -to);
}

/** Every row from `from` to `to` is another one by so much. */
export const shifted = (from: number, to: number, by: number): [number, number][] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => [from + i, from + i + by]);

export function swapTexts(db: Database, one: number, other: number): void {
  db.exec(`CREATE TEMP TABLE t AS SELECT seq, body FROM records WHERE seq IN (${one}, ${other});
    UPDATE records SET body = (SELECT body FROM t WHERE t.seq = ${one} + ${other} - records.seq) WHERE seq IN (${one}, ${other})`);
}

/** Everything that says of the records behind the first `kept` that they were. `numbers`: of how many units one is left. */
export function cutEverywhere(db: Database, kept: number, numbers = kept): void {
  db.exec(`DELETE FROM events WHERE attempt_id > ${kept};
    DELETE FROM moves WHERE number_id > ${numbers}; DELETE FROM numbers WHERE id > ${numbers};
    DELETE FROM attempts WHERE id > ${kept}; DELETE FROM records WHERE seq > ${kept}`);
}

/** Books of a shift, as bytes, and as they were after each of its records. */
export interface Tampered {
  readonly rows: number;
  readonly bytes: Buffer;
  readonly older: readonly { readonly rows: number; readonly bytes: Buffer }[];
  readonly head: ChainHead;
}

export function bookedShift(rows: number): Tampered {
  const folder = dataFolder();
  const specs = [serialSpec("consume-on-success")];
  const older: { rows: number; bytes: Buffer }[] = [];
  ready(folder).close();
  for (let i = 1; i <= rows; i += 1) {
    const store = unlocked(folder);
    run(store, `UNIT-${i}`, { specs });
    store.close();
    if (i < rows) older.push({ rows: i, bytes: readFileSync(databaseOf(folder)) });
  }
  const whole = audit(databaseOf(folder));
  if (whole.kind !== "whole" || whole.head === null) throw new Error("books that are not whole");
  return { rows, bytes: readFileSync(databaseOf(folder)), older, head: whole.head };
}

const tampers = [
  "text",
  "column",
  "text and hash",
  "delete",
  "delete, gap closed",
  "insert",
  "append",
  "swap",
  "swap of texts",
  "reorder",
  "tail cut off",
  "old copy",
  "written anew",
] as const;
export type Tamper = (typeof tampers)[number];

/** What queries see of a record, each with something that it is not. */
const columns = [
  ["barcode", "'OTHER'"],
  ["serial", "'V60-99999'"],
  ["uid", "'00'"],
  ["batch", "'WO-2'"],
  ["outcome", "'FAIL', code = 'NO_BOARD'"],
  ["marginal", "1"],
  ["trial", "1"],
  ["ms", "1.0"],
  ["operator", "'op8'"],
  ["ended_at", "'2020-01-01T00:00:00.000Z'"],
] as const;

/** Tampers with the books; says which row is the first one that is not as it was. */
function tamper(db: Database, how: Tamper, rows: number, dice: Random): number {
  const at = 1 + dice.below(rows - 1);
  const to = at + 1 + dice.below(rows - at);
  switch (how) {
    case "text": {
      const body =
        db.prepare<[number], string>("SELECT body FROM records WHERE seq = ?").pluck().get(at) ?? "";
      const i = dice.below(body.length);
      const other = body[i] === "0" ? "1" : "0";
      const text = `${body.slice(0, i)}${other}${body.slice(i + 1)}`;
      db.prepare("UPDATE records SET body = ? WHERE seq = ?").run(text, at);
      return at;
    }
    case "column": {
      const [column, value] = dice.pick(columns);
      db.exec(`UPDATE records SET ${column} = ${value} WHERE seq = ${at}`);
      return at;
    }
    case "text and hash":
      rehash(db, at);
      return at + 1;
    case "delete":
      db.exec(`DELETE FROM records WHERE seq >= ${at} AND seq < ${to}`);
      return at;
    case "delete, gap closed":
      db.exec(`DELETE FROM records WHERE seq = ${at}`);
      renumber(db, shifted(at + 1, rows, -1));
      return at;
    case "insert":
      renumber(db, shifted(to, rows, 1));
      insertCopy(db, at, to);
      return to;
    case "append":
      insertCopy(db, at, rows + 1);
      return rows + 1;
    case "swap":
      renumber(db, [
        [at, to],
        [to, at],
      ]);
      return at;
    case "swap of texts":
      swapTexts(db, at, to);
      return at;
    case "reorder":
      renumber(db, [[to, at], ...shifted(at, to - 1, 1)]);
      return at;
    case "tail cut off":
      cutEverywhere(db, at);
      return at + 1;
    case "written anew":
      for (let seq = at; seq <= rows; seq += 1) rehash(db, seq, seq === at);
      return rows;
    case "old copy":
      return 0;
    default:
      return how satisfies never;
  }
}

export type Auditor = (file: string, options: { readonly head: ChainHead }) => AuditReport;

/** Tampering number `i`, and the audit against a head that was kept; throws unless its first bad row is named. */
export function tampering(books: Tampered, i: number, auditOf: Auditor = audit): Tamper {
  const dice = random(`tampering ${i}`);
  const how = dice.pick(tampers);
  const folder = dataFolder();
  const file = databaseOf(folder);
  try {
    let first: number;
    if (how === "old copy") {
      const old = dice.pick(books.older);
      writeFileSync(file, old.bytes);
      first = old.rows + 1;
    } else {
      writeFileSync(file, books.bytes);
      const db = withoutTriggers(folder);
      first = tamper(db, how, books.rows, dice);
      db.close();
      must(!readFileSync(file).equals(books.bytes), replay(`tampering ${i}, ${how}: nothing was done`));
    }
    const report = auditOf(file, { head: books.head });
    const what = replay(`tampering ${i}, ${how}, first bad row ${first}`);
    must(report.kind === "broken", `${what}: not found`);
    if (report.kind === "broken")
      must(
        report.broken.table === "records" && report.broken.seq === first,
        `${what}: ${report.broken.table} row ${report.broken.seq} was named: ${report.broken.why}`,
      );
    return how;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
