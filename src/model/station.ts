import type { BenchRules } from "./bench-rules.ts";
import type { Entry } from "./entry.ts";
import type { Mishap } from "./mishap.ts";
import type { Port } from "./port.ts";

/** A modem line of a serial adapter that drives a pin of the board; `!` means inverted. */
export type LineChoice = "dtr" | "rts" | "!dtr" | "!rts" | "none";

export interface Slot {
  readonly name: string;
  readonly port: Port;
  readonly baud: number;
  readonly boot0: LineChoice;
  readonly reset: LineChoice;
  /** How a running application is brought into its loader; `null`: as the profile says. */
  readonly entry: Entry | null;
  /** Highest CAN rate to change to, bit/s. */
  readonly bitrate: number;
  /** Supply of the board in volts; `null`: unknown, so byte-wide programming. */
  readonly supply: number | null;
  /** Socket that feeds the board, a topology path: its power may be cycled; `null`: nobody may. */
  readonly power: string | null;
  /** Slots that name the same bus take turns on it. */
  readonly bus: string | null;
  /** Simulated boards: as fast as the machine can, or in bench time. */
  readonly pace: "fast" | "real";
  readonly mishap: Mishap;
}

export interface Station {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** The bench as the operator sees it, row by row from the left: a slot's place in `slots`, or a gap. */
  readonly places: readonly (number | null)[];
  readonly timezone: string | null;
  /** In tray order. */
  readonly slots: readonly Slot[];
  readonly rules: BenchRules;
  /** SHA-256 of the file's text: the configuration that a record names. */
  readonly hash: string;
}
