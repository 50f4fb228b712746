import type { BatchCounts } from "../../model/batch.ts";
import type { SlotCount } from "../../model/facts.ts";
import type { Realm } from "../../model/ledger.ts";
import { batchReads } from "../batches.ts";
import type { Connection } from "../file/connection.ts";
import { counts, countsNow } from "./counts.ts";
import { query } from "../file/query.ts";
import { recordsOfUnit } from "../records/through-attempts.ts";

/** What a screen asks after each result. */
export interface BatchTally {
  /** `null`: there is no such batch. */
  batchCounts(id: string): BatchCounts | null;
  slotCounts(batch: string | null, since?: Date): readonly SlotCount[];
}

/** What was counted up to a record and a decision. */
interface Tally {
  readonly record: number;
  readonly decision: number;
  readonly counts: BatchCounts;
  readonly slots: readonly SlotCount[];
}

interface Ended {
  readonly seq: number;
  readonly realm: Realm;
  readonly barcode: string;
  readonly slot: string;
  readonly outcome: string;
}

interface OfUnit {
  readonly seq: number;
  readonly batch: string;
  readonly outcome: string;
  readonly marginal: number;
  readonly scrapped: number;
}

const mostBatches = 16;
const none: BatchCounts = { passed: 0, failed: 0, seen: 0, firstPass: 0, firstSeen: 0, marginal: 0 };

/**
 * The counts of a batch without counting it anew after each result: a batch of ten thousand units would hold the event loop
 * for longer each time. What has ended since is added, unit by unit; a decision that makes what was counted untrue (a void, a
 * scrap) begins anew. The figures are those of `counts`, always.
 */
export function batchTally(db: Connection): BatchTally {
  const whole = counts(db);
  const batches = batchReads(db);
  const known = new Map<string, Tally>();
  const lastDecision = query<[], { seq: number | null }>(
    db,
    "SELECT max(seq) AS seq FROM deeds WHERE kind IN ('unit-voided', 'unit-scrapped')",
  );
  const lastRecord = query<[], { seq: number | null }>(db, "SELECT max(seq) AS seq FROM records");
  const after = query<[string, number], Ended>(
    db,
    "SELECT seq, realm, barcode, slot, outcome FROM records WHERE batch = ? AND seq > ? ORDER BY seq",
  );
  const ofUnit = query<[{ readonly batch: string; readonly realm: Realm; readonly barcode: string }], OfUnit>(
    db,
    `SELECT r.seq, r.batch, r.outcome, r.marginal, EXISTS (SELECT 1 FROM deeds WHERE kind = 'unit-scrapped'
         AND barcode = u.barcode AND realm = u.realm AND batch = @batch) AS scrapped
     FROM ${recordsOfUnit} WHERE u.realm = @realm AND u.barcode = @barcode AND ${countsNow("r")} ORDER BY a.attempt`,
  );

  function grown(batch: string, old: Tally, record: number): Tally {
    const ended = after.all(batch, old.record);
    let sum = old.counts;
    const units = new Map(ended.map(({ realm, barcode }) => [`${realm} ${barcode}`, { realm, barcode }]));
    for (const unit of units.values()) {
      const rows = ofUnit.all({ batch, ...unit });
      sum = plus(sum, shareOf(batch, rows), 1);
      sum = plus(
        sum,
        shareOf(
          batch,
          rows.filter(({ seq }) => seq <= old.record),
        ),
        -1,
      );
    }
    return { record, decision: old.decision, counts: sum, slots: withEnded(old.slots, ended) };
  }

  const now = db.transaction((batch: string): Tally => {
    const decision = lastDecision.get()?.seq ?? 0;
    const record = lastRecord.get()?.seq ?? 0;
    const old = known.get(batch);
    if (old?.decision === decision && old.record === record) return old;
    const tally =
      old?.decision === decision
        ? grown(batch, old, record)
        : { record, decision, counts: whole.counts(batch), slots: whole.slotCounts(batch) };
    if (known.size >= mostBatches) known.clear();
    known.set(batch, tally);
    return tally;
  });

  return {
    batchCounts: (id) => (batches.findBatch(id) === null ? null : now(id).counts),
    slotCounts: (batch, since) =>
      batch === null || since !== undefined ? whole.slotCounts(batch, since) : now(batch).slots,
  };
}

/** What one unit adds to the counts of a batch: its attempts of all batches that count, in their order. */
function shareOf(batch: string, rows: readonly OfUnit[]): BatchCounts {
  const here = rows.filter((row) => row.batch === batch);
  const [first] = rows;
  const last = here.at(-1);
  if (first === undefined || last === undefined) return none;
  const passed = last.outcome === "PASS" && last.scrapped === 0;
  const isFirst = first.batch === batch;
  return {
    passed: passed ? 1 : 0,
    failed: passed ? 0 : 1,
    seen: 1,
    firstPass: isFirst && first.outcome === "PASS" ? 1 : 0,
    firstSeen: isFirst ? 1 : 0,
    marginal: passed && here.some(({ outcome, marginal }) => outcome === "PASS" && marginal === 1) ? 1 : 0,
  };
}

const plus = (a: BatchCounts, b: BatchCounts, sign: 1 | -1): BatchCounts => ({
  passed: a.passed + sign * b.passed,
  failed: a.failed + sign * b.failed,
  seen: a.seen + sign * b.seen,
  firstPass: a.firstPass + sign * b.firstPass,
  firstSeen: a.firstSeen + sign * b.firstSeen,
  marginal: a.marginal + sign * b.marginal,
});

/** A foreign device and an interrupted attempt say nothing of a slot. */
function withEnded(slots: readonly SlotCount[], ended: readonly Ended[]): readonly SlotCount[] {
  const sums = new Map(slots.map((row) => [row.slot, row]));
  for (const { slot, outcome } of ended) {
    if (outcome === "SKIPPED" || outcome === "ABORTED") continue;
    const { passed, failed } = sums.get(slot) ?? { passed: 0, failed: 0 };
    const isPass = outcome === "PASS";
    sums.set(slot, { slot, passed: passed + (isPass ? 1 : 0), failed: failed + (isPass ? 0 : 1) });
  }
  return [...sums.values()].toSorted((a, b) => (a.slot < b.slot ? -1 : 1));
}
