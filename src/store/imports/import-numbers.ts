import type { Deed } from "../../model/deed.ts";
import { writing } from "../file/connection.ts";
import { deedWriter } from "../deeds.ts";
import type { Desk } from "../desk.ts";
import { listed, listHash, type ListedRow } from "./listed.ts";
import { numbers } from "../ledger/numbers.ts";
import { query } from "../file/query.ts";
import type { ImportedNumber, NumberImport } from "../terms.ts";
import { ImportRefused, type Refusal } from "../store-error.ts";
import { units } from "../units.ts";

/** More would follow from the first. */
const mostRefusals = 20;

/**
 * Numbers from another station or program. One with a unit is `committed` or `void` to it, as found in a chip: the series
 * never gives it to another one. One without is a row of the list. All rows or none; `dry`: none, but looked at in full.
 * Throws ImportRefused.
 */
export function importNumbers(desk: Desk): (order: NumberImport, deed: Deed, dry?: boolean) => number {
  const { db, now } = desk;
  const ledger = numbers(desk);
  const people = units(db);
  const list = listed(db);
  const record = deedWriter(db);
  const inRange = query<[string, number, number], { number: number; text: string; unit_id: number | null }>(
    db,
    `SELECT number, text, unit_id FROM numbers WHERE series = ? AND realm = 'line' AND number BETWEEN ? AND ?
     ORDER BY number LIMIT 1`,
  );

  /** Why a row cannot be, or `null`. */
  function complaint(series: string, row: ImportedNumber): Omit<Refusal, "line"> | null {
    const { first, last, text, barcode } = row;
    const same =
      inRange.get(series, first, last) ?? (text === null ? null : ledger.byText(series, "line", text));
    if (same !== null) {
      const whose =
        same.unit_id === null ? "came back unused" : `is unit ${people.byId(same.unit_id).barcode}'s`;
      return {
        key: "number",
        why: `number ${same.number} "${same.text}" is in the ledger already and ${whose}`,
      };
    }
    const before =
      list.overlapping(series, first, last) ?? (text === null ? null : list.byText(series, text));
    if (before !== null) {
      const what =
        before.text ?? (before.first === before.last ? before.first : `${before.first} to ${before.last}`);
      return {
        key: "number",
        why: `${what} is on the list already, ${before.state}, brought by deed ${before.deed}`,
      };
    }
    const unit = barcode === null ? null : people.find("line", barcode);
    const own = unit === null || row.state === "void" ? null : ledger.own(series, "line", unit.id);
    if (own === null) return null;
    return { key: "barcode", why: `unit ${barcode ?? ""} has the number ${own.text} of this series already` };
  }

  function give({ series, kind }: NumberImport, row: ImportedNumber, barcode: string, text: string): void {
    const unit = people.ensure("line", barcode, now());
    const entry = {
      series,
      realm: "line",
      number: row.first,
      text,
      kind,
      policy: "consume-on-success",
    } as const;
    const written = ledger.insert(
      { ...entry, origin: "adopted", state: "written", unit: unit.id, attempt: null },
      "imported",
    );
    ledger.move(
      written,
      row.state === "void" ? "void" : "committed",
      row.reason === "" ? "imported" : row.reason,
    );
  }

  const take = writing(db, (order: NumberImport, deed: Deed, dry: boolean): number => {
    const { series, rows } = order;
    const alone = rows.filter(({ barcode }) => barcode === null);
    const toList = alone.map(({ first, last, text, state, reason }) => ({
      series,
      first,
      last,
      text,
      state,
      reason,
    }));
    const said = alone.length === 0 ? {} : { listed: listHash(toList), listedRows: alone.length };
    const { seq } = record({ ...deed, detail: { ...deed.detail, ...said } });
    const refusals: Refusal[] = [];
    for (const row of rows) {
      const why = complaint(series, row);
      if (why !== null) refusals.push({ line: row.line, ...why });
      if (refusals.length >= mostRefusals) break;
      if (refusals.length > 0) continue;
      const { barcode, text, first, last, state, reason } = row;
      if (barcode !== null && text !== null) give(order, row, barcode, text);
      else list.insert({ series, first, last, text, state, reason, deed: seq } satisfies ListedRow);
    }
    if (refusals.length > 0) throw new ImportRefused(refusals);
    if (dry) throw new Undone();
    return rows.length;
  });

  return (order, deed, dry = false) => {
    try {
      return take(order, deed, dry);
    } catch (error) {
      if (error instanceof Undone) return order.rows.length;
      throw error;
    }
  };
}

/** Ends a transaction that was only to be looked at. */
class Undone extends Error {}
