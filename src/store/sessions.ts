import { synchronousOf, writing, type Connection } from "./file/connection.ts";
import { query } from "./file/query.ts";
import { storedTime } from "./file/stored-time.ts";
import type { Session } from "./terms.ts";

interface SessionRow {
  readonly id: number;
  readonly station: string | null;
  readonly timezone: string | null;
  readonly started_at: string;
  readonly tool_version: string;
  readonly node: string;
  readonly sqlite: string;
  readonly synchronous: number;
  readonly pid: number;
}

const toSession = (row: SessionRow): Session => ({
  id: row.id,
  station: row.station,
  timezone: row.timezone,
  startedAt: storedTime(row.started_at, `session ${row.id}`),
  toolVersion: row.tool_version,
  node: row.node,
  sqlite: row.sqlite,
  synchronous: row.synchronous,
  pid: row.pid,
});

/** Sessions, oldest first. */
export function sessionList(db: Connection): () => readonly Session[] {
  const all = query<[], SessionRow>(db, "SELECT * FROM sessions ORDER BY id");
  return () => all.all().map(toSession);
}

/** Writes down that the program has started, with what its promises rest on. */
export function beginSession(
  db: Connection,
  who: Pick<Session, "station" | "timezone" | "toolVersion" | "startedAt">,
): Session {
  const insert = query<[string | null, string | null, string, string, string, number, number], SessionRow>(
    db,
    `INSERT INTO sessions (station, timezone, started_at, tool_version, node, sqlite, synchronous, pid)
     VALUES (?, ?, ?, ?, ?, sqlite_version(), ?, ?) RETURNING *`,
  );
  const begin = writing(db, () =>
    insert.get(
      who.station,
      who.timezone,
      who.startedAt.toISOString(),
      who.toolVersion,
      process.version,
      synchronousOf(db),
      process.pid,
    ),
  );
  const row = begin();
  if (row === undefined) throw new Error("no session came back");
  return toSession(row);
}
