/** A corner of the tray, as the operator sees it. */
export const corners = ["top-left", "top-right", "bottom-left", "bottom-right"] as const;
export type Corner = (typeof corners)[number];

/** How the slots lie on the bench. */
export interface TrayShape {
  readonly rows: number;
  readonly columns: number;
  /** Where the first slot lies. */
  readonly from: Corner;
  /** Where the second one lies: beside it, or above or below it. */
  readonly along: "rows" | "columns";
  /** Places without a slot, from 1, in the order of the slots. */
  readonly skip: readonly number[];
}

/** Rows x columns as the operator sees them, row by row from the left: a slot's place in tray order, or a gap. */
export function trayPlaces(shape: TrayShape, slots: number): readonly (number | null)[] {
  const { rows, columns, from, along } = shape;
  const seen: (number | null)[] = Array.from({ length: rows * columns }, () => null);
  let slot = 0;
  for (let i = 0; i < rows * columns && slot < slots; i += 1) {
    if (shape.skip.includes(i + 1)) continue;
    const down = along === "rows" ? Math.floor(i / columns) : i % rows;
    const across = along === "rows" ? i % columns : Math.floor(i / rows);
    const row = from.startsWith("top") ? down : rows - 1 - down;
    const column = from.endsWith("left") ? across : columns - 1 - across;
    seen[row * columns + column] = slot;
    slot += 1;
  }
  return seen;
}
