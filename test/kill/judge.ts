import Database from "better-sqlite3";
import { imageBytes, numberText } from "./bench-files.ts";

/** What one chip carries at the end. */
export interface ChipEnd {
  readonly barcode: string;
  /** Numbers of the series, each once, wherever they lie. */
  readonly numbers: readonly string[];
  /** Its image is the one of the profile. */
  readonly whole: boolean;
}

export interface NumberRow {
  readonly text: string;
  readonly state: "reserved" | "written" | "committed" | "void" | "returned";
  readonly barcode: string | null;
}

export interface RecordRow {
  readonly barcode: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly serial: string | null;
}

/** A line of a run that said PASS. */
export interface Printed {
  readonly barcode: string;
  readonly attempt: number;
  readonly serial: string | null;
}

export interface Books {
  readonly numbers: readonly NumberRow[];
  readonly records: readonly RecordRow[];
  /** Attempts without a record. */
  readonly open: readonly string[];
  /** Times that a number went back to its series, unwritten. */
  readonly returns: number;
  /** Numbers that were `written` for more than one unit. */
  readonly shared: readonly string[];
}

export function chipEnd(barcode: string, flash: Uint8Array, image: Uint8Array): ChipEnd {
  const text = Buffer.from(flash.buffer, flash.byteOffset, flash.length).toString("latin1");
  const numbers = [...new Set(text.match(numberText) ?? [])];
  return { barcode, numbers, whole: Buffer.compare(flash.subarray(0, imageBytes), image) === 0 };
}

/** Everything that the books say, read without the program. */
export function readBooks(file: string): Books {
  const db = new Database(file, { readonly: true });
  try {
    const all = <T>(sql: string): T[] => db.prepare<[], T>(sql).all();
    const texts = (sql: string): string[] => all<{ readonly text: string }>(sql).map(({ text }) => text);
    return {
      numbers: all("SELECT text, state, barcode FROM numbers LEFT JOIN units ON units.id = unit_id"),
      records: all("SELECT barcode, attempt, outcome, serial FROM records"),
      open: texts(
        `SELECT barcode || ' attempt ' || attempt AS text FROM attempts JOIN units ON units.id = unit_id
         WHERE attempts.id NOT IN (SELECT attempt_id FROM records)
            OR attempts.id IN (SELECT attempt_id FROM running)`,
      ),
      returns: texts("SELECT id AS text FROM moves WHERE state = 'returned'").length,
      shared: texts(
        `SELECT numbers.text FROM moves JOIN numbers ON numbers.id = number_id WHERE moves.state = 'written'
         GROUP BY number_id HAVING count(DISTINCT moves.unit_id) > 1`,
      ),
    };
  } finally {
    db.close();
  }
}

/** The judge is what lies in the chips: each broken promise in a sentence. */
export function judge(chips: readonly ChipEnd[], books: Books, printed: readonly Printed[]): string[] {
  const complaints: string[] = [];
  const holders = new Map<string, string[]>();
  for (const { barcode, numbers } of chips)
    for (const text of numbers) holders.set(text, [...(holders.get(text) ?? []), barcode]);
  const ledger = new Map(books.numbers.map((row) => [row.text, row]));
  const isVoidOf = (text: string, barcode: string): boolean => {
    const row = ledger.get(text);
    return row?.state === "void" && row.barcode === barcode;
  };

  for (const [text, barcodes] of holders) {
    if (barcodes.length > 1)
      complaints.push(`${text} lies in ${barcodes.length} chips: ${barcodes.join(", ")}`);
    if (!ledger.has(text))
      complaints.push(`${text} lies in the chip of ${barcodes[0]} and is not in the ledger`);
  }
  for (const { barcode, numbers } of chips) {
    const alive = numbers.filter((text) => !isVoidOf(text, barcode));
    if (alive.length > 1)
      complaints.push(`the chip of ${barcode} has ${alive.length} numbers: ${alive.join(", ")}`);
  }
  for (const { text, state, barcode } of books.numbers) {
    const elsewhere = (holders.get(text) ?? []).filter((holder) => holder !== barcode);
    const own = holders.get(text)?.includes(barcode ?? "") === true;
    if (state === "reserved") complaints.push(`${text} is still reserved`);
    if (elsewhere.length > 0)
      complaints.push(`${text} is ${state}, and lies in the chip of ${elsewhere.join(", ")}`);
    if (state === "committed" && !own)
      complaints.push(`${text} is committed, and not in the chip of ${barcode}`);
  }
  for (const open of books.open) complaints.push(`${open} has no record`);
  for (const text of books.shared) complaints.push(`${text} was written for two units`);

  const passes = books.records.filter(({ outcome }) => outcome === "PASS");
  const key = ({ barcode, attempt, serial }: Printed): string => `${barcode} attempt ${attempt}, ${serial}`;
  const recorded = new Set(passes.map(key));
  for (const line of printed)
    if (!recorded.has(key(line))) complaints.push(`${key(line)}: PASS was shown, no record`);
  const ends = new Map(chips.map((end) => [end.barcode, end]));
  for (const { barcode, serial } of passes) {
    const end = ends.get(barcode);
    if (serial === null || end?.numbers.includes(serial) !== true)
      complaints.push(`${barcode} passed with ${serial}, its chip has ${end?.numbers.join(", ")}`);
    if (end?.whole === false) complaints.push(`${barcode} passed, and its image is wrong`);
  }
  return complaints;
}
