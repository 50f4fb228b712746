import type { LabelStep } from "../../model/label.ts";
import type { SlotView } from "../../model/slot-view.ts";
import type { Call } from "../../model/call.ts";
import type { StationView } from "../../model/view.ts";
import { line } from "../line.ts";
import { rehearse } from "../theme.ts";
import type { Span, Theme } from "../theme.ts";
import { tile } from "./tile.ts";
import { sizeRank, smallestTile, tileBox } from "./tile-size.ts";
import type { TileBox } from "./tile-size.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How the window is shared out. `compact`: three rows below the tray instead of five. */
export type Plan =
  | { readonly kind: "tray"; readonly box: TileBox; readonly compact: boolean; readonly height: number }
  | { readonly kind: "small"; readonly need: Size };

const headRows = 6;
const footRows = { full: 5, compact: 3 } as const;
/** The last row stays empty: a frame that fills the window is redrawn whole each time on Windows. */
const emptyRows = 1;
/** Rows that are short are shared only where they are wide. */
const wide = 120;
const smallestWindow: Size = { columns: 80, rows: 24 };

function place(view: StationView, size: Size, compact: boolean): { box: TileBox; height: number } | null {
  const foot = compact ? footRows.compact : footRows.full;
  const height = size.rows - headRows - foot - emptyRows;
  const across = Math.max(1, view.columns);
  const down = Math.max(1, view.rows);
  const box = tileBox(Math.floor(size.columns / across), Math.floor(height / down), across * down === 1);
  return box === null ? null : { box, height };
}

/** The largest tiles that the window can hold, each slot where it lies on the bench. */
export function planTray(view: StationView, size: Size): Plan {
  if (size.columns >= smallestWindow.columns && size.rows >= smallestWindow.rows) {
    const full = place(view, size, false);
    const compact = size.columns >= wide ? place(view, size, true) : null;
    const better =
      compact !== null && (full === null || sizeRank(compact.box.size) < sizeRank(full.box.size));
    if (better) return { kind: "tray", ...compact, compact: true };
    if (full !== null) return { kind: "tray", ...full, compact: false };
  }
  const columns = Math.max(smallestWindow.columns, view.columns * smallestTile.width);
  const foot = columns >= wide ? footRows.compact : footRows.full;
  const rows = Math.max(smallestWindow.rows, headRows + view.rows * smallestTile.height + foot + emptyRows);
  return { kind: "small", need: { columns, rows } };
}

/** What the arrows chose, or what a question is about. */
function chosenOf({ call, chosen }: StationView): string | null {
  return call.kind === "ask" && "slot" in call.question ? call.question.slot : chosen;
}

/** Where the label of the unit in a slot is, while it is not done with. */
export function labelIn(
  { labels }: Pick<StationView, "labels">,
  { name, state }: Pick<SlotView, "name" | "state">,
): LabelStep | null {
  if (labels.length === 0 || state.kind !== "ended") return null;
  return labels.find((due) => due.slot === name && due.barcode === state.barcode)?.step ?? null;
}

const taughtIn = ({ slot, places }: Extract<Call, { kind: "teach" }>, name: string) => ({
  wanted: slot === name,
  port: places.find((place) => place.slot === name)?.port ?? null,
});

/** A place of the bench without a slot. */
const gap = (box: TileBox): readonly (readonly Span[])[] =>
  Array.from({ length: box.height }, () => line(box.width, "plain", []));

/** The tiles in tray geometry, `height` rows of `columns`. */
export function trayRows(
  view: StationView,
  box: TileBox,
  height: number,
  columns: number,
  theme: Theme,
  now: number,
): readonly (readonly Span[])[] {
  const { call, timezone } = view;
  const next = call.kind === "scan" || call.kind === "golden" || call.kind === "teach" ? call.slot : null;
  const chosen = chosenOf(view);
  const across = Math.max(1, view.columns);
  const rows: (readonly Span[])[] = [];
  for (let row = 0; row < Math.max(1, view.rows); row += 1) {
    const tiles = view.places.slice(row * across, (row + 1) * across).map((place) => {
      const slot = place === null ? undefined : view.slots[place];
      return slot === undefined
        ? gap(box)
        : tile(slot, box, view.simulated.includes(slot.name) ? rehearse(theme) : theme, {
            simulated: view.simulated.includes(slot.name),
            next: slot.name === next,
            chosen: slot.name === chosen,
            now,
            timezone,
            label: labelIn(view, slot),
            teach: call.kind === "teach" ? taughtIn(call, slot.name) : null,
          });
    });
    const rest = line(columns - tiles.length * box.width, "plain", []);
    for (let i = 0; i < box.height; i += 1) rows.push([...tiles.flatMap((spans) => spans[i] ?? []), ...rest]);
  }
  while (rows.length < height) rows.push(line(columns, "plain", []));
  return rows.slice(0, height);
}
