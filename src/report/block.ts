import type { Logo } from "./definition.ts";
import type { ShareInterval } from "../model/statistics.ts";

export type Ink = "black" | "grey";

/** Text of one cell; a plain string is regular and black. */
export type Cell = string | { readonly text: string; readonly bold?: boolean; readonly ink?: Ink };

export interface Column {
  readonly head: string;
  readonly mm: number;
  readonly align: "left" | "right";
}

export interface Row {
  readonly cells: readonly Cell[];
  /** Grey detail under the row, from the left edge of column `from` to the end of the text. */
  readonly under?: { readonly text: string; readonly from: number };
}

/** One of the figures under the title. */
export interface Figure {
  readonly label: string;
  readonly figure: string;
  /** Each begins a line. */
  readonly notes: readonly string[];
}

/** Units that ended in one stretch of time. */
export interface TimeBin {
  readonly label: string;
  readonly passed: number;
  readonly failed: number;
}

/** How the areas of a chart differ without colour. */
export type Fill = "black" | "hatched" | "grey" | "white" | "dense";

/**
 * A laid-out piece of a report: what is to be said, in order, not yet where on the page. Lengths are mm. Strings are
 * as the records have them; each is cleaned where it becomes a mark on paper.
 */
export type Block =
  /** Beside the logo of the definition, where it has one. */
  | { readonly type: "title"; readonly text: string; readonly under: string; readonly logo: Logo | null }
  | { readonly type: "figures"; readonly figures: readonly Figure[] }
  /** A section's head: bookmarked, hairline under it. `keep`: what must follow on the same page, mm. */
  | { readonly type: "section"; readonly text: string; readonly keep: number }
  | { readonly type: "head"; readonly text: string; readonly keep: number }
  | { readonly type: "text"; readonly text: string; readonly bold: boolean; readonly ink: Ink }
  | { readonly type: "pairs"; readonly pairs: readonly (readonly [label: string, value: string])[] }
  | { readonly type: "table"; readonly columns: readonly Column[]; readonly rows: readonly Row[] }
  | {
      readonly type: "histogram";
      readonly bins: readonly TimeBin[];
      /** What stands before the rows of figures under it: from, passed, failed. */
      readonly labels: readonly [string, string, string];
    }
  | { readonly type: "bars"; readonly bars: readonly { label: string; value: number; note: string }[] }
  | {
      readonly type: "intervals";
      readonly rows: readonly { label: string; interval: ShareInterval; note: string }[];
      /** Share of all rows together, drawn as a line through them. */
      readonly all: number;
    }
  | {
      readonly type: "stack";
      readonly parts: readonly { label: string; value: number; note: string; fill: Fill }[];
    }
  /** At the foot of a page: what stands under the lines to sign, and the text of the Data Matrix or `null`. */
  | { readonly type: "foot"; readonly sign: readonly string[]; readonly seal: string | null }
  | { readonly type: "gap"; readonly mm: number }
  /** What follows begins a page, unless two thirds of this one are still free. */
  | { readonly type: "page" };

/** A line of running text. */
export const paragraph = (text: string): Block => ({ type: "text", text, bold: false, ink: "black" });
