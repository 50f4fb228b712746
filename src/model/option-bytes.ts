/** One named field of a layout, as a chip of one product id has it. */
export interface OptionField {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Address of the 32-bit little-endian word that holds the field. */
  readonly address: number;
  readonly bit: number;
  readonly width: number;
  /** Factory value, where a source gives one. */
  readonly factory: number | null;
  readonly values: ReadonlyMap<number | "other", string>;
  readonly danger: string | null;
  readonly note: string | null;
}

/** How a word is stored beside its complement (devices/option-bytes.md). */
export type OptionEncoding =
  | "byte-complement"
  | "half-word-complement"
  | "high-half-complement"
  | "double-word-complement"
  /** Registers: the word that is read, and 4 bytes on the one that takes what is written. Both get the value. */
  | "register-pairs"
  | "plain";

/** The option bytes of one product id: where they are, how they are coded, what they are called. */
export interface OptionLayout {
  readonly id: string;
  readonly encoding: OptionEncoding;
  /** Blocks to read and to write whole, in this order. Registers: write address = read address + `writeOffset`. */
  readonly blocks: readonly { readonly address: number; readonly size: number }[];
  readonly writeOffset: number;
  /** `null`: reachable through the loader; else the sentence that says why it is not. */
  readonly unreachable: string | null;
  readonly fields: readonly OptionField[];
}

/** Values by field name. */
export type OptionValues = ReadonlyMap<string, number>;

/** Wanted, before, and after the reset; `null` is "this transport cannot read it" or "not reached". */
export interface OptionRecord {
  readonly name: string;
  readonly wanted: number;
  readonly before: number | null;
  readonly after: number | null;
}
