import type { StationView } from "../../model/view.ts";
import type { Mark } from "../line.ts";
import { cut } from "../text.ts";
import type { Theme } from "../theme.ts";

/** The rows of a panel, before they are cut to the window. */
export type Page = readonly (readonly Mark[])[];

/** What a panel may look at beside its own facts. */
export interface PageScene {
  readonly view: StationView;
  readonly theme: Theme;
  readonly columns: number;
  /** Rows that the tiles would have. */
  readonly height: number;
}

/** Words in fixed columns; each is cut one column before the next begins. */
export function columnsOf(cells: readonly (readonly [at: number, text: string])[], end: number): Mark[] {
  return cells.flatMap(([at, text], i) => {
    const shown = cut(text, (cells[i + 1]?.[0] ?? end) - at - 1);
    return shown === "" ? [] : [{ at, text: shown }];
  });
}
