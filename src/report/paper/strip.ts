import { lineMm, type Mark, type Page, type Sheet } from "./mark.ts";

/** A piece that stays whole: so high, so many mm kept free after it, and its marks once its upper edge is known. */
export interface Strip {
  readonly type: "strip";
  readonly height: number;
  /** What must still fit below it on the same page, mm. */
  readonly keep: number;
  /** Repeated where this strip is the first of a page. */
  readonly head: Strip | null;
  readonly bookmark: string | null;
  readonly marks: (y: number) => readonly Mark[];
}

export type Piece =
  | Strip
  /** Free space, none at the top of a page. */
  | { readonly type: "gap"; readonly mm: number }
  /** At the foot of this page where there is room, else of the next. */
  | { readonly type: "foot"; readonly height: number; readonly marks: (y: number) => readonly Mark[] }
  /** Go on with a new page, unless two thirds of this one are still free. */
  | { readonly type: "page" };

export function strip(
  height: number,
  marks: (y: number) => readonly Mark[],
  more: Partial<Pick<Strip, "keep" | "head" | "bookmark">> = {},
): Strip {
  return { type: "strip", height, marks, keep: 0, head: null, bookmark: null, ...more };
}

/** Stacks pieces into pages, one at a time. A piece higher than a page would run out of it: none is made so. */
export function* paginate(pieces: Iterable<Piece>, sheet: Sheet): Generator<Page> {
  let y = sheet.top;
  let marks: Mark[] = [];
  let bookmarks: { text: string; y: number }[] = [];
  const full = (height: number): boolean => y + height > sheet.bottom + 1e-6 && marks.length > 0;
  function next(): Page {
    const page = { marks, bookmarks };
    y = sheet.top;
    marks = [];
    bookmarks = [];
    return page;
  }
  function put(piece: Strip, again = false): void {
    if (piece.bookmark !== null) bookmarks.push({ text: piece.bookmark, y });
    const all = piece.marks(y);
    // What is repeated was read before.
    marks.push(...(again ? all.map((mark) => ({ ...mark, tag: null })) : all));
    y += piece.height;
  }
  for (const piece of pieces)
    switch (piece.type) {
      case "page":
        if (y > sheet.top + (sheet.bottom - sheet.top) / 3) yield next();
        break;
      case "gap":
        if (marks.length > 0) y = Math.min(y + piece.mm, sheet.bottom);
        break;
      case "foot":
        if (full(piece.height + lineMm)) yield next();
        marks.push(...piece.marks(sheet.bottom - piece.height));
        y = sheet.bottom;
        break;
      case "strip":
        if (full(piece.height + piece.keep)) {
          yield next();
          if (piece.head !== null) put(piece.head, true);
        }
        put(piece);
        break;
      default:
        piece satisfies never;
    }
  if (marks.length > 0) yield next();
}
