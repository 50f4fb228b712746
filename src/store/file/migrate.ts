import { chmodSync, existsSync, renameSync, rmSync } from "node:fs";
import { openConnection, writing, type Connection } from "./connection.ts";
import { migrations } from "../migrations/table.ts";
import { query } from "./query.ts";
import { StoreError } from "../store-error.ts";

/** "GFLS": says in the file's first page whose file it is. */
const applicationId = 0x47464c53;

/** The newest form of the books that this program knows. */
export const newestVersion = migrations.length;

const numberOf = (db: Connection, pragma: "user_version" | "application_id"): number =>
  Number(db.pragma(pragma, { simple: true }));

/**
 * The form of an opened file, 0 for an empty one. Reads only. Throws StoreError `newer`, or `damaged` for a database
 * that is not ours.
 */
export function versionOf(db: Connection, file: string, newest = newestVersion): number {
  const version = numberOf(db, "user_version");
  const owner = numberOf(db, "application_id");
  const tables = query<[], { count: number }>(db, "SELECT count(*) AS count FROM sqlite_schema").get();
  const empty = version === 0 && owner === 0 && tables?.count === 0;
  if (empty) return 0;
  if (owner !== applicationId)
    throw new StoreError("damaged", `${file}: this is not a database of gangflash`);
  if (version > newest)
    throw new StoreError(
      "newer",
      `${file}: written by a newer gangflash (form ${version}, known: ${newest})`,
    );
  return version;
}

/**
 * Brings a file to the newest form: all steps or none. A file that has rows already is copied beside itself first.
 * Throws what `versionOf` throws.
 */
export function migrate(db: Connection, file: string, steps: readonly string[] = migrations): void {
  const from = versionOf(db, file, steps.length);
  if (from === steps.length) return;
  if (from > 0) keepCopy(db, `${file}.form-${from}`);
  writing(db, () => {
    // Another process may have been quicker while this one waited for the lock.
    const begin = versionOf(db, file, steps.length);
    for (const step of steps.slice(begin)) db.exec(step);
    db.pragma(`user_version = ${steps.length}`);
  })();
}

/** Whole under its name, or not there. */
function keepCopy(db: Connection, copy: string): void {
  if (existsSync(copy)) return;
  const part = `${copy}.part`;
  rmSync(part, { force: true });
  db.prepare("VACUUM INTO ?").run(part);
  chmodSync(part, 0o640);
  renameSync(part, copy);
}

interface SchemaRow {
  readonly name: string;
  readonly sql: string | null;
}

const schemaOf = (db: Connection): SchemaRow[] =>
  query<[], SchemaRow>(db, "SELECT name, sql FROM sqlite_schema ORDER BY name").all();

/**
 * The name of a table, index or trigger that is missing or was changed, or `null`: without its triggers a file would
 * forgive mistakes that it must not. What somebody has added for himself is let be.
 */
export function lostFromSchema(db: Connection): string | null {
  const model = openConnection(":memory:");
  try {
    for (const step of migrations) model.exec(step);
    const there = new Map(schemaOf(db).map(({ name, sql }) => [name, sql]));
    return schemaOf(model).find(({ name, sql }) => there.get(name) !== sql)?.name ?? null;
  } finally {
    model.close();
  }
}
