import { mayMove, type LedgerState, type Realm, type Reservation } from "../../model/ledger.ts";
import type { SerialPolicy } from "../../model/profile.ts";
import type { Desk } from "../desk.ts";
import { query } from "../file/query.ts";

/** A number of a series as the ledger has it now. */
export interface NumberRow {
  readonly id: number;
  readonly series: string;
  readonly realm: Realm;
  readonly number: number;
  readonly text: string;
  readonly kind: "serial" | "mac";
  readonly origin: "issued" | "adopted";
  readonly policy: SerialPolicy;
  readonly state: LedgerState;
  readonly unit_id: number | null;
  /** The attempt that has it, or had it last; `null` before its first. */
  readonly attempt_id: number | null;
  readonly session_id: number;
}

export const toReservation = ({ series, number, text, state }: NumberRow): Reservation => ({
  series,
  number,
  text,
  state,
});

/** A number that the ledger does not have yet. */
export interface NewNumber {
  readonly series: string;
  readonly realm: Realm;
  readonly number: number;
  readonly text: string;
  readonly kind: "serial" | "mac";
  readonly origin: "issued" | "adopted";
  readonly policy: SerialPolicy;
  readonly state: "reserved" | "written";
  readonly unit: number;
  readonly attempt: number | null;
}

export interface Numbers {
  /** The unit's number of a series: reserved, written or committed. A unit has one at most. */
  own(series: string, realm: Realm, unit: number): NumberRow | null;
  byNumber(series: string, realm: Realm, number: number): NumberRow | null;
  byText(series: string, realm: Realm, text: string): NumberRow | null;
  lowestReturned(series: string, realm: Realm, start: number, end: number): NumberRow | null;
  /** The largest number that this series has given out in a range. */
  largestIssued(series: string, realm: Realm, start: number, end: number): number | null;
  heldBy(attempt: number): readonly NumberRow[];
  /** Reserved in other sessions, for attempts that never began. */
  orphans(): readonly NumberRow[];
  insert(number: NewNumber, reason: string): NumberRow;
  /** A legal move of a unit's number, with its line in the moves. Throws for an illegal one: a mistake of ours. */
  move(row: NumberRow, to: "written" | "committed" | "void" | "returned", reason: string): NumberRow;
  /** A number that came back is given out again. */
  retake(
    row: NumberRow,
    unit: number,
    attempt: number | null,
    text: string,
    policy: SerialPolicy,
    reason: string,
  ): NumberRow;
  /** The number is now in the hands of an attempt, or of this session; its state stays. */
  hand(row: NumberRow, attempt: number | null, policy: SerialPolicy): void;
}

/** What a move may change beside the state. */
const moved = ["text", "policy", "unit_id", "attempt_id", "session_id"] as const;

/** The table of numbers and its moves. Each function runs inside the caller's transaction. */
export function numbers({ db, session, now }: Desk): Numbers {
  const own = query<[string, Realm, number], NumberRow>(
    db,
    // By the unit, which has a handful; a series has a million.
    `SELECT * FROM numbers WHERE +series = ? AND +realm = ? AND unit_id = ?
     AND state IN ('reserved', 'written', 'committed')`,
  );
  const byNumber = query<[string, Realm, number], NumberRow>(
    db,
    "SELECT * FROM numbers WHERE series = ? AND realm = ? AND number = ?",
  );
  const byText = query<[string, Realm, string], NumberRow>(
    db,
    "SELECT * FROM numbers WHERE series = ? AND realm = ? AND text = ?",
  );
  const lowestReturned = query<[string, Realm, number, number], NumberRow>(
    db,
    `SELECT * FROM numbers WHERE series = ? AND realm = ? AND state = 'returned' AND number BETWEEN ? AND ?
     ORDER BY number LIMIT 1`,
  );
  const largestIssued = query<[string, Realm, number, number], { largest: number | null }>(
    db,
    `SELECT max(number) AS largest FROM numbers WHERE series = ? AND realm = ? AND origin = 'issued'
     AND number BETWEEN ? AND ?`,
  );
  const heldBy = query<[number], NumberRow>(db, "SELECT * FROM numbers WHERE attempt_id = ? ORDER BY id");
  const orphans = query<[number], NumberRow>(
    db,
    "SELECT * FROM numbers WHERE state = 'reserved' AND attempt_id IS NULL AND session_id <> ? ORDER BY id",
  );
  const insert = query<[NewNumber & { readonly session: number }], NumberRow>(
    db,
    `INSERT INTO numbers (series, realm, number, text, kind, origin, policy, state, unit_id, attempt_id, session_id)
     VALUES (@series, @realm, @number, @text, @kind, @origin, @policy, @state, @unit, @attempt, @session) RETURNING *`,
  );
  const update = query<[LedgerState, string, SerialPolicy, number | null, number | null, number, number]>(
    db,
    "UPDATE numbers SET state = ?, text = ?, policy = ?, unit_id = ?, attempt_id = ?, session_id = ? WHERE id = ?",
  );
  // What a number's way through an attempt changes. A column that is named is checked and indexed anew even where it stays
  // the same, and `text` makes SQLite ready to write the index of parts of codes.
  const updateState = query<[LedgerState, number]>(db, "UPDATE numbers SET state = ? WHERE id = ?");
  const hand = query<[number | null, SerialPolicy, number, number]>(
    db,
    "UPDATE numbers SET attempt_id = ?, policy = ?, session_id = ? WHERE id = ?",
  );
  const insertMove = query<
    [number, LedgerState | null, LedgerState, string, number, number | null, number, string, string]
  >(
    db,
    `INSERT INTO moves (number_id, state_before, state, text, unit_id, attempt_id, session_id, reason, at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  // `whose`: the row that says whose number it was; a number that goes back has no unit any more.
  function log(before: LedgerState | null, after: NumberRow, whose: NumberRow, reason: string): NumberRow {
    if (whose.unit_id === null) throw new Error(`number ${after.text} has no unit`);
    const at = now().toISOString();
    insertMove.run(
      after.id,
      before,
      after.state,
      after.text,
      whose.unit_id,
      whose.attempt_id,
      session.id,
      reason,
      at,
    );
    return after;
  }

  function change(row: NumberRow, next: NumberRow, reason: string): NumberRow {
    if (!mayMove(row.state, next.state))
      throw new Error(`number ${row.text} cannot go from ${row.state} to ${next.state}`);
    const after = { ...next, session_id: session.id };
    const { id, state, text, policy, unit_id, attempt_id, session_id } = after;
    const changed = moved.every((column) => after[column] === row[column])
      ? updateState.run(state, id)
      : update.run(state, text, policy, unit_id, attempt_id, session_id, id);
    if (changed !== 1) throw new Error(`number ${row.text} is not in the ledger`);
    return log(row.state, after, unit_id === null ? row : after, reason);
  }

  return {
    own: (series, realm, unit) => own.get(series, realm, unit) ?? null,
    byNumber: (series, realm, number) => byNumber.get(series, realm, number) ?? null,
    byText: (series, realm, text) => byText.get(series, realm, text) ?? null,
    lowestReturned: (series, realm, start, end) => lowestReturned.get(series, realm, start, end) ?? null,
    largestIssued: (series, realm, start, end) =>
      largestIssued.get(series, realm, start, end)?.largest ?? null,
    heldBy: (attempt) => heldBy.all(attempt),
    orphans: () => orphans.all(session.id),
    insert(number, reason) {
      const row = insert.get({ ...number, session: session.id });
      if (row === undefined) throw new Error("no number came back");
      return log(null, row, row, reason);
    },
    move(row, to, reason) {
      const gone = to === "returned" ? { unit_id: null, attempt_id: null } : {};
      return change(row, { ...row, ...gone, state: to }, reason);
    },
    retake: (row, unit, attempt, text, policy, reason) =>
      change(row, { ...row, state: "reserved", unit_id: unit, attempt_id: attempt, text, policy }, reason),
    hand: (row, attempt, policy) => {
      hand.run(attempt, policy, session.id, row.id);
    },
  };
}
