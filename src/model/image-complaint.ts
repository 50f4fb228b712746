/** What is wrong with an image file, and where. Parsers return it; they do not throw. */
export interface ImageComplaint {
  /** 1-based line of a text format. */
  readonly line: number | null;
  /** Byte offset in a binary format. */
  readonly offset: number | null;
  /** One sentence: what was found, what was expected. No file name, no place: both are added by the caller. */
  readonly message: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly complaint: ImageComplaint };
