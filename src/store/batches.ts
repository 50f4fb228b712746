import type { Batch } from "../model/batch.ts";
import type { Connection } from "./file/connection.ts";
import { writing } from "./file/connection.ts";
import type { Desk } from "./desk.ts";
import { profileWrites } from "./profiles.ts";
import { query } from "./file/query.ts";
import { StoreError } from "./store-error.ts";
import { storedTime } from "./file/stored-time.ts";
import type { BatchOpening } from "./terms.ts";

interface BatchRow {
  readonly id: string;
  readonly profile: string;
  readonly revision: string;
  readonly profile_hash: string;
  readonly product: string;
  readonly quantity: number | null;
  readonly trial: number;
  readonly opened_at: string;
  readonly opened_by: string;
  readonly closed_at: string | null;
  readonly closed_by: string | null;
}

const toBatch = (row: BatchRow): Batch => ({
  id: row.id,
  profile: row.profile,
  revision: row.revision,
  profileHash: row.profile_hash,
  product: row.product,
  quantity: row.quantity,
  trial: row.trial === 1,
  openedAt: storedTime(row.opened_at, `order ${row.id}`),
  openedBy: row.opened_by,
  closedAt: row.closed_at === null ? null : storedTime(row.closed_at, `order ${row.id}`),
  closedBy: row.closed_by,
});

export interface BatchReads {
  findBatch(id: string): Batch | null;
  batches(): readonly Batch[];
  /** Whether a board of this batch was a simulated one. */
  isSimulated(id: string): boolean;
}

export function batchReads(db: Connection): BatchReads {
  const byId = query<[string], BatchRow>(db, "SELECT * FROM batches WHERE id = ?");
  const all = query<[], BatchRow>(db, "SELECT * FROM batches ORDER BY rowid DESC");
  const simulated = query<[string], { found: number }>(
    db,
    "SELECT EXISTS (SELECT 1 FROM records WHERE batch = ? AND realm = 'sim') AS found",
  );
  return {
    findBatch(id) {
      const row = byId.get(id);
      return row === undefined ? null : toBatch(row);
    },
    batches: () => all.all().map(toBatch),
    isSimulated: (id) => simulated.get(id)?.found === 1,
  };
}

export interface BatchWrites {
  openBatch(opening: BatchOpening): Batch;
  closeBatch(id: string, by: string, at: Date): Batch;
  /** The open batch of this name. Throws StoreError `conflict`. */
  openBatchOf(id: string): Batch;
}

export function batchWrites({ db, session }: Desk): BatchWrites {
  const reads = batchReads(db);
  const profiles = profileWrites(db);
  const insert = query<
    [string, string, string, string, string, number | null, number, number, string, string]
  >(
    db,
    `INSERT INTO batches (id, profile, revision, profile_hash, product, quantity, trial, session_id, opened_at, opened_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const close = query<[string, string, string]>(
    db,
    "UPDATE batches SET closed_at = ?, closed_by = ? WHERE id = ?",
  );
  const runningIn = query<[string], { count: number }>(
    db,
    "SELECT count(*) AS count FROM running JOIN attempts ON attempts.id = running.attempt_id WHERE batch = ?",
  );

  const found = (id: string): Batch => {
    const batch = reads.findBatch(id);
    if (batch === null) throw new StoreError("conflict", `there is no batch ${id}`);
    return batch;
  };
  const openBatchOf = (id: string): Batch => {
    const batch = found(id);
    if (batch.closedAt === null) return batch;
    const when = batch.closedAt.toISOString();
    throw new StoreError("conflict", `batch ${id} was closed on ${when} by ${batch.closedBy ?? "somebody"}`);
  };

  return {
    openBatchOf,
    openBatch: writing(db, (opening: BatchOpening) => {
      const { id, profile, product, quantity, trial, by, at } = opening;
      if (reads.findBatch(id) !== null) throw new StoreError("conflict", `there is a batch ${id} already`);
      profiles.keepProfile(profile);
      insert.run(
        id,
        profile.name,
        profile.revision,
        profile.hash,
        product,
        quantity,
        trial ? 1 : 0,
        session.id,
        at.toISOString(),
        by,
      );
      return found(id);
    }),
    closeBatch: writing(db, (id: string, by: string, at: Date) => {
      openBatchOf(id);
      const count = runningIn.get(id)?.count ?? 0;
      if (count > 0) throw new StoreError("conflict", `batch ${id} has attempts that run: ${count}`);
      close.run(at.toISOString(), by, id);
      return found(id);
    }),
  };
}
