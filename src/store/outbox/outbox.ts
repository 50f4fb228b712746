import { chainStart } from "../../model/chain.ts";
import type {
  Message,
  NextMessage,
  OutboxFailure,
  OutboxState,
  Place,
  Subscription,
  Waiting,
} from "../../model/outbox.ts";
import { goesFirst } from "../../model/outbox-order.ts";
import { writing, type Connection } from "../file/connection.ts";
import { outboxRows } from "./outbox-rows.ts";
import { query } from "../file/query.ts";
import { storedTime } from "../file/stored-time.ts";

interface DestinationRow {
  readonly name: string;
  readonly record: number;
  readonly record_hash: string;
  readonly deed: number;
  readonly deed_hash: string;
  readonly delivered: number;
  readonly added_at: string;
  readonly last_at: string | null;
  readonly failing_since: string | null;
  readonly failed_at: string | null;
  readonly failure: string | null;
  readonly refused: string | null;
}

/** What waits for whom; it is read beside a running line, too. */
export interface OutboxReads {
  /** `null`: nothing was ever sent there. */
  outboxState(name: string): OutboxState | null;
  /**
   * The next message for a destination. Looks at a few hundred rows at most, so that it is called again where it says
   * `passed`, with the place moved there.
   */
  outboxNext(name: string, of: Subscription): NextMessage;
  /** `most`: so many rows of each chain are looked at. */
  outboxWaiting(name: string, of: Subscription, most: number): Waiting;
  /** The newest rows of both chains. */
  outboxHeads(): Place;
}

/** Each is small, and need not wait for the disk: what is lost is sent again. */
export interface OutboxWrites {
  /** A destination gets its place, unless it has one. */
  outboxBegin(name: string, from: "now" | "beginning", at: Date): void;
  /** A message was taken. Nothing happens where the place is another one by now. */
  outboxTaken(name: string, message: Pick<Message, "from" | "to">, at: Date): void;
  /** Rows that it does not get are behind it. */
  outboxPass(name: string, from: Place, to: Place): void;
  /** The same for a message that somebody gave up; what went wrong with it is forgotten. */
  outboxSkip(name: string, message: Pick<Message, "from" | "to">): void;
  outboxFailed(name: string, failure: Omit<OutboxFailure, "since">): void;
}

function failureOf(row: DestinationRow): OutboxFailure | null {
  if (row.failure === null || row.failing_since === null || row.failed_at === null) return null;
  const since = storedTime(row.failing_since, `destination ${row.name}`);
  const at = storedTime(row.failed_at, `destination ${row.name}`);
  return { why: row.failure, since, at, refused: row.refused };
}

const toState = (row: DestinationRow): OutboxState => ({
  name: row.name,
  place: { record: row.record, deed: row.deed },
  delivered: row.delivered,
  addedAt: storedTime(row.added_at, `destination ${row.name}`),
  lastAt: row.last_at === null ? null : storedTime(row.last_at, `destination ${row.name}`),
  failure: failureOf(row),
});

export function outboxReads(db: Connection): OutboxReads {
  const rows = outboxRows(db);
  const byName = query<[string], DestinationRow>(db, "SELECT * FROM destinations WHERE name = ?");

  function next(name: string, of: Subscription): NextMessage {
    const at = byName.get(name);
    if (at === undefined) return { kind: "none" };
    const from: Place = { record: at.record, deed: at.deed };
    const lost = lostWhy(at, rows.recordHash(at.record), rows.deedHash(at.deed));
    if (lost !== null) return { kind: "lost", why: lost };
    const record = rows.record(at.record, of);
    const deed = rows.deed(at.deed, of);
    const passed = {
      record: "through" in record ? record.through : at.record,
      deed: "through" in deed ? deed.through : at.deed,
    };
    // Which goes first is known when both chains were looked at as far as there is something.
    if (passed.record > from.record || passed.deed > from.deed) return { kind: "passed", from, to: passed };
    const nextRecord = "row" in record ? record.row : null;
    const nextDeed = "row" in deed ? deed.row : null;
    const first = goesFirst(nextRecord, nextDeed);
    const row = first === "record" ? nextRecord : nextDeed;
    if (first === null || row === null) return { kind: "none" };
    const to = first === "record" ? { ...from, record: row.seq } : { ...from, deed: row.seq };
    return { kind: "message", message: { ...row.make(), at: row.at, before: at.delivered, from, to } };
  }

  return {
    outboxState(name) {
      const row = byName.get(name);
      return row === undefined ? null : toState(row);
    },
    outboxNext: next,
    outboxWaiting(name, of, most) {
      const at = byName.get(name);
      if (at === undefined) return { count: 0, more: false, oldest: null };
      const { count, more } = rows.countAfter(at.record, at.deed, of, most);
      if (count === 0) return { count, more, oldest: null };
      const record = rows.record(at.record, of);
      const deed = rows.deed(at.deed, of);
      const times = [record, deed].flatMap((one) => ("row" in one ? [one.row.at] : [])).toSorted();
      const [oldest = null] = times;
      return { count, more, oldest: oldest === null ? null : storedTime(oldest, "the oldest message") };
    },
    outboxHeads: () => rows.heads(),
  };
}

/** Why the place is none of these books; `null`: it is. */
function lostWhy(at: DestinationRow, record: string | null, deed: string | null): string | null {
  const say = (what: string): string =>
    `its place does not fit the books: ${what}. Give it another name in the station file; it then begins anew`;
  if (record !== at.record_hash)
    return say(record === null ? `record ${at.record} is not there` : `record ${at.record} is another one`);
  if (deed !== at.deed_hash)
    return say(deed === null ? `deed ${at.deed} is not there` : `deed ${at.deed} is another one`);
  return null;
}

export function outboxWrites(db: Connection): OutboxWrites {
  const rows = outboxRows(db);
  const byName = query<[string], { name: string }>(db, "SELECT name FROM destinations WHERE name = ?");
  const insert = query<[string, number, string, number, string, string]>(
    db,
    `INSERT INTO destinations (name, record, record_hash, deed, deed_hash, delivered, added_at)
     VALUES (?, ?, ?, ?, ?, 0, ?)`,
  );
  const here = "WHERE name = @name AND record = @record AND deed = @deed";
  const move = `record = @toRecord, record_hash = @recordHash, deed = @toDeed, deed_hash = @deedHash`;
  const well = "failing_since = NULL, failed_at = NULL, failure = NULL, refused = NULL";
  const pass = query<[Moved]>(db, `UPDATE destinations SET ${move} ${here}`);
  const skip = query<[Moved]>(db, `UPDATE destinations SET ${move}, ${well} ${here}`);
  const taken = query<[Moved & { readonly at: string }]>(
    db,
    `UPDATE destinations SET ${move}, delivered = delivered + 1, last_at = @at, ${well} ${here}`,
  );
  const failed = query<
    [{ readonly name: string; readonly at: string; readonly why: string; readonly refused: string | null }]
  >(
    db,
    `UPDATE destinations SET failing_since = coalesce(failing_since, @at), failed_at = @at, failure = @why, refused = @refused
     WHERE name = @name`,
  );

  interface Moved {
    readonly name: string;
    readonly record: number;
    readonly deed: number;
    readonly toRecord: number;
    readonly toDeed: number;
    readonly recordHash: string;
    readonly deedHash: string;
  }
  const moved = (name: string, from: Place, to: Place): Moved => ({
    name,
    ...from,
    toRecord: to.record,
    toDeed: to.deed,
    recordHash: rows.recordHash(to.record) ?? chainStart,
    deedHash: rows.deedHash(to.deed) ?? chainStart,
  });

  return {
    outboxBegin: writing(db, (name: string, from: "now" | "beginning", at: Date) => {
      if (byName.get(name) !== undefined) return;
      const { record, deed } = from === "now" ? rows.heads() : { record: 0, deed: 0 };
      const hashes = [rows.recordHash(record) ?? chainStart, rows.deedHash(deed) ?? chainStart] as const;
      insert.run(name, record, hashes[0], deed, hashes[1], at.toISOString());
    }),
    outboxTaken: writing(db, (name: string, { from, to }: Pick<Message, "from" | "to">, at: Date) => {
      taken.run({ ...moved(name, from, to), at: at.toISOString() });
    }),
    outboxPass: writing(db, (name: string, from: Place, to: Place) => void pass.run(moved(name, from, to))),
    outboxSkip: writing(
      db,
      (name: string, { from, to }: Pick<Message, "from" | "to">) => void skip.run(moved(name, from, to)),
    ),
    outboxFailed: writing(db, (name: string, { why, at, refused }: Omit<OutboxFailure, "since">) => {
      failed.run({ name, at: at.toISOString(), why, refused });
    }),
  };
}
