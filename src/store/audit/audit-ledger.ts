import type { Connection } from "../file/connection.ts";
import { query } from "../file/query.ts";
import type { BrokenRow } from "../terms.ts";

/**
 * The tables that carry no chain of their own, held against one another: attempts against records, numbers against their
 * moves and attempts. Answers the first row that contradicts, or `null`.
 */
export function auditLedger(db: Connection): BrokenRow | null {
  for (const { table, sql } of questions) {
    const row = query<[], Omit<BrokenRow, "table">>(db, sql).get();
    if (row !== undefined) return { table, ...row };
  }
  return null;
}

interface Question {
  readonly table: BrokenRow["table"];
  readonly sql: string;
}

/** A row whose time cannot be read; what comes after this question may read it. */
const unreadable = (table: "units" | "batches" | "releases", barcode: string, time: string): Question => ({
  table,
  sql: `SELECT rowid AS seq, ${barcode} AS barcode, '"' || ${time} || '" is not a time' AS why FROM ${table}
    WHERE julianday(${time}) IS NULL OR ${time} NOT GLOB '${"####-##-##T##:##:##.###Z".replaceAll("#", "[0-9]")}'
    ORDER BY rowid LIMIT 1`,
});

const questions: readonly Question[] = [
  unreadable("units", "barcode", "first_seen"),
  unreadable("batches", "id", "opened_at"),
  unreadable("batches", "id", "coalesce(closed_at, opened_at)"),
  {
    table: "batches",
    sql: `SELECT rowid AS seq, id AS barcode, 'whether it is a trial is ' || trial AS why FROM batches
      WHERE trial NOT IN (0, 1) ORDER BY rowid LIMIT 1`,
  },
  unreadable("releases", "profile || ' ' || revision", "released_at"),
  {
    table: "releases",
    sql: `SELECT rowid AS seq, profile || ' ' || revision AS barcode, 'what it allows is not a list' AS why FROM releases
      WHERE NOT json_valid(irreversible) OR json_type(irreversible) <> 'array' ORDER BY rowid LIMIT 1`,
  },
  {
    table: "records",
    sql: `SELECT (SELECT coalesce(max(seq), 0) + 1 FROM records) AS seq, u.barcode AS barcode,
        'attempt ' || a.attempt || ' of this unit has no record and does not run: the tail was cut off' AS why
      FROM attempts AS a LEFT JOIN units AS u ON u.id = a.unit_id
      WHERE NOT EXISTS (SELECT 1 FROM records WHERE attempt_id = a.id)
        AND NOT EXISTS (SELECT 1 FROM running WHERE attempt_id = a.id) ORDER BY a.id LIMIT 1`,
  },
  {
    // With one max(), SQLite takes the other columns from its row.
    table: "numbers",
    sql: `SELECT n.id AS seq, n.text AS barcode, CASE
          WHEN m.last IS NULL THEN 'the number has no move'
          WHEN m.state IS NOT n.state THEN 'its state is ' || n.state || ', its last move led to ' || m.state
          WHEN m.text IS NOT n.text THEN 'its last move has the text ' || m.text
          ELSE 'its last move is of another unit' END AS why
      FROM numbers AS n LEFT JOIN (
        SELECT number_id, max(id) AS last, state, text, unit_id FROM moves GROUP BY number_id) AS m ON m.number_id = n.id
      WHERE m.state IS NOT n.state OR m.text IS NOT n.text OR (n.unit_id IS NOT NULL AND m.unit_id IS NOT n.unit_id)
      ORDER BY n.id LIMIT 1`,
  },
  {
    table: "moves",
    // A number has another text and another unit only when it is given out again.
    sql: `SELECT id AS seq, text AS barcode, CASE
          WHEN state_before IS NOT before THEN
            'it leads from ' || coalesce(state_before, 'nothing') || ', the move before led to ' || coalesce(before, 'nothing')
          WHEN text IS NOT text_before THEN 'the move before has the text ' || text_before
          ELSE 'the move before is of another unit' END AS why
      FROM (SELECT id, text, state_before, unit_id, lag(state) OVER own AS before,
          lag(text) OVER own AS text_before, lag(unit_id) OVER own AS unit_before
        FROM moves WINDOW own AS (PARTITION BY number_id ORDER BY id))
      WHERE state_before IS NOT before OR (before IS NOT NULL AND before <> 'returned'
        AND (text IS NOT text_before OR unit_id IS NOT unit_before)) ORDER BY id LIMIT 1`,
  },
  {
    table: "numbers",
    sql: `SELECT n.id AS seq, n.text AS barcode, 'its last attempt is another unit''s' AS why FROM numbers AS n
      WHERE n.attempt_id IS NOT NULL AND n.unit_id IS NOT (SELECT unit_id FROM attempts WHERE id = n.attempt_id)
      ORDER BY n.id LIMIT 1`,
  },
  {
    table: "profiles",
    sql: `SELECT coalesce(p.rowid, (SELECT max(rowid) + 1 FROM profiles)) AS seq, o.profile || ' ' || o.revision AS barcode,
        CASE WHEN p.hash IS NULL THEN 'the recipe of ' || o.whose || ' is gone'
          ELSE o.whose || ' has it as this, its row says ' || p.name || ' ' || p.revision END AS why
      FROM (SELECT profile, revision, profile_hash AS hash, 'work order ' || id AS whose FROM batches
        UNION ALL SELECT profile, revision, hash, 'a release' FROM releases) AS o
      LEFT JOIN profiles AS p USING (hash)
      WHERE p.name IS NOT o.profile OR p.revision IS NOT o.revision LIMIT 1`,
  },
];
