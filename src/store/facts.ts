import type { AttemptRecord, SerialRecord } from "../model/attempt.ts";
import type { Batch, BatchCounts } from "../model/batch.ts";
import { reasonOf, type KeptDeed } from "../model/deed.ts";
import type { BatchFacts, UnitMark, VoidMark } from "../model/facts.ts";
import { batchReads } from "./batches.ts";
import type { Connection } from "./connection.ts";
import { counts } from "./counts.ts";
import { deedReads } from "./deeds.ts";
import { query } from "./query.ts";
import { recordReads } from "./records.ts";
import { signatureReads } from "./signatures.ts";

export interface FactReads {
  batchCounts(id: string): BatchCounts | null;
  batchFacts(id: string): BatchFacts | null;
}

/** What reports are made of. One snapshot: a line that runs on does not shift the figures against one another. */
export function factReads(db: Connection): FactReads {
  const batches = batchReads(db);
  const chain = recordReads(db);
  const count = counts(db);
  const log = deedReads(db);
  const signatures = signatureReads(db);
  // The station that worked last on the batch says in whose time its report is told; before that, who opened it.
  const timezone = query<[{ readonly batch: string }], { timezone: string | null }>(
    db,
    `SELECT timezone FROM sessions WHERE id = coalesce(
       (SELECT session_id FROM attempts WHERE batch = @batch ORDER BY id DESC LIMIT 1),
       (SELECT session_id FROM batches WHERE id = @batch))`,
  );
  const reserved = query<[string], { count: number }>(
    db,
    `SELECT count(*) AS count FROM numbers JOIN running USING (attempt_id) JOIN attempts ON attempts.id = attempt_id
     WHERE batch = ? AND kind = 'serial' AND state = 'reserved'`,
  );

  function facts(batch: Batch): BatchFacts {
    const attempts = [...chain.records(batch.id)];
    const last = attempts.at(-1);
    const deeds = log
      .deeds({ batch: batch.id })
      .filter(({ kind }) => kind !== "exported" && kind !== "looked-up");
    return {
      batch,
      counts: count.counts(batch.id),
      figures: count.figures(batch.id),
      attempts,
      failures: count.failures(batch.id),
      bySlot: count.bySlot(batch.id),
      serials: { ...serialFacts(attempts), reserved: reserved.get(batch.id)?.count ?? 0 },
      head: last === undefined ? null : { seq: last.seq, hash: last.hash },
      voids: deeds.flatMap((deed) => (deed.kind === "unit-voided" ? [voidOf(deed)] : [])),
      reworks: deeds.flatMap((deed) => (deed.kind === "unit-reworked" ? [markOf(deed)] : [])),
      scraps: deeds.flatMap((deed) => (deed.kind === "unit-scrapped" ? [markOf(deed)] : [])),
      deeds,
      signature: signatures.newestOf(batch.id),
      simulated: attempts.some(({ realm }) => realm === "sim"),
      timezone: timezone.get({ batch: batch.id })?.timezone ?? null,
    };
  }

  const snapshot = db.transaction((id: string): BatchFacts | null => {
    const batch = batches.findBatch(id);
    return batch === null ? null : facts(batch);
  });
  return {
    batchFacts: (id) => snapshot.deferred(id),
    batchCounts: (id) => (batches.findBatch(id) === null ? null : count.counts(id)),
  };
}

const markOf = ({ barcode, detail, by, at }: KeptDeed): UnitMark => ({
  barcode: barcode ?? "",
  reason: reasonOf(detail),
  by,
  at,
});

const voidOf = (deed: KeptDeed): VoidMark => ({
  ...markOf(deed),
  seq: Number(deed.detail["record"]),
  attempt: Number(deed.detail["attempt"]),
});

/**
 * The batch's serial numbers as its own last records left them: what a later batch does to a number does not change the
 * report of a batch that is closed. Numbers that went back are in no unit, so they do not count.
 */
function serialFacts(attempts: readonly AttemptRecord[]): Omit<BatchFacts["serials"], "reserved"> {
  const last = new Map<string, SerialRecord>();
  for (const { serial, serials, realm } of attempts) {
    const own = serials.find(({ text }) => text === serial);
    if (own !== undefined) last.set(JSON.stringify([realm, own.series, own.number]), own);
  }
  const all = [...last.values()].sort((a, b) => a.number - b.number);
  const of = (state: SerialRecord["state"]): number => all.filter((one) => one.state === state).length;
  return {
    committed: of("committed"),
    written: of("written"),
    void: of("void"),
    first: all.at(0)?.text ?? null,
    last: all.at(-1)?.text ?? null,
  };
}
