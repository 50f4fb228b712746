import { isClean } from "../lib/clean-text.ts";
import { newDeed, type Deed, type DeedKind, type KeptDeed } from "../model/deed.ts";
import type { Batch } from "../model/batch.ts";
import type { Realm } from "../model/ledger.ts";
import { batchReads, batchWrites } from "./batches.ts";
import { writing } from "./file/connection.ts";
import { deedWriter } from "./deeds.ts";
import type { Desk } from "./desk.ts";
import { profileWrites, type ProfileWrites } from "./profiles.ts";
import { query } from "./file/query.ts";
import { batchSigner } from "./signatures.ts";
import { ensureStationKey, type StationKey } from "./station-key.ts";
import { StoreError } from "./store-error.ts";
import type { BatchOpening, Release, StoredProfile, UnitRef, Why } from "./terms.ts";
import { recordsOfUnit } from "./records/through-attempts.ts";

/** What a person decides about work orders, units and profiles: the change and its deed in one transaction. */
export interface Decisions {
  openBatch(opening: BatchOpening): Batch;
  closeBatch(id: string, by: string, at: Date): Batch;
  release(
    profile: StoredProfile,
    irreversible: readonly string[],
    by: string,
    at: Date,
    reviewedBy?: string | null,
  ): Release;
  voidAttempt(unit: UnitRef, attempt: number | null, why: Why): KeptDeed;
  reworkUnit(unit: UnitRef, why: Why): KeptDeed;
  scrapUnit(unit: UnitRef, why: Why): KeptDeed;
}

interface LastRow {
  readonly seq: number;
  readonly attempt: number;
  readonly batch: string;
  readonly hash: string;
}

const longestReason = 500;

export function decisions(desk: Desk, folder: string): Decisions {
  const { db } = desk;
  const batches = batchWrites(desk);
  const found = batchReads(db);
  const profiles = profileWrites(db);
  const record = deedWriter(db);
  const sign = batchSigner(db);
  const ofUnit = query<[Realm, string, number | null], LastRow>(
    db,
    `SELECT r.seq, r.attempt, r.batch, r.hash FROM ${recordsOfUnit}
     WHERE u.realm = ? AND u.barcode = ? AND a.attempt = coalesce(?, a.attempt) ORDER BY a.attempt DESC LIMIT 1`,
  );
  const running = query<[Realm, string], { attempt_id: number }>(
    db,
    `SELECT attempt_id FROM running JOIN units ON units.id = running.unit_id WHERE realm = ? AND barcode = ?`,
  );
  const voidOf = query<[number], { by: string; at: string }>(
    db,
    "SELECT by, at FROM deeds WHERE kind = 'unit-voided' AND record = ?",
  );

  const released = query<[string], { count: number }>(
    db,
    "SELECT count(*) AS count FROM deeds WHERE kind = 'profile-released' AND json_extract(body, '$.detail.hash') = ?",
  );

  function note(kind: DeedKind, by: string, at: Date, more: Partial<Deed>): KeptDeed {
    return record(newDeed(kind, at, by, more));
  }

  const openBatch = writing(db, (opening: BatchOpening): Batch => {
    const batch = batches.openBatch(opening);
    note("batch-opened", batch.openedBy, batch.openedAt, { batch: batch.id, detail: openingFacts(batch) });
    return batch;
  });

  const closeBatch = writing(db, (id: string, by: string, at: Date, key: StationKey): Batch => {
    const batch = batches.closeBatch(id, by, at);
    note("batch-closed", by, at, { batch: id });
    sign(batch, key, at);
    return batch;
  });

  const release = writing(db, (...asked: Parameters<ProfileWrites["release"]>): Release => {
    const one = profiles.release(...asked);
    // Released again: the first release stands, and so does its deed.
    if ((released.get(one.hash)?.count ?? 0) > 0) return one;
    if (one.reviewedBy !== null)
      note("profile-reviewed", one.reviewedBy, one.at, { detail: { hash: one.hash } });
    note("profile-released", one.by, one.at, { detail: releaseFacts(one) });
    return one;
  });

  /** The deed of one decision, and a new signature where the batch was signed already. */
  const decide = writing(
    db,
    (kind: DeedKind, unit: UnitRef, attempt: number | null, why: Why, key: StationKey): KeptDeed => {
      refuseReason(why.reason);
      const { barcode, realm } = unit;
      if (running.get(realm, barcode) !== undefined)
        throw new StoreError("conflict", `unit ${barcode} is being programmed: wait for its end`);
      const row = ofUnit.get(realm, barcode, attempt);
      if (row === undefined) {
        const what = attempt === null ? "record" : `attempt ${attempt}`;
        throw new StoreError("conflict", `unit ${barcode} has no ${what} in the books`);
      }
      const before = kind === "unit-voided" ? voidOf.get(row.seq) : undefined;
      if (before !== undefined)
        throw new StoreError(
          "conflict",
          `attempt ${row.attempt} of unit ${barcode} is void since ${before.at}, by ${before.by}`,
        );
      if (kind !== "unit-voided") refuseScrapped(desk, unit);
      const deed = note(kind, why.by, why.at, {
        role: why.role,
        realm,
        barcode,
        batch: row.batch,
        detail: { reason: why.reason, attempt: row.attempt, record: row.seq, hash: row.hash },
      });
      const batch = found.findBatch(row.batch);
      if (batch !== null && batch.closedAt !== null) sign(batch, key, why.at);
      return deed;
    },
  );

  return {
    openBatch,
    // The key is made before the transaction: a file is not undone with it.
    closeBatch: (id, by, at) => {
      batches.openBatchOf(id);
      return closeBatch(id, by, at, ensureStationKey(folder));
    },
    release: (profile, irreversible, by, at, reviewedBy = null) =>
      release(profile, irreversible, by, at, reviewedBy),
    voidAttempt: (unit, attempt, why) => decide("unit-voided", unit, attempt, why, ensureStationKey(folder)),
    reworkUnit: (unit, why) => decide("unit-reworked", unit, null, why, ensureStationKey(folder)),
    scrapUnit: (unit, why) => decide("unit-scrapped", unit, null, why, ensureStationKey(folder)),
  };
}

function refuseReason(reason: string): void {
  if (isClean(reason) && reason.trim() !== "" && reason.length <= longestReason) return;
  throw new StoreError("conflict", `a reason of 1 to ${longestReason} visible characters was expected`);
}

/** Throws StoreError `conflict` for a unit that was scrapped: it is never made again. */
export function refuseScrapped({ db }: Pick<Desk, "db">, { barcode, realm }: UnitRef): void {
  const scrap = query<[string, Realm], { at: string; by: string; reason: string }>(
    db,
    `SELECT at, by, json_extract(body, '$.detail.reason') AS reason FROM deeds
     WHERE kind = 'unit-scrapped' AND barcode = ? AND realm = ? LIMIT 1`,
  ).get(barcode, realm);
  if (scrap === undefined) return;
  throw new StoreError(
    "conflict",
    `unit ${barcode} was scrapped on ${scrap.at} by ${scrap.by}: ${scrap.reason}`,
  );
}

/** What the deed of an opening says of the batch; the audit holds the row against it. */
export const openingFacts = (batch: Batch): Deed["detail"] => ({
  profile: batch.profile,
  revision: batch.revision,
  hash: batch.profileHash,
  product: batch.product,
  quantity: batch.quantity,
  trial: batch.trial,
});

/** The same for a release. */
export const releaseFacts = (release: Release): Deed["detail"] => ({
  profile: release.profile,
  revision: release.revision,
  hash: release.hash,
  irreversible: release.irreversible.join(" "),
  reviewedBy: release.reviewedBy,
});
