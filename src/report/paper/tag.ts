import { paperText } from "../words.ts";

/** What a piece of a page is to who reads it without seeing it: a standard structure type of ISO 32000-1, 14.8.4. */
export type Role = "H1" | "H2" | "H3" | "P" | "Figure" | "Table" | "TR" | "TH" | "TD";

/**
 * An element of the document's structure. Marks with the same tag are its content, in the order in which they are drawn; a
 * mark without one is an artifact: a rule, a footer, a head that is repeated.
 */
export interface Tag {
  readonly role: Role;
  /** `null`: the document. */
  readonly parent: Tag | null;
  /** What a figure shows. */
  readonly alt: string | null;
  /** The text where it has more than one line: paper does not say whether a blank belongs between them. */
  readonly actual: string | null;
  /** Of a row: how many cells it has. */
  readonly cells: number;
  /** Of a cell: its place in the row, from 0, and over how many columns it stands. */
  readonly at: number;
  readonly span: number;
  /** What a head cell is the head of. */
  readonly scope: "Row" | "Column" | null;
}

export const tag = (
  role: Role,
  parent: Tag | null = null,
  { alt = null, actual = null, cells = 0, at = 0, span = 1, scope = null }: Partial<Tag> = {},
): Tag => ({ role, parent, alt, actual, cells, at, span, scope });

/** An element of one text that was set in these lines. */
export const tagOfText = (
  role: Role,
  lines: readonly string[],
  text: string,
  parent: Tag | null = null,
  more: Partial<Tag> = {},
): Tag => tag(role, parent, { ...more, actual: lines.length > 1 ? paperText(text) : null });
