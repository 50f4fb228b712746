import type { Field, Role } from "./theme.ts";

/** What rows 1 to 6 say. */
export interface Headline {
  readonly word: string;
  readonly field: Field;
  /** The cells of the word where there is no field. */
  readonly cells: Role;
  readonly sentence: string;
}

/** On a filled field: it calls for somebody. */
export const calling = (word: string, field: "act" | "look", sentence: string): Headline => ({
  word,
  field,
  cells: field === "act" ? "actCell" : "lookCell",
  sentence,
});

/** On the screen's own ground. */
export const quietly = (word: string, sentence: string, cells: Role = "restCell"): Headline => ({
  word,
  field: "plain",
  cells,
  sentence,
});
