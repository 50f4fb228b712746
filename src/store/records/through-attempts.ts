/*
 * Records are found by their place in the chain, by their batch, and through their attempt. Other ways would each be an index
 * that the closing of an attempt waits for. CROSS JOIN: SQLite goes the way that is written here.
 */

/** Units `u` with their attempts `a` and records `r`. */
export const recordsOfUnit = `units AS u CROSS JOIN attempts AS a ON a.unit_id = u.id
  CROSS JOIN records AS r ON r.attempt_id = a.id`;

/** Records `r` of attempts `a` that are chosen by `a.started_at`; the audit sees to it that a record says the same moment. */
export const recordsByTime = "attempts AS a CROSS JOIN records AS r ON r.attempt_id = a.id";
