import type { Realm, Reservation } from "../../model/ledger.ts";
import { writing } from "../file/connection.ts";
import { refuseScrapped } from "../decisions.ts";
import type { Desk } from "../desk.ts";
import { listed } from "../imports/listed.ts";
import { numbers, toReservation, type NumberRow } from "./numbers.ts";
import { query } from "../file/query.ts";
import { SerialsOut, StoreError } from "../store-error.ts";
import type { NumberRequest } from "../../model/ledger.ts";
import type { NumberSpec } from "../../model/ledger.ts";
import { units, type Unit } from "../units.ts";

export interface Reserve {
  reserveGang(requests: readonly NumberRequest[]): readonly (readonly Reservation[])[];
  giveBack(reservations: readonly Reservation[], realm: Realm): void;
  /** Numbers that earlier sessions reserved for attempts that never began. */
  takeBackOrphans(): readonly Reservation[];
}

interface Member {
  readonly unit: Unit;
  readonly specs: readonly NumberSpec[];
}

/** Reserving and giving back: what happens to numbers before an attempt has them. */
export function reserve(desk: Desk): Reserve {
  const { db, now } = desk;
  const ledger = numbers(desk);
  const people = units(db);
  const list = listed(db);
  const running = query<[number], { attempt_id: number }>(
    db,
    "SELECT attempt_id FROM running WHERE unit_id = ?",
  );

  /** The next number of a range, as yet unknown to the ledger; `null` at its end. */
  function nextNew(spec: NumberSpec, realm: Realm, end: number): number | null {
    const { series, start } = spec;
    const begin = (ledger.largestIssued(series, realm, start, end) ?? start - 1) + 1;
    if (realm === "line" && list.isOnlyListed(series))
      return nextListed(series, begin, end) ?? nextListed(series, start, end);
    let n = begin;
    for (;;) {
      if (n > end) return null;
      const known = realm === "line" ? list.at(series, n) : null;
      // Numbers that were found in chips lie ahead of the series like islands.
      if (known === null && ledger.byNumber(series, realm, n) === null) return n;
      n = (known?.last ?? n) + 1;
    }
  }

  /** The next number that a list gives free from here on. */
  function nextListed(series: string, from: number, end: number): number | null {
    let n = from;
    for (;;) {
      const row = list.freeFrom(series, n);
      if (row === null) return null;
      n = Math.max(n, row.first);
      if (n > end) return null;
      if (ledger.byNumber(series, "line", n) === null) return n;
      n += 1;
    }
  }

  function textOf(spec: NumberSpec, realm: Realm, n: number): string {
    const text = (realm === "line" ? list.at(spec.series, n)?.text : null) ?? spec.text(n);
    const other = ledger.byText(spec.series, realm, text);
    if (other === null || other.number === n) return text;
    throw new StoreError(
      "conflict",
      `the format of series ${spec.series} does not tell numbers apart: ${n} would be "${text}", and so is ${other.number}`,
    );
  }

  function take(spec: NumberSpec, unit: Unit): NumberRow | null {
    const { series, start, policy, kind } = spec;
    const { realm, id } = unit;
    const end = spec.end ?? Number.MAX_SAFE_INTEGER;
    const back = ledger.lowestReturned(series, realm, start, end);
    if (back !== null)
      return ledger.retake(back, id, null, textOf(spec, realm, back.number), policy, "reserved again");
    const number = nextNew(spec, realm, end);
    if (number === null) return null;
    const text = textOf(spec, realm, number);
    const row = { series, realm, number, text, kind, policy, unit: id, attempt: null } as const;
    return ledger.insert({ ...row, origin: "issued", state: "reserved" }, "reserved");
  }

  /** The unit's own number of a series, in the hands of this session until an attempt has it. */
  function keep(spec: NumberSpec, unit: Unit): NumberRow | null {
    const row = ledger.own(spec.series, unit.realm, unit.id);
    if (row !== null) ledger.hand(row, null, spec.policy);
    return row;
  }

  function gather(requests: readonly NumberRequest[]): Member[] {
    const seen = new Set<number>();
    return requests.map(({ barcode, realm, specs }) => {
      const unit = people.ensure(realm, barcode, now());
      if (seen.has(unit.id)) throw new StoreError("conflict", `unit ${barcode} is in this gang twice`);
      refuseScrapped(desk, { barcode, realm });
      if (running.get(unit.id) !== undefined)
        throw new StoreError("conflict", `unit ${barcode} is being programmed already`);
      seen.add(unit.id);
      return { unit, specs };
    });
  }

  function wanted(gang: readonly Member[], series: string, realm: Realm): number {
    const lacking = gang.filter(
      ({ unit, specs }) =>
        unit.realm === realm &&
        specs.some((spec) => spec.series === series) &&
        ledger.own(series, realm, unit.id) === null,
    );
    return lacking.length;
  }

  const reserveGang = writing(db, (requests: readonly NumberRequest[]) => {
    const gang = gather(requests);
    // Counted before the first is taken, so that a refusal can say how many were missing.
    const needs = new Map<string, { readonly wanted: number; taken: number }>();
    for (const { unit, specs } of gang)
      for (const { series } of specs) {
        const key = JSON.stringify([series, unit.realm]);
        if (!needs.has(key)) needs.set(key, { wanted: wanted(gang, series, unit.realm), taken: 0 });
      }
    return gang.map(({ unit, specs }) =>
      specs.map((spec) => {
        const need = needs.get(JSON.stringify([spec.series, unit.realm])) ?? { wanted: 1, taken: 0 };
        const kept = keep(spec, unit);
        if (kept !== null) return toReservation(kept);
        const row = take(spec, unit);
        if (row === null) throw new SerialsOut(spec.series, need.taken, need.wanted);
        need.taken += 1;
        return toReservation(row);
      }),
    );
  });

  const giveBack = writing(db, (reservations: readonly Reservation[], realm: Realm) => {
    for (const { series, number, text } of reservations) {
      const row = ledger.byNumber(series, realm, number);
      if (row?.state === "reserved" && row.attempt_id === null && row.text === text)
        ledger.move(row, "returned", "no attempt was begun");
    }
  });

  const takeBackOrphans = writing(db, () =>
    ledger
      .orphans()
      .map((row) =>
        toReservation(ledger.move(row, "returned", "the station stopped before the attempt began")),
      ),
  );

  return { reserveGang, giveBack, takeBackOrphans };
}
