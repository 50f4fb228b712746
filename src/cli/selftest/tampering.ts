import { copyFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { AuditOptions, AuditReport, ChainHead } from "../../store/terms.ts";
import { check, type Checks } from "./check.ts";
import type { SelftestBench } from "./bench.ts";

/** What somebody with a database program does to a copy, and what the audit must say of it. */
interface Tampering {
  readonly what: string;
  readonly sql: readonly string[];
  /** The first broken row, which is to be named. */
  readonly row: number;
}

/** `rows`: records in the copy, at least six; `failed`: the place of one that did not pass. */
const tamperings = (rows: number, failed: number): readonly Tampering[] => [
  {
    what: "a unit that failed is made one that passed",
    sql: [`UPDATE records SET outcome = 'PASS', code = NULL WHERE seq = ${failed}`],
    row: failed,
  },
  { what: "one cell is changed", sql: ["UPDATE records SET slot = 'B9' WHERE seq = 3"], row: 3 },
  {
    what: "a word in the stored text of one record is changed",
    sql: [
      `UPDATE records SET body = replace(body, '"operator":"selftest"', '"operator":"somebody"') WHERE seq = 2`,
    ],
    row: 2,
  },
  { what: "one record is deleted", sql: ["DELETE FROM records WHERE seq = 4"], row: 4 },
  {
    what: "two records are swapped",
    sql: [
      "UPDATE records SET seq = -1 WHERE seq = 2",
      "UPDATE records SET seq = 2 WHERE seq = 5",
      "UPDATE records SET seq = 5 WHERE seq = -1",
    ],
    row: 2,
  },
  {
    what: "the last record is cut off, and a head was kept",
    sql: [`DELETE FROM records WHERE seq = ${rows}`],
    row: rows,
  },
];

/** Each on a copy of its own, all triggers gone: whoever can write the file can take them away. */
export async function* tampering(
  books: string,
  { head, failed }: { readonly head: ChainHead; readonly failed: number },
  { folder, commands }: Pick<SelftestBench, "folder" | "commands">,
): Checks {
  for (const [i, { what, sql, row }] of tamperings(head.seq, failed).entries()) {
    const copy = join(folder, `tampered-${i}.db`);
    yield await check(`On a copy, ${what}`, `the audit finds it, and names row ${row} of the records`, () => {
      tamper(books, copy, sql);
      // A kept head is what finds a tail that was cut off; the others are found without.
      const options: AuditOptions = row === head.seq ? { head } : {};
      return seenOf(commands.audit(copy, options), row);
    });
  }
}

function seenOf(report: AuditReport, row: number): { seen: string; passed: boolean } {
  if (report.kind === "whole") return { seen: "the audit says whole", passed: false };
  const { table, seq, barcode, why: said } = report.broken;
  return {
    seen: `${table === "records" ? "" : `${table} `}row ${seq} (${barcode ?? "?"}): ${said}`,
    passed: table === "records" && seq === row,
  };
}

function tamper(books: string, copy: string, sql: readonly string[]): void {
  copyFileSync(books, copy);
  const db = new Database(copy);
  try {
    db.pragma("foreign_keys = OFF");
    const triggers = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
      .pluck()
      .all();
    for (const name of triggers) db.exec(`DROP TRIGGER "${name}"`);
    let changed = 0;
    for (const one of sql) changed += db.prepare(one).run().changes;
    if (changed < sql.length) throw new Error("nothing was changed in the copy");
  } finally {
    db.close();
  }
}
