// A step once shipped is never edited: files in the field have it behind them.

export const realms = "('line', 'sim')";
const states = "('reserved', 'written', 'committed', 'void', 'returned')";
const outcomes = "('PASS', 'FAIL', 'TIMEOUT', 'ERROR', 'ABORTED', 'SKIPPED')";

export const raise = (why: string): string => `BEGIN SELECT RAISE(ABORT, '${why}'); END;`;

/** No row goes, also not by INSERT OR REPLACE; `same` says which row a new one would push out. */
export const keepsRows = (table: string, same: string): string => `
  CREATE TRIGGER ${table}_stay BEFORE DELETE ON ${table} ${raise(`rows of ${table} are never deleted`)}
  CREATE TRIGGER ${table}_are_not_replaced BEFORE INSERT ON ${table}
    WHEN EXISTS (SELECT 1 FROM ${table} WHERE ${same}) ${raise(`rows of ${table} are never replaced`)}
`;

/** Rows come, and stay as they are. */
export const appendOnly = (table: string, same: string): string => `
  CREATE TRIGGER ${table}_stay_as_they_are BEFORE UPDATE ON ${table} ${raise(`rows of ${table} never change`)}
  ${keepsRows(table, same)}
`;

/** The books as they began. */
export const migration0001 = `
  PRAGMA application_id = 0x47464c53;

  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    station TEXT,
    timezone TEXT,
    started_at TEXT NOT NULL,
    tool_version TEXT NOT NULL,
    node TEXT NOT NULL,
    sqlite TEXT NOT NULL,
    synchronous INTEGER NOT NULL,
    pid INTEGER NOT NULL
  ) STRICT;
  ${appendOnly("sessions", "id = new.id")}

  CREATE TABLE profiles (
    hash TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    revision TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  ${appendOnly("profiles", "hash = new.hash")}

  CREATE TABLE releases (
    id INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    revision TEXT NOT NULL,
    hash TEXT NOT NULL REFERENCES profiles,
    irreversible TEXT NOT NULL,
    released_by TEXT NOT NULL,
    released_at TEXT NOT NULL,
    UNIQUE (profile, revision)
  ) STRICT;
  CREATE INDEX releases_by_hash ON releases (hash);
  ${appendOnly("releases", "id = new.id OR (profile = new.profile AND revision = new.revision)")}

  CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    profile TEXT NOT NULL,
    revision TEXT NOT NULL,
    profile_hash TEXT NOT NULL REFERENCES profiles,
    product TEXT NOT NULL,
    quantity INTEGER,
    trial INTEGER NOT NULL CHECK (trial IN (0, 1)),
    session_id INTEGER NOT NULL REFERENCES sessions,
    opened_at TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    closed_at TEXT,
    closed_by TEXT,
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
  ) STRICT;
  ${keepsRows("batches", "id = new.id")}
  CREATE TRIGGER batches_only_close BEFORE UPDATE ON batches
    WHEN old.closed_at IS NOT NULL OR new.closed_at IS NULL OR new.id IS NOT old.id OR new.profile IS NOT old.profile
      OR new.revision IS NOT old.revision OR new.profile_hash IS NOT old.profile_hash
      OR new.product IS NOT old.product OR new.quantity IS NOT old.quantity OR new.trial IS NOT old.trial
      OR new.session_id IS NOT old.session_id OR new.opened_at IS NOT old.opened_at
      OR new.opened_by IS NOT old.opened_by
    ${raise("a batch is closed once, and changes in nothing else")}

  CREATE TABLE units (
    id INTEGER PRIMARY KEY,
    realm TEXT NOT NULL CHECK (realm IN ${realms}),
    barcode TEXT NOT NULL,
    uid TEXT,
    first_seen TEXT NOT NULL,
    UNIQUE (realm, barcode),
    UNIQUE (realm, uid)
  ) STRICT;
  ${keepsRows("units", "id = new.id OR (realm = new.realm AND (barcode = new.barcode OR uid = new.uid))")}
  CREATE TRIGGER units_are_bound_once BEFORE UPDATE ON units
    WHEN old.uid IS NOT NULL OR new.id IS NOT old.id OR new.realm IS NOT old.realm
      OR new.barcode IS NOT old.barcode OR new.first_seen IS NOT old.first_seen
    ${raise("a unit is bound to its chip once, and changes in nothing else")}

  CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    unit_id INTEGER NOT NULL REFERENCES units,
    attempt INTEGER NOT NULL CHECK (attempt > 0),
    batch TEXT NOT NULL REFERENCES batches,
    session_id INTEGER NOT NULL REFERENCES sessions,
    profile_hash TEXT NOT NULL REFERENCES profiles,
    opening TEXT NOT NULL,
    UNIQUE (unit_id, attempt)
  ) STRICT;
  CREATE INDEX attempts_of_batch ON attempts (batch);
  ${appendOnly("attempts", "id = new.id OR (unit_id = new.unit_id AND attempt = new.attempt)")}
  CREATE TRIGGER attempts_need_an_open_batch BEFORE INSERT ON attempts
    WHEN (SELECT closed_at FROM batches WHERE id = new.batch) IS NOT NULL ${raise("the batch is closed")}

  -- Attempts without a record yet: at most one a unit.
  CREATE TABLE running (
    unit_id INTEGER PRIMARY KEY REFERENCES units,
    attempt_id INTEGER NOT NULL UNIQUE REFERENCES attempts
  ) STRICT;

  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    attempt_id INTEGER NOT NULL REFERENCES attempts,
    at TEXT NOT NULL,
    event TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_of_attempt ON events (attempt_id, id);
  ${appendOnly("events", "id = new.id")}
  CREATE TRIGGER events_need_a_running_attempt BEFORE INSERT ON events
    WHEN NOT EXISTS (SELECT 1 FROM running WHERE attempt_id = new.attempt_id)
    ${raise("the attempt is closed")}

  CREATE TABLE records (
    seq INTEGER PRIMARY KEY,
    attempt_id INTEGER NOT NULL UNIQUE REFERENCES attempts,
    batch TEXT NOT NULL,
    realm TEXT NOT NULL CHECK (realm IN ${realms}),
    barcode TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    uid TEXT,
    serial TEXT,
    slot TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ${outcomes}),
    code TEXT,
    marginal INTEGER NOT NULL CHECK (marginal IN (0, 1)),
    trial INTEGER NOT NULL CHECK (trial IN (0, 1)),
    profile TEXT NOT NULL,
    revision TEXT NOT NULL,
    profile_hash TEXT NOT NULL,
    operator TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    ms REAL NOT NULL,
    body TEXT NOT NULL,
    previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64),
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    CHECK ((outcome = 'PASS') = (code IS NULL))
  ) STRICT;
  CREATE INDEX records_of_batch ON records (batch, seq);
  CREATE INDEX records_of_unit ON records (realm, barcode, seq);
  ${appendOnly("records", "seq = new.seq OR attempt_id = new.attempt_id")}
  CREATE TRIGGER records_follow_one_another BEFORE INSERT ON records
    WHEN new.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM records)
      OR new.previous_hash <> coalesce((SELECT hash FROM records WHERE seq = new.seq - 1), '${"0".repeat(64)}')
    ${raise("a record follows the last one")}
  CREATE TRIGGER records_need_a_running_attempt BEFORE INSERT ON records
    WHEN NOT EXISTS (SELECT 1 FROM running WHERE attempt_id = new.attempt_id)
    ${raise("the attempt is closed")}
  CREATE TRIGGER running_ends_with_a_record BEFORE DELETE ON running
    WHEN NOT EXISTS (SELECT 1 FROM records WHERE attempt_id = old.attempt_id)
    ${raise("an attempt ends with its record")}
  CREATE TRIGGER running_does_not_change BEFORE UPDATE ON running ${raise("a running attempt does not change")}

  CREATE TABLE numbers (
    id INTEGER PRIMARY KEY,
    series TEXT NOT NULL,
    realm TEXT NOT NULL CHECK (realm IN ${realms}),
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('serial', 'mac')),
    -- adopted: it was found in a chip, so it says nothing of how far the series has come.
    origin TEXT NOT NULL CHECK (origin IN ('issued', 'adopted')),
    policy TEXT NOT NULL CHECK (policy IN ('consume-on-success', 'burn-on-failure', 'keep-existing')),
    state TEXT NOT NULL CHECK (state IN ${states}),
    unit_id INTEGER REFERENCES units,
    attempt_id INTEGER REFERENCES attempts,
    session_id INTEGER NOT NULL REFERENCES sessions,
    UNIQUE (series, realm, number),
    UNIQUE (series, realm, text),
    CHECK ((state = 'returned') = (unit_id IS NULL))
  ) STRICT;
  CREATE UNIQUE INDEX numbers_one_a_unit ON numbers (series, realm, unit_id)
    WHERE state IN ('reserved', 'written', 'committed');
  CREATE INDEX numbers_returned ON numbers (series, realm, number) WHERE state = 'returned';
  CREATE INDEX numbers_reserved ON numbers (session_id) WHERE state = 'reserved';
  CREATE INDEX numbers_issued ON numbers (series, realm, number) WHERE origin = 'issued';
  CREATE INDEX numbers_of_unit ON numbers (unit_id);
  CREATE INDEX numbers_of_attempt ON numbers (attempt_id);
  CREATE INDEX numbers_by_text ON numbers (text);
  ${keepsRows("numbers", "id = new.id OR (series = new.series AND realm = new.realm AND (number = new.number OR text = new.text))")}
  CREATE TRIGGER numbers_move_by_the_rules BEFORE UPDATE ON numbers
    WHEN new.id IS NOT old.id OR new.series IS NOT old.series OR new.realm IS NOT old.realm
      OR new.number IS NOT old.number OR new.kind IS NOT old.kind OR new.origin IS NOT old.origin
      OR (old.state <> 'returned' AND new.text IS NOT old.text)
      OR (old.state <> 'returned' AND new.state <> 'returned' AND new.unit_id IS NOT old.unit_id)
      OR NOT CASE old.state
        WHEN 'returned' THEN new.state = 'reserved'
        WHEN 'reserved' THEN new.state IN ('reserved', 'written', 'void', 'returned')
        WHEN 'void' THEN 0
        ELSE new.state IN ('written', 'committed', 'void')
      END
    ${raise("the ledger knows no such move")}

  CREATE TABLE moves (
    id INTEGER PRIMARY KEY,
    number_id INTEGER NOT NULL REFERENCES numbers,
    state_before TEXT CHECK (state_before IN ${states}),
    state TEXT NOT NULL CHECK (state IN ${states}),
    text TEXT NOT NULL,
    unit_id INTEGER NOT NULL REFERENCES units,
    attempt_id INTEGER REFERENCES attempts,
    session_id INTEGER NOT NULL REFERENCES sessions,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX moves_of_number ON moves (number_id);
  ${appendOnly("moves", "id = new.id")}
`;
