import { writing, type Connection } from "./file/connection.ts";
import { query } from "./file/query.ts";
import { StoreError } from "./store-error.ts";
import { storedTime } from "./file/stored-time.ts";
import type { ProfileImageHash, Release, StoredProfile } from "./terms.ts";

interface ReleaseRow {
  readonly profile: string;
  readonly revision: string;
  readonly hash: string;
  readonly irreversible: string;
  readonly released_by: string;
  readonly released_at: string;
  readonly reviewed_by: string | null;
}

const toRelease = (row: ReleaseRow): Release => ({
  profile: row.profile,
  revision: row.revision,
  hash: row.hash,
  // Written by `release` below, from a list of texts.
  irreversible: JSON.parse(row.irreversible) as string[],
  by: row.released_by,
  reviewedBy: row.reviewed_by,
  at: storedTime(row.released_at, `release of ${row.profile} ${row.revision}`),
});

export interface ProfileReads {
  profileOf(hash: string): StoredProfile | null;
  /** Hashes of kept profiles that begin so, from 4 digits on. */
  profileHashes(start: string): readonly string[];
  releaseOf(hash: string): Release | null;
  releases(): readonly Release[];
}

export function profileReads(db: Connection): ProfileReads {
  const byHash = query<[string], Omit<StoredProfile, "images">>(
    db,
    "SELECT hash, name, revision, text FROM profiles WHERE hash = ?",
  );
  const byPart = query<[string, string], { hash: string }>(
    db,
    "SELECT hash FROM profiles WHERE hash >= ? AND hash < ? ORDER BY hash",
  );
  const images = query<[string], ProfileImageHash>(
    db,
    "SELECT file, sha256 FROM profile_images WHERE profile_hash = ? ORDER BY place",
  );
  const ofHash = query<[string], ReleaseRow>(db, "SELECT * FROM releases WHERE hash = ? ORDER BY id LIMIT 1");
  const all = query<[], ReleaseRow>(db, "SELECT * FROM releases ORDER BY id");
  return {
    profileOf(hash) {
      const profile = byHash.get(hash);
      if (profile === undefined) return null;
      const own = images.all(hash);
      return own.length === 0 ? profile : { ...profile, images: own };
    },
    profileHashes: (start) =>
      /^[0-9a-f]{4,64}$/.test(start) ? byPart.all(start, `${start}g`).map(({ hash }) => hash) : [],
    releaseOf(hash) {
      const row = ofHash.get(hash);
      return row === undefined ? null : toRelease(row);
    },
    releases: () => all.all().map(toRelease),
  };
}

export interface ProfileWrites {
  keepProfile(profile: StoredProfile): void;
  release(
    profile: StoredProfile,
    irreversible: readonly string[],
    by: string,
    at: Date,
    reviewedBy: string | null,
  ): Release;
}

export function profileWrites(db: Connection): ProfileWrites {
  const reads = profileReads(db);
  const insertProfile = query<[Omit<StoredProfile, "images">]>(
    db,
    "INSERT INTO profiles (hash, name, revision, text) VALUES (@hash, @name, @revision, @text)",
  );
  const ofRevision = query<[string, string], ReleaseRow>(
    db,
    "SELECT * FROM releases WHERE profile = ? AND revision = ?",
  );
  const insertImage = query<[string, number, string, string]>(
    db,
    "INSERT INTO profile_images (profile_hash, place, file, sha256) VALUES (?, ?, ?, ?)",
  );
  const insertRelease = query<[string, string, string, string, string, string, string | null], ReleaseRow>(
    db,
    `INSERT INTO releases (profile, revision, hash, irreversible, released_by, released_at, reviewed_by)
     VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *`,
  );

  const keepProfile = writing(db, ({ hash, name, revision, text, images }: StoredProfile) => {
    const kept = reads.profileOf(hash);
    if (kept === null) insertProfile.run({ hash, name, revision, text });
    else if (kept.text !== text || kept.name !== name || kept.revision !== revision)
      throw new StoreError("conflict", `profile ${name} ${revision}: its hash belongs to another text`);
    // Kept before images were written down: the same hash has the same images.
    if (images !== undefined && reads.profileOf(hash)?.images === undefined)
      for (const [place, { file, sha256 }] of images.entries()) insertImage.run(hash, place, file, sha256);
  });

  const release = writing(
    db,
    (
      profile: StoredProfile,
      irreversible: readonly string[],
      by: string,
      at: Date,
      reviewedBy: string | null,
    ): Release => {
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
        before ??
        insertRelease.get(
          name,
          revision,
          hash,
          JSON.stringify(irreversible),
          by,
          at.toISOString(),
          reviewedBy,
        );
      if (row === undefined) throw new Error("no release came back");
      return toRelease(row);
    },
  );
  return { keepProfile, release };
}
