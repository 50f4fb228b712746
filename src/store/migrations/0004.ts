import { appendOnly, realms } from "./0001.ts";

/** Lists of numbers that no unit of these books has, and what the books of other stations say. */
export const migration0004 = `
  -- A single number or a range: free to be given here, used elsewhere, or void.
  CREATE TABLE listed (
    id INTEGER PRIMARY KEY,
    series TEXT NOT NULL,
    first INTEGER NOT NULL CHECK (first >= 0),
    last INTEGER NOT NULL CHECK (last >= first),
    -- Of a single number; without one the profile's format makes it.
    text TEXT CHECK (text IS NULL OR first = last),
    state TEXT NOT NULL CHECK (state IN ('free', 'used', 'void')),
    reason TEXT NOT NULL,
    -- Place of the deed that brought it.
    deed INTEGER NOT NULL REFERENCES deeds,
    UNIQUE (series, first),
    UNIQUE (series, text)
  ) STRICT;
  CREATE INDEX listed_to ON listed (series, last);
  CREATE INDEX listed_free ON listed (series, last) WHERE state = 'free';
  ${appendOnly("listed", "id = new.id OR (series = new.series AND (first = new.first OR text = new.text))")}

  -- The chain of another station's records, known by the hash of its first one.
  CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    chain TEXT NOT NULL UNIQUE CHECK (length(chain) = 64),
    station TEXT NOT NULL
  ) STRICT;
  ${appendOnly("sources", "id = new.id OR chain = new.chain")}

  CREATE TABLE elsewhere (
    source_id INTEGER NOT NULL REFERENCES sources,
    seq INTEGER NOT NULL,
    batch TEXT NOT NULL,
    realm TEXT NOT NULL CHECK (realm IN ${realms}),
    barcode TEXT NOT NULL,
    outcome TEXT NOT NULL,
    body TEXT NOT NULL,
    previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64),
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    PRIMARY KEY (source_id, seq)
  ) STRICT;
  CREATE INDEX elsewhere_of_unit ON elsewhere (realm, barcode, source_id, seq);
  ${appendOnly("elsewhere", "source_id = new.source_id AND seq = new.seq")}

  CREATE TABLE elsewhere_voids (
    source_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (source_id, seq),
    FOREIGN KEY (source_id, seq) REFERENCES elsewhere
  ) STRICT;
  ${appendOnly("elsewhere_voids", "source_id = new.source_id AND seq = new.seq")}
`;
