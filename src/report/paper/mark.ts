import type { Tag } from "./tag.ts";
import { textWidthMm, type Paper } from "../definition.ts";

/** The two sizes of type, in points: 8.5 for all, 15 for the title and the figures under it. */
export type TypeSize = 8.5 | 15;

/** A rectangle, mm, y downwards. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One thing on paper, and what it is a part of; without a tag of nothing that is read. */
export type Mark = Shape & { readonly tag?: Tag | null };

/** Lengths and places are mm from the upper left corner of the page; weights are points. */
type Shape =
  | {
      readonly type: "text";
      readonly x: number;
      /** The base line. */
      readonly y: number;
      readonly text: string;
      /** As measured, mm. */
      readonly width: number;
      /** Where it must end at the latest, mm. */
      readonly limit: number;
      readonly size: TypeSize;
      readonly bold: boolean;
      readonly ink: "black" | "grey" | "white";
    }
  | {
      readonly type: "line";
      readonly x1: number;
      readonly y1: number;
      readonly x2: number;
      readonly y2: number;
      readonly weight: number;
      readonly ink: "black" | "grey";
    }
  | ({ readonly type: "fill"; readonly ink: "black" | "grey" | "white" } & Box)
  | ({ readonly type: "outline"; readonly weight: number } & Box)
  /** Diagonal lines `step` mm apart, outside of the hole. */
  | ({ readonly type: "hatch"; readonly step: number; readonly hole: Box | null } & Box)
  | { readonly type: "dot"; readonly x: number; readonly y: number; readonly radius: number }
  | ({ readonly type: "image"; readonly bytes: Uint8Array } & Box)
  /** A 2D code: `side` is the edge of one module. */
  | {
      readonly type: "modules";
      readonly x: number;
      readonly y: number;
      readonly side: number;
      readonly rows: readonly (readonly boolean[])[];
    };

export interface Page {
  readonly marks: readonly Mark[];
  /** Sections that begin here: their names and heights, mm from the top. */
  readonly bookmarks: readonly { readonly text: string; readonly y: number }[];
}

/** Where things go on a sheet, mm. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  /** Lower end of what blocks may use; the footer is below. */
  readonly bottom: number;
  /** Base line of the footer. */
  readonly foot: number;
}

const margin = 16;
const footerMm = 6.5;

export const sheets: Readonly<Record<Paper, Sheet>> = {
  A4: sheet(210, 297),
  Letter: sheet(215.9, 279.4),
};

function sheet(width: number, height: number): Sheet {
  const left = (width - textWidthMm) / 2;
  return {
    width,
    height,
    left,
    right: left + textWidthMm,
    top: margin,
    bottom: height - margin - footerMm,
    foot: height - margin,
  };
}

/** One line of 8.5 pt type, mm. */
export const lineMm = 4.6;
/** Base line below the upper edge of a line, mm. */
export const baseMm = 3.4;
/** Weight of a hairline, points. */
export const hairline = 0.35;

/** Space between a column's text and the next column, mm. */
export const columnGapMm = 1.5;

/** Width of cleaned text, mm. */
export type Measure = (text: string, size: TypeSize, bold: boolean) => number;

/** What setting type needs: how wide text is, and the sheet. */
export interface Setter {
  readonly measure: Measure;
  readonly sheet: Sheet;
}
