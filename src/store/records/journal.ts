import type { AttemptEvent } from "../../model/event.ts";
import type { Connection } from "../file/connection.ts";
import { query } from "../file/query.ts";

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
  /** Answers the event as it stands in the journal. */
  append(attempt: number, event: AttemptEvent, at: Date): AttemptEvent;
  /** Of an attempt that runs, in the order in which they happened. */
  of(attempt: number): readonly KeptEvent[];
}

/** The events of attempts: appended, never changed. */
export function journal(db: Connection): Journal {
  const insert = query<[number, string, string]>(
    db,
    "INSERT INTO events (attempt_id, at, event) VALUES (?, ?, ?)",
  );
  // The running attempt knows where its events begin: few others lie among them.
  const all = query<[number], EventRow>(
    db,
    `SELECT at, event FROM running JOIN events ON events.id > after_event AND events.attempt_id = running.attempt_id
     WHERE running.attempt_id = ? ORDER BY events.id`,
  );
  return {
    append(attempt, event, at) {
      const text = JSON.stringify(event);
      insert.run(attempt, at.toISOString(), text);
      return toEvent(text);
    },
    of: (attempt) => all.all(attempt).map((row) => ({ at: new Date(row.at), event: toEvent(row.event) })),
  };
}

// `append` writes exactly this type, and the row cannot change.
const toEvent = (text: string): AttemptEvent => JSON.parse(text) as AttemptEvent;
