import { commonText } from "../lib/pattern-examples.ts";
import type { Destination } from "./outbox.ts";
import type { LanguageCode } from "./view.ts";

/** Sounds and lights of a station, each a command of its own in the station file. */
export const signalNames = ["pass", "fail", "refuse", "idle"] as const;
export type SignalName = (typeof signalNames)[number];

/** How people work at a station: what the station file says beside its slots. */
export interface BenchRules {
  /** Who works here: told by a badge, by name and PIN, or by nobody (`--operator`). */
  readonly login: "badge" | "pin" | "none";
  /** What a badge looks like; `null`: a code that is nothing else. */
  readonly badge: RegExp | null;
  readonly language: LanguageCode;
  /** `pipelined`: each slot on its own. `tray`: all that is scanned, together. */
  readonly run: "pipelined" | "tray";
  /** What starts a board: the Enter of its scan, its insertion, or the Enter key. */
  readonly start: "enter" | "insert" | "key";
  /** A scanner on a serial line, read line by line; `null`: scanners are keyboards. */
  readonly scanner: { readonly device: string; readonly baud: number } | null;
  readonly scans: ScanRules;
  readonly orders: OrderRules | null;
  readonly golden: GoldenSample | null;
  /** Labels of units that pass; `null`: none are printed here. */
  readonly labels: LabelRules | null;
  /** Where finished attempts and decisions go. */
  readonly outbox: readonly Destination[];
  /** Words of a command: the program and its arguments, run without a shell. */
  readonly signals: Readonly<Partial<Record<SignalName, readonly string[]>>>;
}

/** How the text of a scan becomes what it means. */
export interface ScanRules {
  /** Taken off a scan that has it; "": nothing. */
  readonly prefix: string;
  readonly suffix: string;
  /** GS1 element strings: the barcode is AI 21. `gtin`: AI 01 must be this; `null`: any. */
  readonly gs1: { readonly gtin: string | null } | null;
  /** One code for a whole tray; `unit` is the barcode of a place, with {panel}, {slot}, {n:02}. */
  readonly panel: { readonly pattern: RegExp; readonly unit: string } | null;
  /** The code beside a slot; its first group is the slot's name. */
  readonly slot: RegExp;
}

/** What a work order's code looks like, and how its profile is found. */
export interface OrderRules {
  /** Groups: `order`, else the whole code; `profile`, `revision`, `quantity` where the code has them. */
  readonly pattern: RegExp;
  /** Folder of profile files; `null`: only orders of the sheet or of the books. */
  readonly profiles: string | null;
  /** A file that lists orders; `null`: none. */
  readonly sheet: string | null;
}

/** A label is printed on each PASS. */
export interface LabelRules {
  /** File of the label's definition. */
  readonly file: string;
  /** A scan of the printed label closes the unit. */
  readonly scanBack: boolean;
}

/** A board that is known to be good, read at the start of each shift and never written. */
export interface GoldenSample {
  readonly barcode: string;
  /** Its UID, 24 hex digits; `null`: what its own record says. */
  readonly uid: string | null;
}

/** The code beside a slot where the station file says nothing. */
export const plainSlotCode = /^GF:SLOT:([A-Za-z0-9_-]{1,8})$/u;

/** Command cards, as keys are scanned where gloves are worn. */
export const commandCards = /^GF:(?:ENTER|ESC|SPACE|UP|DOWN|LEFT|RIGHT|F[1-9])$/u;

/** What else of a station's scans has this pattern too: its name in the station file, and a text of both; or `null`. */
export function alsoRead(
  { badge, orders, scans }: Pick<BenchRules, "badge" | "orders" | "scans">,
  barcode: RegExp,
): { readonly what: string; readonly text: string } | null {
  const others: readonly (readonly [string, RegExp | null])[] = [
    ["a command card", commandCards],
    ["badge", badge],
    ["orders.pattern", orders?.pattern ?? null],
    ["scans.slot", scans.slot],
    ["scans.panel.pattern", scans.panel?.pattern ?? null],
  ];
  for (const [what, pattern] of others) {
    const text = pattern === null ? null : commonText(pattern, barcode);
    if (text !== null) return { what, text };
  }
  return null;
}

/** A station whose file says nothing of how people work. */
export const plainRules: BenchRules = {
  login: "none",
  badge: null,
  language: "en",
  run: "pipelined",
  start: "enter",
  scanner: null,
  scans: { prefix: "", suffix: "", gs1: null, panel: null, slot: plainSlotCode },
  orders: null,
  golden: null,
  labels: null,
  outbox: [],
  signals: {},
};
