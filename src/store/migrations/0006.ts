import { keepsRows, raise } from "./0001.ts";

/**
 * How far each destination of the outbox has come. What waits for it stands in the chains already, so that an attempt that
 * closes writes nothing here. A place that a power cut takes back means a message twice, never one that is missing.
 */
export const migration0006 = `
  CREATE TABLE destinations (
    name TEXT PRIMARY KEY,
    -- The last rows that it needs no more; 0 and the start of the chain before the first one.
    record INTEGER NOT NULL CHECK (record >= 0),
    record_hash TEXT NOT NULL CHECK (length(record_hash) = 64),
    deed INTEGER NOT NULL CHECK (deed >= 0),
    deed_hash TEXT NOT NULL CHECK (length(deed_hash) = 64),
    delivered INTEGER NOT NULL CHECK (delivered >= 0),
    added_at TEXT NOT NULL,
    last_at TEXT,
    failing_since TEXT,
    failed_at TEXT,
    failure TEXT,
    -- Key of the message that the receiver has refused for good.
    refused TEXT,
    CHECK ((failure IS NULL) = (failing_since IS NULL) AND (failure IS NULL) = (failed_at IS NULL))
  ) STRICT;
  ${keepsRows("destinations", "name = new.name")}
  CREATE TRIGGER destinations_go_on BEFORE UPDATE ON destinations
    WHEN new.name IS NOT old.name OR new.added_at IS NOT old.added_at OR new.record < old.record OR new.deed < old.deed
      OR new.delivered < old.delivered
    ${raise("a destination never goes back")}
`;
