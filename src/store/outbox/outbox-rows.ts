import { chainStart, type Link } from "../../model/chain.ts";
import { sentDeeds, type Message, type SentDeed, type Subscription } from "../../model/outbox.ts";
import {
  attemptMessage,
  deedKey,
  deedMessage,
  recordKey,
  type SignedWith,
} from "../../model/outbox-message.ts";
import type { WaitingDeed, WaitingRecord } from "../../model/outbox-order.ts";
import type { Connection } from "../file/connection.ts";
import { query } from "../file/query.ts";

/** A row on its way out, without its place among the messages. */
export type RowMessage = Pick<Message, "key" | "what" | "text">;

/** The next row of a chain that a destination gets, or how far there is none. */
export type NextRow<Row> = { readonly row: Row } | { readonly through: number };

export interface OutRecord extends WaitingRecord {
  readonly make: () => RowMessage;
}
export interface OutDeed extends WaitingDeed {
  readonly make: () => RowMessage;
}

interface RecordRow extends Link {
  readonly barcode: string;
  readonly batch: string;
  readonly trial: number;
  readonly realm: "line" | "sim";
  readonly at: string;
}
interface DeedRow extends Link {
  readonly kind: SentDeed;
  readonly at: string;
  readonly batch: string | null;
  readonly barcode: string | null;
  readonly realm: "line" | "sim" | null;
  readonly record: number | null;
  readonly trial: number | null;
}
interface Signed extends SignedWith {
  readonly record: number | null;
}

/** Rows that one question looks at: the event loop never waits for more. */
const rowsAtOnce = 500;

const kinds = sentDeeds.map((kind) => `'${kind}'`).join(", ");
// Of a deed of a batch; a release is of no batch.
const deedTrial = "coalesce((SELECT b.trial FROM batches AS b WHERE b.id = d.batch), 0)";
const wantedRecord = "(@trial OR trial = 0) AND (@simulated OR realm = 'line')";
// A deed about a batch says nothing of the boards: it is simulated where the whole station is.
const wantedDeed = `kind IN (${kinds}) AND (@trial OR ${deedTrial} = 0)
  AND (@simulated OR CASE WHEN d.realm IS NULL THEN d.kind = 'profile-released' OR NOT @simulatedStation ELSE d.realm = 'line' END)`;

interface Asked {
  readonly after: number;
  readonly last: number;
  readonly trial: number;
  readonly simulated: number;
}

export interface OutboxRows {
  record(after: number, of: Subscription): NextRow<OutRecord>;
  deed(after: number, of: Subscription): NextRow<OutDeed>;
  /** Up to `most` of each chain, looking at so many rows at most. */
  countAfter(record: number, deed: number, of: Subscription, most: number): { count: number; more: boolean };
  /** Hash of a row, the chain's start for 0; `null`: it is not there. */
  recordHash(seq: number): string | null;
  deedHash(seq: number): string | null;
  heads(): { readonly record: number; readonly deed: number };
}

const bit = (yes: boolean): number => (yes ? 1 : 0);

export function outboxRows(db: Connection): OutboxRows {
  const records = query<[Asked], RecordRow>(
    db,
    `SELECT seq, hash, previous_hash AS previousHash, body, barcode, batch, trial, realm, ended_at AS at FROM records
     WHERE seq > @after AND seq <= @last AND ${wantedRecord} ORDER BY seq LIMIT 1`,
  );
  const deeds = query<[Asked & { readonly simulatedStation: number }], DeedRow>(
    db,
    `SELECT seq, hash, previous_hash AS previousHash, body, kind, at, batch, barcode, realm, record, ${deedTrial} AS trial
     FROM deeds AS d WHERE seq > @after AND seq <= @last AND ${wantedDeed} ORDER BY seq LIMIT 1`,
  );
  const countRecords = query<[Asked], { count: number }>(
    db,
    `SELECT count(*) AS count FROM records WHERE seq > @after AND seq <= @last AND ${wantedRecord}`,
  );
  const countDeeds = query<[Asked & { readonly simulatedStation: number }], { count: number }>(
    db,
    `SELECT count(*) AS count FROM deeds AS d WHERE seq > @after AND seq <= @last AND ${wantedDeed}`,
  );
  const hashes = {
    records: query<[number], { hash: string }>(db, "SELECT hash FROM records WHERE seq = ?"),
    deeds: query<[number], { hash: string }>(db, "SELECT hash FROM deeds WHERE seq = ?"),
  };
  const newest = {
    records: query<[], { seq: number }>(db, "SELECT coalesce(max(seq), 0) AS seq FROM records"),
    deeds: query<[], { seq: number }>(db, "SELECT coalesce(max(seq), 0) AS seq FROM deeds"),
  };
  const opened = query<[string], { seq: number }>(
    db,
    "SELECT seq FROM deeds WHERE batch = ? AND kind = 'batch-opened' LIMIT 1",
  );
  // The one that was made in the same transaction as the deed.
  const signed = query<[string, number], Signed>(
    db,
    `SELECT statement, signature, public_key AS publicKey, statement ->> '$.recordHead.seq' AS record FROM signatures
     WHERE batch = ? AND statement ->> '$.deedHead.seq' = ? LIMIT 1`,
  );
  const hashOf = (chain: "records" | "deeds", seq: number): string | null =>
    seq === 0 ? chainStart : (hashes[chain].get(seq)?.hash ?? null);
  const chainOf = (chain: "records" | "deeds"): string => hashOf(chain, 1) ?? chainStart;
  const headOf = (chain: "records" | "deeds"): number => newest[chain].get()?.seq ?? 0;
  const asked = (after: number, last: number, of: Subscription) => ({
    after,
    last,
    trial: bit(of.trial),
    simulated: bit(of.simulated),
  });
  // Asked before the rows: what another program adds meanwhile is not passed over.
  const lastOf = (chain: "records" | "deeds", after: number): number =>
    Math.max(after, Math.min(after + rowsAtOnce, headOf(chain)));

  return {
    record(after, of) {
      const last = lastOf("records", after);
      const row = records.get(asked(after, last, of));
      if (row === undefined) return { through: last };
      const make = (): RowMessage => ({
        key: recordKey(row),
        what: `record ${row.seq}, ${row.barcode}`,
        text: attemptMessage(row, {
          chain: chainOf("records"),
          station: stationIn(row.body) ?? of.station,
          trial: row.trial === 1,
          simulated: row.realm === "sim",
        }),
      });
      const afterDeed = opened.get(row.batch)?.seq ?? 0;
      return { row: { seq: row.seq, at: row.at, afterDeed, make } };
    },
    deed(after, of) {
      const last = lastOf("deeds", after);
      const row = deeds.get({ ...asked(after, last, of), simulatedStation: bit(of.simulatedStation) });
      if (row === undefined) return { through: last };
      const sign = row.batch === null ? null : (signed.get(row.batch, row.seq) ?? null);
      const simulated =
        row.realm === null ? row.kind !== "profile-released" && of.simulatedStation : row.realm === "sim";
      const about = row.barcode ?? row.batch;
      const make = (): RowMessage => ({
        key: deedKey(row),
        what: `deed ${row.seq}, ${row.kind}${about === null ? "" : ` ${about}`}`,
        text: deedMessage(
          row,
          row.kind,
          { chain: chainOf("deeds"), station: of.station, trial: row.trial === 1, simulated },
          sign,
        ),
      });
      const afterRecord = row.record ?? (row.kind === "batch-closed" ? (sign?.record ?? 0) : 0);
      return { row: { seq: row.seq, at: row.at, afterRecord, make } };
    },
    countAfter(record, deed, of, most) {
      const heads = { record: headOf("records"), deed: headOf("deeds") };
      const simulatedStation = bit(of.simulatedStation);
      const inRecords = countRecords.get(asked(record, record + most, of))?.count ?? 0;
      const inDeeds = countDeeds.get({ ...asked(deed, deed + most, of), simulatedStation })?.count ?? 0;
      const count = inRecords + inDeeds;
      return { count, more: count > 0 && (heads.record > record + most || heads.deed > deed + most) };
    },
    recordHash: (seq) => hashOf("records", seq),
    deedHash: (seq) => hashOf("deeds", seq),
    heads: () => ({ record: headOf("records"), deed: headOf("deeds") }),
  };
}

/** The station that a record names: the one of that time. */
function stationIn(body: string): string | null {
  try {
    const said = JSON.parse(body) as { readonly station?: unknown };
    return typeof said.station === "string" ? said.station : null;
  } catch {
    return null;
  }
}
