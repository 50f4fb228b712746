import { appendOnly, keepsRows, raise, realms } from "./0001.ts";

const start = "0".repeat(64);

/** People, the audit log of their deeds, who reviewed a release, signatures of closed batches. */
export const migration0002 = `
  CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    badge_salt TEXT,
    badge_hash TEXT,
    pin TEXT,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    failed_pins INTEGER NOT NULL DEFAULT 0,
    failed_at TEXT,
    CHECK ((badge_salt IS NULL) = (badge_hash IS NULL))
  ) STRICT;
  ${keepsRows("people", "id = new.id OR name = new.name")}
  CREATE TRIGGER people_keep_their_names BEFORE UPDATE ON people
    WHEN new.id IS NOT old.id OR new.name IS NOT old.name
    ${raise("a person keeps the name that the deeds say")}

  CREATE TABLE deeds (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    realm TEXT CHECK (realm IN ${realms}),
    batch TEXT,
    barcode TEXT,
    slot TEXT,
    -- The record that the deed is about, such as the one that is void.
    record INTEGER,
    body TEXT NOT NULL,
    previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64),
    hash TEXT NOT NULL CHECK (length(hash) = 64)
  ) STRICT;
  CREATE INDEX deeds_of_batch ON deeds (batch, seq) WHERE batch IS NOT NULL;
  CREATE INDEX deeds_of_unit ON deeds (barcode, seq) WHERE barcode IS NOT NULL;
  CREATE INDEX deeds_of_slot ON deeds (slot, seq) WHERE slot IS NOT NULL;
  CREATE INDEX deeds_of_kind ON deeds (kind, seq);
  CREATE UNIQUE INDEX deeds_void_once ON deeds (record) WHERE kind = 'unit-voided';
  ${appendOnly("deeds", "seq = new.seq OR (kind = 'unit-voided' AND new.kind = 'unit-voided' AND record = new.record)")}
  CREATE TRIGGER deeds_follow_one_another BEFORE INSERT ON deeds
    WHEN new.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM deeds)
      OR new.previous_hash <> coalesce((SELECT hash FROM deeds WHERE seq = new.seq - 1), '${start}')
    ${raise("a deed follows the last one")}

  ALTER TABLE releases ADD COLUMN reviewed_by TEXT;

  CREATE TABLE profile_images (
    profile_hash TEXT NOT NULL REFERENCES profiles,
    place INTEGER NOT NULL CHECK (place >= 0),
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    PRIMARY KEY (profile_hash, place)
  ) STRICT, WITHOUT ROWID;
  ${appendOnly("profile_images", "profile_hash = new.profile_hash AND place = new.place")}

  CREATE TABLE signatures (
    id INTEGER PRIMARY KEY,
    batch TEXT NOT NULL REFERENCES batches,
    -- What was signed, as UTF-8.
    statement TEXT NOT NULL,
    -- Ed25519, 64 bytes, and the raw public key, 32 bytes; both in hex.
    signature TEXT NOT NULL CHECK (length(signature) = 128),
    public_key TEXT NOT NULL CHECK (length(public_key) = 64)
  ) STRICT;
  CREATE INDEX signatures_of_batch ON signatures (batch, id);
  ${appendOnly("signatures", "id = new.id")}

  CREATE INDEX records_by_time ON records (started_at);
`;
