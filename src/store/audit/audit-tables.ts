import type { Deed, KeptDeed } from "../../model/deed.ts";
import { profileHash } from "../../model/profile-hash.ts";
import type { Told } from "./audit-deeds.ts";
import { batchReads } from "../batches.ts";
import type { Connection } from "../file/connection.ts";
import { openingFacts, releaseFacts } from "../decisions.ts";
import { personFacts, type PersonRow } from "../people.ts";
import { profileReads } from "../profiles.ts";
import { query } from "../file/query.ts";
import type { BrokenRow } from "../terms.ts";

/**
 * Batches, releases and people against the deeds that made them; profiles against their own hash. A batch or release
 * from before there were deeds has nothing to be held against. Answers the first row that contradicts, or `null`.
 */
export function auditTables(db: Connection, told: Told): BrokenRow | null {
  return (
    batchComplaint(db, told) ??
    releaseComplaint(db, told) ??
    personComplaint(db, told) ??
    profileComplaint(db)
  );
}

/** The name of the first thing that a deed says otherwise. */
function difference(deed: KeptDeed, now: Deed["detail"]): string | null {
  const liar = Object.keys(now).find((key) => deed.detail[key] !== now[key]);
  if (liar === undefined) return null;
  return `${liar} is ${JSON.stringify(now[liar])}, deed ${deed.seq} says ${JSON.stringify(deed.detail[liar])}`;
}

const sameMoment = (deed: KeptDeed, by: string, at: Date): string | null =>
  deed.by === by && deed.at.getTime() === at.getTime()
    ? null
    : `it was by ${by} on ${at.toISOString()}, deed ${deed.seq} says by ${deed.by} on ${deed.at.toISOString()}`;

function batchComplaint(db: Connection, { opened, closed }: Told): BrokenRow | null {
  const all = batchReads(db).batches().toReversed();
  for (const [i, batch] of all.entries()) {
    const open = opened.get(batch.id);
    const close = closed.get(batch.id);
    const why =
      (open === undefined
        ? null
        : (difference(open, openingFacts(batch)) ?? sameMoment(open, batch.openedBy, batch.openedAt))) ??
      closing(close, batch.closedBy, batch.closedAt);
    if (why !== null) return { table: "batches", seq: i + 1, barcode: batch.id, why };
  }
  const there = new Set(all.map(({ id }) => id));
  for (const [id, deed] of opened)
    if (!there.has(id))
      return {
        table: "batches",
        seq: all.length + 1,
        barcode: id,
        why: `it is gone; deed ${deed.seq} opened it`,
      };
  return null;
}

function closing(deed: KeptDeed | undefined, by: string | null, at: Date | null): string | null {
  if (deed === undefined) return null;
  if (by === null || at === null) return `it is open, deed ${deed.seq} closed it`;
  return sameMoment(deed, by, at);
}

function releaseComplaint(db: Connection, { released }: Told): BrokenRow | null {
  const all = profileReads(db).releases();
  for (const [i, release] of all.entries()) {
    const deed = released.get(release.hash);
    if (deed === undefined) continue;
    const why = difference(deed, releaseFacts(release)) ?? sameMoment(deed, release.by, release.at);
    if (why !== null)
      return { table: "releases", seq: i + 1, barcode: `${release.profile} ${release.revision}`, why };
  }
  const there = new Set(all.map(({ hash }) => hash));
  for (const [hash, deed] of released)
    if (!there.has(hash))
      return {
        table: "releases",
        seq: all.length + 1,
        barcode: String(deed.detail["profile"]),
        why: `deed ${deed.seq} released ${hash.slice(0, 16)}, and no row says so`,
      };
  return null;
}

function personComplaint(db: Connection, { people }: Told): BrokenRow | null {
  const all = query<[], PersonRow>(db, "SELECT * FROM people ORDER BY id").all();
  for (const row of all) {
    const deed = people.get(row.id);
    const why = deed === undefined ? "no deed has added this person" : difference(deed, personFacts(row));
    if (why !== null) return { table: "people", seq: row.id, barcode: row.name, why };
  }
  const there = new Set(all.map(({ id }) => id));
  for (const [id, deed] of people)
    if (!there.has(id))
      return {
        table: "people",
        seq: id,
        barcode: String(deed.detail["name"]),
        why: `the person is gone; deed ${deed.seq} knows them`,
      };
  return null;
}

function profileComplaint(db: Connection): BrokenRow | null {
  const hashes = query<[], { hash: string }>(db, "SELECT hash FROM profiles ORDER BY rowid").all();
  const profiles = profileReads(db);
  for (const [i, { hash }] of hashes.entries()) {
    const profile = profiles.profileOf(hash);
    if (profile?.images === undefined) continue;
    const found = profileHash(
      profile.text,
      profile.images.map(({ sha256 }) => sha256),
    );
    if (found !== hash)
      return {
        table: "profiles",
        seq: i + 1,
        barcode: `${profile.name} ${profile.revision}`,
        why: `its text and images have the hash ${found.slice(0, 16)}, it is kept as ${hash.slice(0, 16)}`,
      };
  }
  return null;
}
