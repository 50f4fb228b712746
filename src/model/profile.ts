import type { Entry } from "./entry.ts";
import type { ChipChoice } from "./family.ts";
import type { Image } from "./memory.ts";
import type { SerialFormat } from "./serial.ts";

export type SerialPolicy = "consume-on-success" | "burn-on-failure" | "keep-existing";

export interface SerialSpec {
  readonly series: string;
  readonly format: SerialFormat;
  readonly start: number;
  /** Last number of the range, itself included; `null`: as far as the format's digits go. */
  readonly end: number | null;
  readonly policy: SerialPolicy;
}

/** A block of EUI-48 (6 bytes) or EUI-64 (8 bytes) addresses; one series of the ledger, like serial numbers. */
export interface MacSpec {
  readonly series: string;
  readonly first: bigint;
  readonly bytes: 6 | 8;
  readonly count: number;
}

/** How a field's value becomes bytes, by the name that a profile gives it. */
export const fieldKinds = {
  text: ["ascii", "utf16le", "bcd", "hex", "eui48", "eui64"],
  integer: ["u8", "u16le", "u16be", "u32le", "u32be", "u64le", "u64be"],
  crc: ["crc32", "crc32-stm32"],
} as const;
export type TextKind = (typeof fieldKinds.text)[number];
export type IntegerKind = (typeof fieldKinds.integer)[number];
export type CrcKind = (typeof fieldKinds.crc)[number];

/** One per-unit field laid over the image (contract, Fields). */
export type DataField =
  | {
      readonly kind: "text";
      readonly name: string;
      readonly at: number;
      readonly as: TextKind;
      /** Bytes of the field; the value is padded to it. */
      readonly length: number;
      readonly value: string;
    }
  | {
      readonly kind: "integer";
      readonly name: string;
      readonly at: number;
      readonly as: IntegerKind;
      readonly length: number;
      readonly value: string;
    }
  | {
      readonly kind: "crc";
      readonly name: string;
      readonly at: number;
      readonly as: CrcKind;
      readonly length: 4;
      /** First and last address, both included. */
      readonly over: readonly [number, number];
    };

export interface ProfileImage {
  readonly file: string;
  readonly sha256: string;
  readonly image: Image;
}

/** A checked recipe: everything that one attempt needs to know and that no unit changes. */
export interface Profile {
  readonly name: string;
  readonly revision: string;
  readonly product: { readonly name: string; readonly part: string | null };
  readonly chip: ChipChoice;
  readonly images: readonly ProfileImage[];
  readonly serial: SerialSpec | null;
  readonly mac: MacSpec | null;
  readonly data: readonly DataField[];
  /** Wanted option bytes by the name of the layout's field, protection included. */
  readonly optionBytes: ReadonlyMap<string, number>;
  readonly irreversible: readonly string[];
  readonly onProtected: "refuse" | "unprotect";
  readonly erase: "needed" | "all";
  readonly verify: "readback" | "checksum";
  readonly after: "run" | "reset" | "stay";
  /** How this product's running application is brought into its loader. */
  readonly entry: Entry;
  readonly barcode: RegExp | null;
  /** A second person accepts the first unit of each order before the next one starts. */
  readonly firstArticle: boolean;
  /** Most units that may pass in one order; `null`: no limit. */
  readonly limit: number | null;
  /** First and last day, `YYYY-MM-DD` in the station's time zone; `null`: no such day. */
  readonly from: string | null;
  readonly until: string | null;
  /** SHA-256 over the profile's text and the hashes of its images: what a release freezes. */
  readonly hash: string;
  readonly text: string;
}
