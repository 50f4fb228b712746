import type { AttemptRecord, SerialRecord } from "../../model/attempt.ts";
import type { Batch } from "../../model/batch.ts";
import type { Realm } from "../../model/ledger.ts";
import { reasonOf, type KeptDeed } from "../../model/deed.ts";
import type { BatchFacts, BatchHead, ReleaseFacts, UnitMark, VoidMark } from "../../model/facts.ts";
import { batchReads } from "../batches.ts";
import type { Connection } from "../file/connection.ts";
import { counts } from "./counts.ts";
import { deedReads } from "../deeds.ts";
import { profileReads } from "../profiles.ts";
import { query } from "../file/query.ts";
import { recordReads } from "../records/records.ts";
import { sharedParts } from "../records/shared-parts.ts";
import { signatureReads } from "../signatures.ts";

export interface FactReads {
  batchFacts(id: string): BatchFacts | null;
  batchHead(id: string): BatchHead | null;
}

/** What reports are made of. One snapshot: a line that runs on does not shift the figures against one another. */
export function factReads(db: Connection): FactReads {
  const batches = batchReads(db);
  const chain = recordReads(db);
  const count = counts(db);
  const log = deedReads(db);
  const signatures = signatureReads(db);
  const profiles = profileReads(db);
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

  function headOf(batch: Batch, attempts: Iterable<AttemptRecord>): BatchHead {
    const { serials, last, simulated } = foldAttempts(attempts);
    const deeds = log
      .deeds({ batch: batch.id })
      .filter(({ kind }) => kind !== "exported" && kind !== "looked-up");
    return {
      batch,
      release: releaseFacts(profiles.releaseOf(batch.profileHash)),
      counts: count.counts(batch.id),
      figures: count.figures(batch.id),
      failures: count.failures(batch.id),
      bySlot: count.bySlot(batch.id),
      serials: { ...serials, reserved: reserved.get(batch.id)?.count ?? 0 },
      head: last,
      voids: deeds.flatMap((deed) => (deed.kind === "unit-voided" ? voidsOf(deed) : [])),
      reworks: deeds.flatMap((deed) => (deed.kind === "unit-reworked" ? [markOf(deed)] : [])),
      scraps: deeds.flatMap((deed) => (deed.kind === "unit-scrapped" ? [markOf(deed)] : [])),
      deeds,
      signature: signatures.newestOf(batch.id),
      simulated,
      timezone: timezone.get({ batch: batch.id })?.timezone ?? null,
    };
  }

  const facts = db.transaction((id: string): BatchFacts | null => {
    const batch = batches.findBatch(id);
    if (batch === null) return null;
    const attempts = Array.from(chain.records(id), sharedParts());
    return { ...headOf(batch, attempts), attempts };
  });
  const head = db.transaction((id: string): BatchHead | null => {
    const batch = batches.findBatch(id);
    return batch === null ? null : headOf(batch, chain.records(id));
  });
  return {
    batchFacts: (id) => facts.deferred(id),
    batchHead: (id) => head.deferred(id),
  };
}

const releaseFacts = (release: ReleaseFacts | null): ReleaseFacts | null =>
  release === null ? null : { by: release.by, reviewedBy: release.reviewedBy, at: release.at };

const markOf = ({ barcode, detail, by, at }: KeptDeed): UnitMark => ({
  barcode: barcode ?? "",
  reason: reasonOf(detail),
  by,
  at,
});

/** A deed that names no record voids none. */
function voidsOf(deed: KeptDeed): VoidMark[] {
  const { record, attempt } = deed.detail;
  if (typeof record !== "number" || typeof attempt !== "number") return [];
  return [{ ...markOf(deed), seq: record, attempt }];
}

interface Folded {
  readonly serials: Omit<BatchFacts["serials"], "reserved">;
  readonly last: BatchFacts["head"];
  readonly simulated: boolean;
}

/**
 * What one look at each attempt gives. The batch's serial numbers are as its own last records left them: what a later
 * batch does to a number does not change the report of a batch that is closed. Numbers that went back are in no unit,
 * so they do not count.
 */
function foldAttempts(attempts: Iterable<AttemptRecord>): Folded {
  const serials = serialTally();
  let last: BatchFacts["head"] = null;
  let simulated = false;
  for (const { serial, serials: own, realm, seq, hash } of attempts) {
    const one = own.find(({ text }) => text === serial);
    if (one !== undefined) serials.add(realm, one);
    last = { seq, hash };
    simulated ||= realm === "sim";
  }
  return { serials: serials.sum(), last, simulated };
}

/** The last state of each number; of its texts only the first and the last, so that a large batch needs little memory. */
function serialTally() {
  const series = new Map<string, Map<number, SerialRecord["state"]>>();
  let first: SerialRecord | null = null;
  let last: SerialRecord | null = null;
  return {
    add(realm: Realm, one: SerialRecord): void {
      const key = JSON.stringify([realm, one.series]);
      const states = series.get(key) ?? new Map<number, SerialRecord["state"]>();
      series.set(key, states.set(one.number, one.state));
      // A number that went to another unit may have another text.
      if (first === null || one.number <= first.number) first = one;
      if (last === null || one.number >= last.number) last = one;
    },
    sum(): Omit<BatchFacts["serials"], "reserved"> {
      const counts = new Map<SerialRecord["state"], number>();
      for (const states of series.values())
        for (const state of states.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
      const of = (state: SerialRecord["state"]): number => counts.get(state) ?? 0;
      return {
        committed: of("committed"),
        written: of("written"),
        void: of("void"),
        first: first?.text ?? null,
        last: last?.text ?? null,
      };
    },
  };
}
