import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

/** The books as a kill has left them: read from a copy, before any program of ours has opened them again. */
export interface Snapshot {
  /** Highest number of a session; 0 before the first. */
  readonly session: number;
  /** Barcodes whose number was reserved in that session and has not been `written` in it. */
  readonly reserved: readonly string[];
  /** Barcodes whose number was made `written` by an attempt of that session that has no record yet. */
  readonly written: readonly string[];
  /** PASS records of that session. */
  readonly passed: readonly { readonly barcode: string; readonly attempt: number; readonly serial: string }[];
  /** What is wrong already. */
  readonly complaints: readonly string[];
}

const nothing: Snapshot = { session: 0, reserved: [], written: [], passed: [], complaints: [] };

/** `sessionBefore`: the highest session of the snapshot before; without a newer one the killed run had begun nothing. */
export function snapshot(data: string, copies: string, sessionBefore: number): Snapshot {
  const name = "gangflash.db";
  if (!existsSync(join(data, name))) return nothing;
  for (const end of ["", "-wal"]) {
    const copy = join(copies, `${name}${end}`);
    rmSync(copy, { force: true });
    if (existsSync(join(data, `${name}${end}`))) copyFileSync(join(data, `${name}${end}`), copy);
  }
  rmSync(join(copies, `${name}-shm`), { force: true });
  const db = new Database(join(copies, name));
  try {
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sessions'").get() === undefined) return nothing;
    return read(db, sessionBefore);
  } finally {
    db.close();
  }
}

function read(db: Database.Database, sessionBefore: number): Snapshot {
  const newest = db.prepare<[], number>("SELECT max(id) FROM sessions").pluck().get();
  const session = newest ?? 0;
  const complaints: string[] = [];
  const check = db.pragma("integrity_check", { simple: true });
  if (check !== "ok") complaints.push(`the database: ${String(check)}`);
  if (session === sessionBefore) return { ...nothing, session, complaints };

  const all = <T>(sql: string): T[] => db.prepare<[{ readonly session: number }], T>(sql).all({ session });
  // The first attempt is begun after the recovery: from there on nothing older may be open.
  const old = all<{ readonly barcode: string }>(
    `SELECT barcode FROM running JOIN units ON units.id = running.unit_id JOIN attempts ON attempts.id = attempt_id
     WHERE session_id < @session AND EXISTS (SELECT 1 FROM attempts WHERE session_id = @session)`,
  );
  for (const { barcode } of old)
    complaints.push(`${barcode}: its killed attempt was still open after a start`);
  const written = `EXISTS (SELECT 1 FROM moves JOIN attempts ON attempts.id = moves.attempt_id
    WHERE moves.number_id = numbers.id AND moves.state = 'written' AND attempts.session_id = @session)`;
  const barcodes = (rows: readonly { readonly barcode: string }[]): string[] =>
    rows.map((row) => row.barcode);
  return {
    session,
    reserved: barcodes(
      all(
        `SELECT barcode FROM numbers JOIN units ON units.id = unit_id
         WHERE state = 'reserved' AND session_id = @session AND NOT ${written}`,
      ),
    ),
    written: barcodes(
      all(
        `SELECT barcode FROM numbers JOIN units ON units.id = numbers.unit_id
         JOIN running ON running.attempt_id = numbers.attempt_id WHERE state = 'written' AND ${written}`,
      ),
    ),
    passed: all(
      `SELECT barcode, records.attempt, serial FROM records JOIN attempts ON attempts.id = attempt_id
       WHERE outcome = 'PASS' AND session_id = @session`,
    ),
    complaints,
  };
}
