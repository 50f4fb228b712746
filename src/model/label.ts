import type { AttemptRecord } from "./attempt.ts";
import { newDeed, type Deed } from "./deed.ts";
import type { Role } from "./person.ts";

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

/** What became of a label: it is out, or why not. A printer that is off is no failure of a board. */
export type Printed =
  | {
      readonly kind: "printed";
      /** Name of the label's definition. */
      readonly name: string;
      /** What a scanner reads from it. */
      readonly scans: readonly string[];
    }
  | { readonly kind: "not-printed"; readonly why: string };

/** Prints the label of a unit that passed. Never throws, and never takes longer than its limit. */
export type PrintLabel = (record: AttemptRecord) => Promise<Printed>;

/** How a station labels what passed. `scanBack`: a scan of the printed label closes the unit. */
export interface LabelDesk {
  readonly scanBack: boolean;
  readonly print: PrintLabel;
}

/**
 * Where the label of a unit that passed is. `pending`: the printer did not take it, and is asked again. `scan`: it is
 * out, and its own code is wanted from it.
 */
export type LabelStep = "printing" | "pending" | "scan";

/** A label that is not done with. */
export interface LabelDue {
  readonly slot: string;
  readonly barcode: string;
  readonly step: LabelStep;
  /** What a scanner reads from it, once it is out. */
  readonly scans: readonly string[];
}

/** A label that is out, or was scanned: one line of the audit log. */
export interface LabelOut {
  /** Name of the label's definition. */
  readonly name: string;
  readonly scans: readonly string[];
  readonly record: Pick<AttemptRecord, "seq" | "realm" | "batch" | "barcode" | "slot">;
}

/**
 * The line of the audit log that says that a label was printed, that a scan of it closed the unit, or that another code
 * was scanned in its place, which is `found`.
 */
export function labelDeed(
  kind: "label-printed" | "label-confirmed" | "label-refused",
  { name, scans, record }: LabelOut,
  by: string,
  at: Date,
  role: Role | null = null,
  found: string | null = null,
): Deed {
  const { realm, batch, barcode, slot, seq } = record;
  const detail = { label: name, record: seq, text: scans.join(" | ") };
  return newDeed(kind, at, by, {
    role,
    realm,
    batch,
    barcode,
    slot,
    detail: found === null ? detail : { ...detail, found },
  });
}

/** What a label that was printed reads as, out of its deed. */
export const scansOf = ({ detail: { text } }: Pick<Deed, "detail">): readonly string[] =>
  typeof text === "string" && text !== "" ? text.split(" | ") : [];

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
