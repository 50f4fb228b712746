/** 2D codes and bars that a label may carry. */
export const labelCodes = ["datamatrix", "qr", "code128"] as const;
export type LabelCode = (typeof labelCodes)[number];

/** One thing on a label, mm from its upper left corner. `text` may have tokens, such as `{serial}`. */
export type LabelItem =
  | {
      readonly kind: "text";
      readonly text: string;
      readonly x: number;
      readonly y: number;
      readonly high: number;
    }
  | {
      readonly kind: "code";
      readonly code: LabelCode;
      readonly text: string;
      readonly x: number;
      readonly y: number;
      /** Edge of one module, or width of the thinnest bar, mm. */
      readonly module: number;
      /** Height of the bars of a code128, mm. */
      readonly high: number;
    };

/** Where labels go as ZPL. */
export type LabelPrinter =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "command"; readonly words: readonly string[] };

/** What a label looks like. Read from a file of `labels/`. */
export interface LabelDefinition {
  readonly name: string;
  /** mm. */
  readonly width: number;
  readonly height: number;
  /** Dots per mm of the printer's head: 6, 8, 12 or 24. */
  readonly dots: number;
  readonly copies: number;
  readonly items: readonly LabelItem[];
  readonly printer: LabelPrinter | null;
}

/** What `{…}` on a label may name. */
export const labelTokens = [
  "barcode",
  "serial",
  "uid",
  "product",
  "part",
  "profile",
  "revision",
  "batch",
  "date",
] as const;
export type LabelToken = (typeof labelTokens)[number];

const token = /\{([^{}]*)\}/g;

/** The first `{…}` that means nothing, or `null`. */
export function strangeToken(text: string): string | null {
  for (const [whole, name = ""] of text.matchAll(token))
    if (!(labelTokens as readonly string[]).includes(name)) return whole;
  return null;
}

/** The text with its tokens replaced; `null` values are told through `missing`. */
export function fillTokens(
  text: string,
  values: Readonly<Record<LabelToken, string | null>>,
  missing: (name: LabelToken) => void,
): string {
  return text.replaceAll(token, (_whole, name: string) => {
    // Checked when the file was read.
    const known = labelTokens.find((one) => one === name);
    if (known === undefined) return "";
    const value = values[known];
    if (value === null) missing(known);
    return value ?? "";
  });
}
