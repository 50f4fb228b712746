import { createHash } from "node:crypto";
import type { Connection } from "../file/connection.ts";
import { query } from "../file/query.ts";

/** A row of a list that was imported: numbers that no unit of these books had then. */
export interface ListedRow {
  readonly series: string;
  /** Both ends belong to it. */
  readonly first: number;
  readonly last: number;
  /** `null`: the profile's format makes it. */
  readonly text: string | null;
  readonly state: "free" | "used" | "void";
  readonly reason: string;
  /** Place of the deed that brought it. */
  readonly deed: number;
}

/** What a list says of a series' numbers. Each function runs inside the caller's transaction. */
export interface Listed {
  /** Whether only numbers of a list may be given. */
  isOnlyListed(series: string): boolean;
  /** The row that has this number. */
  at(series: string, number: number): ListedRow | null;
  byText(series: string, text: string): ListedRow | null;
  /** The first row that shares a number with a range. */
  overlapping(series: string, first: number, last: number): ListedRow | null;
  /** The first row with free numbers that ends behind this number. */
  freeFrom(series: string, number: number): ListedRow | null;
  insert(row: ListedRow): void;
}

export function listed(db: Connection): Listed {
  const columns = "SELECT series, first, last, text, state, reason, deed FROM listed";
  const anyFree = query<[string], { one: number }>(
    db,
    "SELECT 1 AS one FROM listed WHERE series = ? AND state = 'free' LIMIT 1",
  );
  // Rows of a series never overlap, so the first that ends there or later is the only one that can have it.
  const endingFrom = query<[string, number], ListedRow>(
    db,
    `${columns} WHERE series = ? AND last >= ? ORDER BY last LIMIT 1`,
  );
  const freeEndingFrom = query<[string, number], ListedRow>(
    db,
    `${columns} WHERE series = ? AND last >= ? AND state = 'free' ORDER BY last LIMIT 1`,
  );
  const byText = query<[string, string], ListedRow>(db, `${columns} WHERE series = ? AND text = ?`);
  const insert = query<[ListedRow]>(
    db,
    `INSERT INTO listed (series, first, last, text, state, reason, deed)
     VALUES (@series, @first, @last, @text, @state, @reason, @deed)`,
  );
  const overlapping = (series: string, first: number, last: number): ListedRow | null => {
    const row = endingFrom.get(series, first);
    return row !== undefined && row.first <= last ? row : null;
  };
  return {
    isOnlyListed: (series) => anyFree.get(series) !== undefined,
    at: (series, number) => overlapping(series, number, number),
    byText: (series, text) => byText.get(series, text) ?? null,
    overlapping,
    freeFrom: (series, number) => freeEndingFrom.get(series, number) ?? null,
    insert: (row) => {
      insert.run(row);
    },
  };
}

/** What the deed of an import says of its rows: SHA-256 over them in their order, a line each. */
export function listHash(rows: Iterable<Omit<ListedRow, "deed">>): string {
  const hash = createHash("sha256");
  for (const { series, first, last, text, state, reason } of rows)
    hash.update(`${JSON.stringify([series, first, last, text, state, reason])}\n`);
  return hash.digest("hex");
}
