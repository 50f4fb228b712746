import type { RawBooks } from "./read-books.ts";

/** What one chip carries, read past every wire. */
export interface ChipEnd {
  readonly barcode: string;
  /** Numbers of the series, each once, wherever they lie. */
  readonly numbers: readonly string[];
}

/** Numbers that lie in more than one chip, that a chip has beside its own, or that the ledger gave to two units. */
export function numberComplaints(chips: readonly ChipEnd[], books: RawBooks): string[] {
  const holders = new Map<string, string[]>();
  for (const { barcode, numbers } of chips)
    for (const text of numbers) holders.set(text, [...(holders.get(text) ?? []), barcode]);
  const ledger = new Map(books.numbers.map((row) => [row.text, row]));
  return [
    ...[...holders].flatMap(([text, barcodes]) => {
      const row = ledger.get(text);
      if (barcodes.length > 1) return [`${text} lies in ${barcodes.length} chips: ${barcodes.join(", ")}`];
      if (row === undefined) return [`${text} lies in the chip of ${barcodes[0]} and is not in the ledger`];
      return row.barcode === barcodes[0]
        ? []
        : [`${text} lies in the chip of ${barcodes[0]} and is ${row.barcode ?? "nobody"}'s in the ledger`];
    }),
    ...chips.flatMap(({ barcode, numbers }) => {
      const alive = numbers.filter((text) => ledger.get(text)?.state !== "void");
      return alive.length > 1 ? [`the chip of ${barcode} has ${alive.join(" and ")}`] : [];
    }),
    ...ledgerComplaints(books),
  ];
}

/** The same as far as the books tell it alone. */
export function ledgerComplaints({ numbers, shared, records }: RawBooks): string[] {
  const passed = new Map<string, string>();
  const twice: string[] = [];
  for (const { outcome, serial, barcode } of records) {
    if (outcome !== "PASS" || serial === null) continue;
    const other = passed.get(serial);
    if (other !== undefined && other !== barcode)
      twice.push(`${serial} passed with ${other} and with ${barcode}`);
    passed.set(serial, barcode);
  }
  return [
    ...numbers.flatMap(({ text, state }) => (state === "reserved" ? [`${text} is still reserved`] : [])),
    ...shared.map((text) => `${text} was written for two units`),
    ...twice,
  ];
}

/** A unit that passed has its number in its chip, and the ledger says so. */
export function passComplaints(chips: readonly ChipEnd[], { records, numbers }: RawBooks): string[] {
  const carried = new Map(chips.map((chip) => [chip.barcode, chip.numbers]));
  const committed = numbers.filter(({ state }) => state === "committed");
  return [
    ...records.flatMap(({ outcome, barcode, serial }) =>
      outcome !== "PASS" || (serial !== null && carried.get(barcode)?.includes(serial) === true)
        ? []
        : [
            `${barcode} passed with ${serial ?? "no number"}, its chip has ${carried.get(barcode)?.join(", ") || "none"}`,
          ],
    ),
    ...committed.flatMap(({ text, barcode }) =>
      carried.get(barcode ?? "")?.includes(text) === true
        ? []
        : [`${text} is committed, and not in the chip of ${barcode ?? "nobody"}`],
    ),
  ];
}
