/** What a cell of a spreadsheet holds; `null` is an empty one. A date is shown in UTC. */
export type SheetCell = string | number | boolean | Date | null;

/** One sheet of a workbook. Texts are as the records have them; the writer cleans them. */
export interface Sheet {
  readonly name: string;
  /** `width` in characters. */
  readonly columns: readonly { readonly head: string; readonly width: number }[];
  readonly rows: readonly (readonly SheetCell[])[];
}

/** One column of a table of things: its head, its width in characters, its cell. */
export interface SheetColumn<T> {
  readonly head: string;
  readonly width: number;
  readonly of: (one: T) => SheetCell;
}

/** A sheet with a row a thing. */
export function sheetOf<T>(name: string, columns: readonly SheetColumn<T>[], things: Iterable<T>): Sheet {
  return {
    name,
    columns: columns.map(({ head, width }) => ({ head, width })),
    rows: Array.from(things, (one) => columns.map(({ of }) => of(one))),
  };
}

/** A sheet of names and values; a value may be of any kind. */
export const pairSheet = (name: string, pairs: readonly (readonly [string, SheetCell])[]): Sheet => ({
  name,
  columns: [
    { head: "what", width: 32 },
    { head: "value", width: 70 },
  ],
  rows: pairs,
});
