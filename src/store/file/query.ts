import type { Statement } from "better-sqlite3";
import type { Connection } from "./connection.ts";

/** One statement of a connection. */
export interface Query<Parameters extends unknown[], Row = never> {
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): Row[];
  /** One row at a time; nothing may be written through this connection meanwhile. */
  each(...parameters: Parameters): Iterable<Row>;
  /** Answers how many rows it has changed. */
  run(...parameters: Parameters): number;
}

/**
 * SQLite may plan a statement with ORDER BY, a join or a limit by the values of its parameters, and better-sqlite3 clears
 * them after each run, so that the next run would prepare the statement anew, which takes longer than the run (seen with
 * SQLite 3.54: `sqlite3_clear_bindings` expires a statement whose plan has looked at a parameter). A plus before the
 * parameter changes no value, and is not looked through.
 */
const plannedOnce = (sql: string): string => sql.replaceAll(/(=|LIMIT) (?=[?@])/g, "$1 +");

const prepared = new WeakMap<Connection, Map<string, Statement>>();

/**
 * A statement that is prepared once a connection, at its first use: a command that asks two questions does not wait for
 * the preparation of a hundred. `Row` is the type of the columns that the statement selects.
 */
export function query<Parameters extends unknown[], Row = never>(
  db: Connection,
  sql: string,
): Query<Parameters, Row> {
  let own: Statement<Parameters, Row> | null = null;
  const statement = (): Statement<Parameters, Row> => (own ??= prepare());
  const prepare = (): Statement<Parameters, Row> => {
    const known = prepared.get(db) ?? new Map<string, Statement>();
    prepared.set(db, known);
    const one = known.get(sql) ?? db.prepare(plannedOnce(sql));
    known.set(sql, one);
    // The same text has the same parameters and columns, whoever asks for it.
    return one as unknown as Statement<Parameters, Row>;
  };
  return {
    get: (...parameters) => statement().get(...parameters),
    all: (...parameters) => statement().all(...parameters),
    each: (...parameters) => statement().iterate(...parameters),
    run: (...parameters) => statement().run(...parameters).changes,
  };
}
