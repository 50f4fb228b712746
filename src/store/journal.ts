import type { AttemptEvent } from "../model/event.ts";
import type { Connection } from "./connection.ts";
import { query } from "./query.ts";

interface EventRow {
  readonly at: string;
  readonly event: string;
}

/** An event with the wall clock's time at which it was written down. */
export interface KeptEvent {
  readonly at: Date;
  readonly event: AttemptEvent;
}

export interface Journal {
  append(attempt: number, event: AttemptEvent, at: Date): void;
  /** In the order in which they happened. */
  of(attempt: number): readonly KeptEvent[];
}

/** The events of attempts: appended, never changed. */
export function journal(db: Connection): Journal {
  const insert = query<[number, string, string]>(
    db,
    "INSERT INTO events (attempt_id, at, event) VALUES (?, ?, ?)",
  );
  const all = query<[number], EventRow>(db, "SELECT at, event FROM events WHERE attempt_id = ? ORDER BY id");
  return {
    append(attempt, event, at) {
      insert.run(attempt, at.toISOString(), JSON.stringify(event));
    },
    of: (attempt) =>
      all.all(attempt).map((row) => ({
        at: new Date(row.at),
        // `append` wrote exactly this type, and the row cannot change.
        event: JSON.parse(row.event) as AttemptEvent,
      })),
  };
}
