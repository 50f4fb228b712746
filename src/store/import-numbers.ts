import type { Deed } from "../model/deed.ts";
import { writing } from "./connection.ts";
import { deedWriter } from "./deeds.ts";
import type { Desk } from "./desk.ts";
import { numbers } from "./numbers.ts";
import type { ImportedNumber, NumberImport } from "./store.ts";
import { ImportRefused } from "./store-error.ts";
import { units } from "./units.ts";

/**
 * Numbers that units have already from another station or another program. Each is `committed` to its unit, as found in a
 * chip: the series never gives it to another one, and the unit gets it again. All rows or none. Throws ImportRefused.
 */
export function importNumbers(desk: Desk): (order: NumberImport, deed: Deed) => number {
  const { db, now } = desk;
  const ledger = numbers(desk);
  const people = units(db);
  const record = deedWriter(db);

  return writing(db, ({ series, kind, rows }: NumberImport, deed: Deed): number => {
    const refuse = (row: ImportedNumber, why: string): never => {
      throw new ImportRefused(row.line, why);
    };
    for (const row of rows) {
      const { barcode, number, text } = row;
      const same = ledger.byNumber(series, "line", number) ?? ledger.byText(series, "line", text);
      if (same !== null) {
        const whose =
          same.unit_id === null ? "came back unused" : `is unit ${people.byId(same.unit_id).barcode}'s`;
        refuse(row, `number ${same.number} "${same.text}" is in the ledger already and ${whose}`);
      }
      const unit = people.ensure("line", barcode, now());
      const own = ledger.own(series, "line", unit.id);
      if (own !== null) refuse(row, `unit ${barcode} has the number ${own.text} of this series already`);
      const entry = { series, realm: "line", number, text, kind, policy: "consume-on-success" } as const;
      const written = ledger.insert(
        { ...entry, origin: "adopted", state: "written", unit: unit.id, attempt: null },
        "imported",
      );
      ledger.move(written, "committed", "imported");
    }
    record(deed);
    return rows.length;
  });
}
