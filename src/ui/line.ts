import type { Role, Span } from "./theme.ts";
import { cut, widthOf } from "./text.ts";

/** Something that stands at a column of a row. */
export interface Mark {
  readonly at: number;
  readonly text: string;
  /** The field's own role where none is given. */
  readonly role?: Role;
  /** Lettering or a bar: each character is a cell of this role, each space shows the field. */
  readonly cells?: Role;
}

function inked(mark: Mark, text: string, field: Role): readonly Span[] {
  const { cells } = mark;
  if (cells === undefined) return [{ text, role: mark.role ?? field }];
  return (text.match(/ +|[^ ]+/g) ?? []).map((run) => ({
    text: run,
    role: run.startsWith(" ") ? field : cells,
  }));
}

/**
 * A row exactly `width` columns wide: the marks on their field, in the order of their columns. A mark is cut where the
 * next one begins.
 */
export function line(width: number, field: Role, marks: readonly Mark[]): readonly Span[] {
  const spans: Span[] = [];
  let column = 0;
  marks.forEach((mark, i) => {
    const end = Math.min(width, marks[i + 1]?.at ?? width);
    if (mark.at < column || mark.at >= end) return;
    spans.push({ text: " ".repeat(mark.at - column), role: field });
    const text = cut(mark.text, end - mark.at);
    spans.push(...inked(mark, text, field));
    column = mark.at + widthOf(text);
  });
  spans.push({ text: " ".repeat(width - column), role: field });
  return spans;
}

/** A mark whose last column is `end` - 1. */
export const endingAt = (end: number, text: string): Mark => ({ at: Math.max(0, end - widthOf(text)), text });

/** Rows cut or filled up with empty field to a height. */
export function fillRows(rows: readonly (readonly Mark[])[], height: number): readonly (readonly Mark[])[] {
  return Array.from({ length: height }, (_, i) => rows[i] ?? []);
}

/** A bar: `#` for what is done, dots for the rest. */
export function bar(at: number, width: number, share: number, cells: Role): readonly Mark[] {
  const safe = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  const done = Math.round(width * safe);
  return [
    { at, text: "#".repeat(done), cells },
    { at: at + done, text: ".".repeat(width - done), role: "quiet" as const },
  ].filter((mark) => mark.text !== "");
}
