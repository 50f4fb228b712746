import type { BrokenRow } from "../terms.ts";

/** `row N (BARCODE): why` for a record, with the table's name before it for any other row. */
export function brokenText({ table, seq, barcode, why }: BrokenRow): string {
  return `${table === "records" ? "" : `${table} `}row ${seq} (${barcode ?? "?"}): ${why}`;
}
