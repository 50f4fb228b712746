import type { AttemptOpening, AttemptRecord } from "../../model/attempt.ts";

/** A record without what the chain adds: exactly what its stored text says. */
export type RecordBody = Omit<AttemptRecord, "previousHash" | "hash">;

/** The text that is stored and hashed. Dates become ISO 8601 in UTC: here, since JSON.stringify takes twice as long with any in it. */
export const recordText = (body: RecordBody): string =>
  JSON.stringify({
    ...body,
    startedAt: body.startedAt.toISOString(),
    endedAt: body.endedAt.toISOString(),
  });

/** The record of a stored text; throws a SyntaxError or RangeError for one that is not whole. */
export function readRecord(body: string, previousHash: string, hash: string): AttemptRecord {
  // `recordText` wrote exactly this type, with texts for its dates; the chain proves that it is still the same text.
  const said = JSON.parse(body) as Omit<RecordBody, "startedAt" | "endedAt"> & Stamps;
  return {
    ...said,
    startedAt: moment(said.startedAt),
    endedAt: moment(said.endedAt),
    previousHash,
    hash,
  };
}

interface Stamps {
  readonly startedAt: string;
  readonly endedAt: string;
}

function moment(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new RangeError(`"${text}" is not a time`);
  return at;
}

export const openingText = (opening: AttemptOpening): string => JSON.stringify(opening);

export function readOpening(text: string): AttemptOpening {
  // `openingText` wrote exactly this type, with a text for its date, into a row that cannot change.
  const said = JSON.parse(text) as Omit<AttemptOpening, "startedAt"> & Pick<Stamps, "startedAt">;
  return { ...said, startedAt: moment(said.startedAt) };
}

type Stored = string | number | null;

// A text that cannot be UTF-8 is mended in its column, and only there: the body has it escaped.
const utf8 = (text: string): string => text.toWellFormed();

/** The columns that queries use, as the record has them; `audit` holds them against each row. */
export const queriedColumns: readonly {
  readonly name: string;
  readonly of: (record: RecordBody) => Stored;
}[] = [
  { name: "seq", of: (r) => r.seq },
  { name: "batch", of: (r) => utf8(r.batch) },
  { name: "realm", of: (r) => r.realm },
  { name: "barcode", of: (r) => utf8(r.barcode) },
  { name: "attempt", of: (r) => r.attempt },
  { name: "uid", of: (r) => r.uid },
  { name: "serial", of: (r) => (r.serial === null ? null : utf8(r.serial)) },
  { name: "slot", of: (r) => utf8(r.slot) },
  { name: "outcome", of: (r) => r.outcome.kind },
  { name: "code", of: ({ outcome }) => (outcome.kind === "PASS" ? null : outcome.failure.code) },
  { name: "marginal", of: ({ outcome }) => (outcome.kind === "PASS" && outcome.marginal ? 1 : 0) },
  { name: "trial", of: (r) => (r.trial ? 1 : 0) },
  { name: "profile", of: (r) => utf8(r.profile) },
  { name: "revision", of: (r) => utf8(r.revision) },
  { name: "profile_hash", of: (r) => r.profileHash },
  { name: "operator", of: (r) => utf8(r.operator) },
  { name: "started_at", of: (r) => r.startedAt.toISOString() },
  { name: "ended_at", of: (r) => r.endedAt.toISOString() },
  { name: "ms", of: (r) => r.ms },
];
