import Database from "better-sqlite3";

/** A number of the ledger, with the unit that has it. */
export interface NumberRow {
  readonly text: string;
  readonly state: "reserved" | "written" | "committed" | "void" | "returned";
  readonly barcode: string | null;
}

export interface RecordRow {
  readonly seq: number;
  readonly barcode: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly code: string | null;
  readonly serial: string | null;
}

/** The tables of the books as they lie in the file, read without the program's own queries. */
export interface RawBooks {
  readonly records: readonly RecordRow[];
  readonly numbers: readonly NumberRow[];
  /** Attempts without a record, in words. */
  readonly open: readonly string[];
  /** Numbers that were `written` for more than one unit. */
  readonly shared: readonly string[];
  readonly attempts: number;
}

/** Throws SQLite's own errors. */
export function readBooks(file: string): RawBooks {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const all = <T>(sql: string): T[] => db.prepare<[], T>(sql).all();
    const texts = (sql: string): string[] => all<{ readonly text: string }>(sql).map(({ text }) => text);
    return {
      records: all("SELECT seq, barcode, attempt, outcome, code, serial FROM records ORDER BY seq"),
      numbers: all("SELECT text, state, barcode FROM numbers LEFT JOIN units ON units.id = unit_id"),
      open: texts(
        `SELECT barcode || ' attempt ' || attempt AS text FROM attempts JOIN units ON units.id = unit_id
         WHERE attempts.id NOT IN (SELECT attempt_id FROM records)`,
      ),
      shared: texts(
        `SELECT numbers.text FROM moves JOIN numbers ON numbers.id = number_id WHERE moves.state = 'written'
         GROUP BY number_id HAVING count(DISTINCT moves.unit_id) > 1`,
      ),
      attempts: db.prepare<[], number>("SELECT count(*) FROM attempts").pluck().get() ?? 0,
    };
  } finally {
    db.close();
  }
}
