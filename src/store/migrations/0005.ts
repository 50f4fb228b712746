import { raise } from "./0001.ts";

const live = "('reserved', 'written', 'committed')";
const sameUnit = `SELECT 1 FROM numbers WHERE unit_id = new.unit_id AND +series = new.series AND +realm = new.realm
      AND id <> new.id AND state IN ${live}`;
const oneAUnit = raise("a unit has one number of a series at a time");

/**
 * Fewer pages for each attempt that closes: what a query can find through the attempt, which was written at its opening, has
 * no index of its own on the record; what only the audit reads is sorted there. A rule over a table of as many rows as there
 * are slots, or over the few numbers of one unit, is a trigger and needs no index.
 */
export const migration0005 = `
  -- Of a text that is none, nothing: the audit tells it.
  ALTER TABLE attempts ADD COLUMN started_at TEXT
    GENERATED ALWAYS AS (CASE WHEN json_valid(opening) THEN CAST(opening ->> '$.startedAt' AS TEXT) END) VIRTUAL;
  CREATE INDEX attempts_by_time ON attempts (started_at);
  DROP INDEX records_by_time;
  DROP INDEX records_of_unit;
  DROP INDEX moves_of_number;

  DROP INDEX numbers_one_a_unit;
  CREATE TRIGGER numbers_are_one_a_unit AFTER INSERT ON numbers
    WHEN new.state IN ${live} AND EXISTS (${sameUnit}) ${oneAUnit}
  CREATE TRIGGER numbers_stay_one_a_unit AFTER UPDATE OF state, unit_id ON numbers
    WHEN new.state IN ${live} AND (old.state NOT IN ${live} OR old.unit_id IS NOT new.unit_id)
      AND EXISTS (${sameUnit}) ${oneAUnit}

  CREATE TEMP TABLE were_running AS SELECT * FROM running;
  DROP TABLE running;
  CREATE TABLE running (
    attempt_id INTEGER PRIMARY KEY REFERENCES attempts,
    unit_id INTEGER NOT NULL REFERENCES units,
    -- The events of the attempt come after this one.
    after_event INTEGER NOT NULL
  ) STRICT;
  INSERT INTO running SELECT attempt_id, unit_id,
    coalesce((SELECT min(id) FROM events WHERE events.attempt_id = were_running.attempt_id),
      (SELECT max(id) + 1 FROM events), 1) - 1 FROM were_running;
  DROP TABLE were_running;
  DROP INDEX events_of_attempt;
  CREATE TRIGGER running_is_one_a_unit BEFORE INSERT ON running
    WHEN EXISTS (SELECT 1 FROM running WHERE attempt_id = new.attempt_id OR unit_id = new.unit_id)
    ${raise("a unit is programmed once at a time")}
  CREATE TRIGGER running_ends_with_a_record BEFORE DELETE ON running
    WHEN NOT EXISTS (SELECT 1 FROM records WHERE attempt_id = old.attempt_id)
    ${raise("an attempt ends with its record")}
  CREATE TRIGGER records_end_the_attempt AFTER INSERT ON records
    BEGIN DELETE FROM running WHERE attempt_id = new.attempt_id; END;
  CREATE TRIGGER running_does_not_change BEFORE UPDATE ON running ${raise("a running attempt does not change")}
`;
