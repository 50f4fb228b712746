import { assertNever } from "../../lib/assert-never.ts";
import type { SerialRecord } from "../../model/attempt.ts";
import type { Outcome } from "../../model/event.ts";
import type { FaultCode } from "../../model/fault.ts";
import type { Reservation } from "../../model/ledger.ts";
import { query } from "../file/query.ts";
import type { AttemptHandle } from "../../model/attempt.ts";
import { writing } from "../file/connection.ts";
import type { Desk } from "../desk.ts";
import { listed } from "../imports/listed.ts";
import { numbers, toReservation, type NumberRow, type Numbers } from "./numbers.ts";

export interface Settled {
  /** Text of the unit's serial number; `null` without one, or where it went back and may become another's. */
  readonly serial: string | null;
  readonly serials: readonly SerialRecord[];
}

export interface Settle {
  markWritten(attempt: AttemptHandle): void;
  adoptExisting(attempt: AttemptHandle, series: string, number: number, text: string): Reservation | null;
  /** What becomes of an attempt's numbers at its end. Inside the transaction that closes it. */
  settle(attempt: number, outcome: Outcome): Settled;
}

/** What happens to numbers while an attempt has them, and at its end (contract, Serial policies). */
export function settle(desk: Desk): Settle {
  const ledger = numbers(desk);
  const list = listed(desk.db);
  const unitOf = query<[number], { unit_id: number }>(
    desk.db,
    "SELECT unit_id FROM running WHERE attempt_id = ?",
  );

  const markWritten = writing(desk.db, (attempt: AttemptHandle) => {
    for (const row of ledger.heldBy(attempt.id))
      if (row.state !== "void") ledger.move(row, "written", "about to leave the station");
  });

  const adoptExisting = writing(
    desk.db,
    (attempt: AttemptHandle, series: string, number: number, text: string): Reservation | null => {
      const unit = unitOf.get(attempt.id)?.unit_id;
      const held = ledger.heldBy(attempt.id).find((row) => row.series === series && row.state !== "void");
      if (unit === undefined || held === undefined)
        throw new Error(`attempt ${attempt.id} runs without a number of series ${series}`);
      const found = ledger.byNumber(series, attempt.realm, number);
      const isOwn = found?.id === held.id;
      if (isOwn && found.text === text) return adoptOwn(ledger, held);
      // The very number that was just reserved may lie in the chip as it was written in another week: that text is kept.
      if (found !== null && found.state !== (isOwn ? "reserved" : "returned")) return null;
      // A list says that it is another one's, or that nobody may have it.
      const known = attempt.realm === "line" ? (list.at(series, number) ?? list.byText(series, text)) : null;
      if (known !== null && (known.state !== "free" || (known.text ?? text) !== text)) return null;
      const twin = ledger.byText(series, attempt.realm, text);
      if (twin !== null && twin.id !== found?.id) return null;

      // The old one first: a unit has one number of a series at a time.
      const reason = `${text} was found in the chip`;
      ledger.move(held, held.state === "reserved" ? "returned" : "void", reason);
      const { policy, kind } = held;
      if (found === null) {
        const row = { series, realm: attempt.realm, number, text, kind, policy, unit, attempt: attempt.id };
        return toReservation(
          ledger.insert({ ...row, origin: "adopted", state: "written" }, "found in the chip"),
        );
      }
      const free = ledger.byNumber(series, attempt.realm, number) ?? found;
      const taken = ledger.retake(free, unit, attempt.id, text, policy, "found in the chip");
      return toReservation(ledger.move(taken, "written", "found in the chip"));
    },
  );

  return {
    markWritten,
    adoptExisting,
    settle(attempt, outcome) {
      const ends = ledger.heldBy(attempt).map((row) => {
        // Void already: another number was found in the chip.
        if (row.state === "void") return row;
        return outcome.kind === "PASS" ? commit(ledger, row) : leave(ledger, row, outcome.failure.code);
      });
      const texts = (keep: (row: NumberRow) => boolean): string[] =>
        ends.flatMap((row) => (row.kind === "serial" && keep(row) ? [row.text] : []));
      const [live] = texts(({ state }) => state === "written" || state === "committed");
      const [gone] = texts(({ state }) => state === "void");
      return { serial: live ?? gone ?? null, serials: ends.map(toReservation) };
    },
  };
}

function adoptOwn(ledger: Numbers, held: NumberRow): Reservation {
  return toReservation(held.state === "reserved" ? ledger.move(held, "written", "found in the chip") : held);
}

function commit(ledger: Numbers, row: NumberRow): NumberRow {
  // A number that no field of the profile holds leaves the station on its label only.
  const out = row.state === "reserved" ? ledger.move(row, "written", "not in the image") : row;
  return ledger.move(out, "committed", "PASS");
}

function leave(ledger: Numbers, row: NumberRow, code: FaultCode): NumberRow {
  switch (row.policy) {
    case "burn-on-failure":
      return ledger.move(row, "void", code);
    case "consume-on-success":
    case "keep-existing":
      // Once written, it is this unit's for ever: the chip may have it.
      return row.state === "reserved" ? ledger.move(row, "returned", code) : row;
    default:
      return assertNever(row.policy);
  }
}
