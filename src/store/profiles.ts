import { writing, type Connection } from "./connection.ts";
import { query } from "./query.ts";
import { StoreError } from "./store-error.ts";
import type { Release, StoredProfile } from "./store.ts";

interface ReleaseRow {
  readonly profile: string;
  readonly revision: string;
  readonly hash: string;
  readonly irreversible: string;
  readonly released_by: string;
  readonly released_at: string;
}

const toRelease = (row: ReleaseRow): Release => ({
  profile: row.profile,
  revision: row.revision,
  hash: row.hash,
  // Written by `release` below, from a list of texts.
  irreversible: JSON.parse(row.irreversible) as string[],
  by: row.released_by,
  at: new Date(row.released_at),
});

export interface ProfileReads {
  profileOf(hash: string): StoredProfile | null;
  releaseOf(hash: string): Release | null;
  releases(): readonly Release[];
}

export function profileReads(db: Connection): ProfileReads {
  const byHash = query<[string], StoredProfile>(
    db,
    "SELECT hash, name, revision, text FROM profiles WHERE hash = ?",
  );
  const ofHash = query<[string], ReleaseRow>(db, "SELECT * FROM releases WHERE hash = ? ORDER BY id LIMIT 1");
  const all = query<[], ReleaseRow>(db, "SELECT * FROM releases ORDER BY id");
  return {
    profileOf: (hash) => byHash.get(hash) ?? null,
    releaseOf(hash) {
      const row = ofHash.get(hash);
      return row === undefined ? null : toRelease(row);
    },
    releases: () => all.all().map(toRelease),
  };
}

export interface ProfileWrites {
  keepProfile(profile: StoredProfile): void;
  release(profile: StoredProfile, irreversible: readonly string[], by: string, at: Date): Release;
}

export function profileWrites(db: Connection): ProfileWrites {
  const reads = profileReads(db);
  const insertProfile = query<[StoredProfile]>(
    db,
    "INSERT INTO profiles (hash, name, revision, text) VALUES (@hash, @name, @revision, @text)",
  );
  const ofRevision = query<[string, string], ReleaseRow>(
    db,
    "SELECT * FROM releases WHERE profile = ? AND revision = ?",
  );
  const insertRelease = query<[string, string, string, string, string, string], ReleaseRow>(
    db,
    `INSERT INTO releases (profile, revision, hash, irreversible, released_by, released_at)
     VALUES (?, ?, ?, ?, ?, ?) RETURNING *`,
  );

  const keepProfile = writing(db, ({ hash, name, revision, text }: StoredProfile) => {
    const kept = reads.profileOf(hash);
    if (kept === null) insertProfile.run({ hash, name, revision, text });
    else if (kept.text !== text || kept.name !== name || kept.revision !== revision)
      throw new StoreError("conflict", `profile ${name} ${revision}: its hash belongs to another text`);
  });

  const release = writing(
    db,
    (profile: StoredProfile, irreversible: readonly string[], by: string, at: Date): Release => {
      const { name, revision, hash } = profile;
      const before = ofRevision.get(name, revision);
      if (before !== undefined && before.hash !== hash)
        throw new StoreError(
          "conflict",
          `${name} revision ${revision} was released on ${before.released_at} with other content ` +
            `(${before.hash.slice(0, 16)}, this is ${hash.slice(0, 16)}): give the change a new revision`,
        );
      keepProfile(profile);
      const row =
        before ?? insertRelease.get(name, revision, hash, JSON.stringify(irreversible), by, at.toISOString());
      if (row === undefined) throw new Error("no release came back");
      return toRelease(row);
    },
  );
  return { keepProfile, release };
}
