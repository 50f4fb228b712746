import {
  emptyFold,
  foldEvent,
  type AttemptFold,
  type AttemptOpening,
  type AttemptRecord,
} from "../../model/attempt.ts";
import type { AttemptEvent } from "../../model/event.ts";
import { Fault } from "../../model/fault.ts";
import type { Reservation } from "../../model/ledger.ts";
import { batchWrites } from "../batches.ts";
import { writing, type Connection } from "../file/connection.ts";
import type { Desk } from "../desk.ts";
import { journal } from "./journal.ts";
import { numbers } from "../ledger/numbers.ts";
import { query } from "../file/query.ts";
import { openingText, readOpening } from "./record-text.ts";
import { recordWriter } from "./records.ts";
import { settle } from "../ledger/settle.ts";
import { StoreError } from "../store-error.ts";
import type { AttemptHandle } from "../../model/attempt.ts";
import type { AttemptEnd } from "../../model/attempt.ts";
import type { RunningAttempt } from "../terms.ts";
import { units, type Unit } from "../units.ts";

interface OpenRow {
  readonly id: number;
  readonly attempt: number;
  readonly session_id: number;
  readonly opening: string;
}

function toRunning(db: Connection): (row: OpenRow) => RunningAttempt {
  const events = journal(db);
  return ({ id, attempt, opening: text }) => {
    const opening = readOpening(text);
    const { barcode, realm } = opening;
    return {
      handle: { id, attempt, barcode, realm },
      opening,
      events: events.of(id).map(({ event }) => event),
    };
  };
}

/** Attempts that are open now, in the order of their beginning. */
export function runningAttempts(db: Connection): () => readonly RunningAttempt[] {
  const all = query<[], OpenRow>(
    db,
    `SELECT id, attempt, session_id, opening FROM running JOIN attempts ON attempts.id = attempt_id ORDER BY id`,
  );
  const read = toRunning(db);
  return () => all.all().map(read);
}

/** What a closing needs of an attempt that this process has opened: the same as the books have, without asking them. */
interface Held {
  readonly unit: number;
  readonly attempt: number;
  readonly opening: AttemptOpening;
  fold: AttemptFold;
}

export interface Attempts {
  openAttempt(opening: AttemptOpening, reservations: readonly Reservation[]): AttemptHandle;
  journal(attempt: AttemptHandle, event: AttemptEvent): void;
  bindUid(attempt: AttemptHandle, uid: string | null): void;
  closeAttempt(attempt: AttemptHandle, end: AttemptEnd): AttemptRecord;
  /** Closes what earlier sessions left open, each in a transaction of its own. */
  closeStopped(): readonly AttemptRecord[];
}

/** An attempt from its opening to its row. */
export function attempts(desk: Desk): Attempts {
  const { db, session, now } = desk;
  const people = units(db);
  const ledger = numbers(desk);
  const events = journal(db);
  const batches = batchWrites(desk);
  const settling = settle(desk);
  const writeRecord = recordWriter(db);
  const held = new Map<number, Held>();
  const lastOf = query<[number], { last: number | null }>(
    db,
    "SELECT max(attempt) AS last FROM attempts WHERE unit_id = ?",
  );
  const runningUnit = query<[number], { attempt_id: number }>(
    db,
    "SELECT attempt_id FROM running WHERE unit_id = ?",
  );
  const open = query<[number], OpenRow & { readonly unit_id: number }>(
    db,
    `SELECT id, attempt, session_id, opening, attempts.unit_id
     FROM running JOIN attempts ON attempts.id = attempt_id WHERE id = ?`,
  );
  const stopped = query<[number], OpenRow>(
    db,
    `SELECT id, attempt, session_id, opening FROM running JOIN attempts ON attempts.id = attempt_id
     WHERE session_id <> ? ORDER BY id`,
  );
  const insert = query<[number, number, string, number, string, string], { id: number }>(
    db,
    `INSERT INTO attempts (unit_id, attempt, batch, session_id, profile_hash, opening) VALUES (?, ?, ?, ?, ?, ?)
     RETURNING id`,
  );
  const insertRunning = query<[number, number]>(
    db,
    `INSERT INTO running (attempt_id, unit_id, after_event)
     VALUES (?, ?, (SELECT coalesce(max(id), 0) FROM events))`,
  );

  function hold(unit: Unit, attempt: number, { series, number, text }: Reservation): void {
    const row = ledger.byNumber(series, unit.realm, number);
    if (row === null || row.unit_id !== unit.id || row.text !== text || row.state === "void")
      throw new StoreError("conflict", `number ${text} is not reserved for unit ${unit.barcode}`);
    ledger.hand(row, attempt, row.policy);
  }

  const begin = writing(
    db,
    (
      opening: AttemptOpening,
      reservations: readonly Reservation[],
    ): { readonly handle: AttemptHandle; readonly own: Held } => {
      const { barcode, realm, batch, profileHash } = opening;
      batches.openBatchOf(batch);
      const unit = people.ensure(realm, barcode, now());
      if (runningUnit.get(unit.id) !== undefined)
        throw new StoreError("conflict", `unit ${barcode} is being programmed already`);
      const attempt = (lastOf.get(unit.id)?.last ?? 0) + 1;
      const text = openingText(opening);
      const row = insert.get(unit.id, attempt, batch, session.id, profileHash, text);
      if (row === undefined) throw new Error("no attempt came back");
      insertRunning.run(row.id, unit.id);
      for (const reservation of reservations) hold(unit, row.id, reservation);
      return {
        handle: { id: row.id, attempt, barcode, realm },
        own: { unit: unit.id, attempt, opening: readOpening(text), fold: emptyFold },
      };
    },
  );

  /** As it stands in the books; an attempt of an earlier session is found only there. */
  function opened(attempt: AttemptHandle): Held {
    const mine = held.get(attempt.id);
    if (mine !== undefined) return mine;
    const row = open.get(attempt.id);
    if (row === undefined)
      throw new StoreError("conflict", `attempt ${attempt.attempt} of unit ${attempt.barcode} is closed`);
    const fold = events.of(attempt.id).reduce((sum, { event }) => foldEvent(sum, event), emptyFold);
    return { unit: row.unit_id, attempt: row.attempt, opening: readOpening(row.opening), fold };
  }

  const end = writing(db, (attempt: AttemptHandle, { at, ms, outcome }: AttemptEnd): AttemptRecord => {
    const { attempt: place, opening, fold } = opened(attempt);
    // With its record the attempt runs no longer.
    return writeRecord(attempt.id, {
      attempt: place,
      ...opening,
      endedAt: at,
      // The record keeps this last event itself; the journal has those before it.
      ...foldEvent(fold, { type: "ended", ms, outcome }),
      ...settling.settle(attempt.id, outcome),
      outcome,
    });
  });

  function closeAttempt(attempt: AttemptHandle, how: AttemptEnd): AttemptRecord {
    const record = end(attempt, how);
    held.delete(attempt.id);
    return record;
  }

  /** Closed as of its last sign of life; how much later the power went, nobody knows. */
  function closeOne(row: OpenRow): AttemptRecord {
    const opening = readOpening(row.opening);
    const kept = events.of(row.id);
    const at = kept.at(-1)?.at ?? opening.startedAt;
    const detail = `last sign of life ${at.toISOString()}, closed at the next start, ${now().toISOString()}`;
    const fault = new Fault("STOPPED_BY_POWER", detail);
    const { barcode, realm } = opening;
    return closeAttempt(
      { id: row.id, attempt: row.attempt, barcode, realm },
      {
        at,
        ms: kept.reduce((last, { event }) => Math.max(last, event.ms), 0),
        outcome: { kind: fault.verdict, failure: { code: fault.code, message: fault.say, detail } },
      },
    );
  }

  return {
    openAttempt(opening, reservations) {
      const { handle, own } = begin(opening, reservations);
      held.set(handle.id, own);
      return handle;
    },
    journal(attempt, event) {
      if (event.type === "progress" || event.type === "ended") return;
      const kept = events.append(attempt.id, event, now());
      const mine = held.get(attempt.id);
      if (mine !== undefined) mine.fold = foldEvent(mine.fold, kept);
    },
    bindUid: writing(db, (attempt: AttemptHandle, uid: string | null) => {
      if (uid !== null) people.bind(opened(attempt).unit, uid.toLowerCase());
    }),
    closeAttempt,
    closeStopped: () => stopped.all(session.id).map(closeOne),
  };
}
