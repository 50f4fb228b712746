/** How an attempt that did not pass ended (contract, Outcomes). */
export type Verdict = "FAIL" | "TIMEOUT" | "ERROR" | "ABORTED" | "SKIPPED";

interface FaultRow {
  readonly verdict: Verdict;
  /** What the operator does with this board: one sentence of at most 60 columns (screens.md, section 6). */
  readonly say: string;
}

/** Every code there is. A code never changes its meaning; its words may improve. */
export const faults = {
  WRONG_CHIP: { verdict: "FAIL", say: "Wrong chip for this order. Put board in red bin." },
  PROTECTED: { verdict: "FAIL", say: "Chip is locked. Put board in red bin." },
  CHIP_REFUSED: { verdict: "FAIL", say: "Chip refused the data. Put board in red bin." },
  CHIP_BUSY: { verdict: "TIMEOUT", say: "Chip never got ready. Put board in red bin." },
  LOADER_FAULT: { verdict: "FAIL", say: "Loader cannot do this job. Keep board, call the engineer." },
  DFU_STALLED: { verdict: "FAIL", say: "USB talk broke off. Leave it in, scan it again." },
  LINK_NOISE: { verdict: "FAIL", say: "Bad contact. Press the board down, scan it again." },
  VERIFY_MISMATCH: { verdict: "FAIL", say: "Flash differs from the image. Put board in red bin." },
  DATA_MISMATCH: { verdict: "FAIL", say: "Serial number is wrong in the chip. Put board in red bin." },
  OPTION_MISMATCH: { verdict: "FAIL", say: "Chip settings did not hold. Put board in red bin." },
  OPTION_UNKNOWN: { verdict: "FAIL", say: "Lock state unknown. Take it out, put it back, scan again." },
  BOARD_CHANGED: { verdict: "FAIL", say: "Another board lies here now. Put both in red bin." },
  BOARD_LEFT: { verdict: "FAIL", say: "Board came out. Put it back, scan it again." },
  UNIT_MISMATCH: { verdict: "FAIL", say: "Chip and label do not match. Keep apart, call the lead." },
  SERIAL_OTHER: { verdict: "FAIL", say: "Chip holds a number of another unit. Keep apart, call lead." },
  LABEL_MISMATCH: { verdict: "FAIL", say: "Label and chip differ. Put board and label in red bin." },
  LINK_SILENT: { verdict: "TIMEOUT", say: "No answer. Press down, check BOOT0 and power, scan again." },
  NO_BOARD: { verdict: "TIMEOUT", say: "No board in this slot. Put it in, scan it again." },
  BOARD_NOT_BACK: { verdict: "TIMEOUT", say: "Board did not come back. Put it in again, scan it again." },
  ENTRY_REFUSED: { verdict: "FAIL", say: "Board refuses update mode. Keep it, call the engineer." },
  ENTRY_IGNORED: { verdict: "TIMEOUT", say: "Board stays in its application. Put it in again, scan it." },
  ENTRY_NO_PORT: { verdict: "ERROR", say: "Board's serial port is missing. Keep it, call maintenance." },
  CAN_TWO_BOARDS: { verdict: "FAIL", say: "Two boards answer on one cable. Leave one in, scan it again." },
  CAN_DEAD: { verdict: "ERROR", say: "CAN line is dead. Put board in another slot, scan it again." },
  ADAPTER_LOST: { verdict: "ERROR", say: "Adapter is gone. Put board in another slot, scan it again." },
  ADAPTER_BUSY: { verdict: "ERROR", say: "Adapter is in use elsewhere. Keep board, call maintenance." },
  ADAPTER_RATE: { verdict: "ERROR", say: "Adapter cannot do this bit rate. Keep board, call engineer." },
  RECORD_FAILED: { verdict: "ERROR", say: "Cannot write the record. Keep this board, call maintenance." },
  STATION_BUG: { verdict: "ERROR", say: "Station failed, not the board. Keep it, call maintenance." },
  INTERRUPTED: { verdict: "ABORTED", say: "Stopped by hand. Leave it in, scan it again." },
  STOPPED_BY_POWER: { verdict: "ABORTED", say: "Station went off during this board. Scan it again." },
  FOREIGN_DEVICE: { verdict: "SKIPPED", say: "Not one of our boards. Take it out of this slot." },
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof faults;

/** Verdicts on the board itself: until its rework is noted, such a board runs again only where it still lies. */
export const binned: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "WRONG_CHIP",
  "PROTECTED",
  "CHIP_REFUSED",
  "CHIP_BUSY",
  "VERIFY_MISMATCH",
  "DATA_MISMATCH",
  "OPTION_MISMATCH",
  "LABEL_MISMATCH",
  "BOARD_CHANGED",
]);

/** What stands for a board's sentence when it failed twice in a row with the same code; the record keeps the code. */
export const failedTwice = "Failed again in the same way. Put board in red bin.";

/**
 * Why an attempt ends without a pass. Thrown where it happens, caught once at the end of the attempt; `detail` is
 * for the engineer: what was sent, asked, answered.
 */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly detail: string;

  constructor(code: FaultCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.name = "Fault";
    this.code = code;
    this.detail = detail;
  }

  get verdict(): Verdict {
    return faults[this.code].verdict;
  }

  /** The operator's sentence. */
  get say(): string {
    return faults[this.code].say;
  }
}

/** What is not a Fault is a mistake of ours, never "link lost". */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Fault("STATION_BUG", detail, { cause: error });
}
