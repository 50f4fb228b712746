import { faults } from "../model/fault.ts";
import type { FaultCode } from "../model/fault.ts";
import type { RefusalCode, StationView, StopCode } from "../model/view.ts";

/** Everything that rows 6 and the key row say in one language. A sentence has at most 60 columns. */
export interface Sentences {
  /** What to do with this board. */
  readonly faults: Readonly<Record<FaultCode, string>>;
  /** What to do with a board whose scan was not taken; `{of}` is a slot or an order. */
  readonly refused: Readonly<Record<RefusalCode, string>>;
  readonly stop: Readonly<Record<StopCode, string>>;
  readonly mode: Readonly<Record<StationView["mode"], string>>;
  readonly running: (running: number, of: number) => string;
  readonly leaveIn: string;
  readonly notForSale: string;
  readonly about: (ms: number) => string;
  readonly paused: (running: number) => string;
  readonly leave: (running: number) => string;
  readonly stopping: (running: number) => string;
  readonly scan: (slot: string) => string;
  /** In a demonstration nobody has a scanner. */
  readonly type: (barcode: string, slot: string) => string;
  readonly unload: string;
  readonly done: (failed: number) => string;
  readonly stillRunning: (running: number) => string;
  readonly tooSmall: (need: string, is: string) => string;
  readonly runGoesOn: string;
  /** How a fault's sentence names the red bin. */
  readonly redBin: string;
  readonly keys: {
    readonly seen: string;
    readonly seenRedBin: string;
    readonly pause: string;
    readonly goOn: string;
    readonly leave: string;
    readonly stopThem: string;
    readonly stopAtOnce: string;
    readonly stay: string;
    readonly take: string;
    readonly drop: string;
    readonly type: (barcode: string) => string;
  };
}

const boards = (count: number): string => (count === 1 ? "1 board" : `${count} boards`);

const english: Sentences = {
  faults: Object.fromEntries(Object.entries(faults).map(([code, row]) => [code, row.say])) as Record<
    FaultCode, // the table's own keys, which `entries` forgets
    string
  >,
  refused: {
    SCAN_FORMAT: "Not a label of this product. Scan the label on the board.",
    SCAN_IN_TRAY: "Lies in the tray already: {of}. Take the next board.",
    SCAN_PASSED: "Has passed already. Put it with the good boards.",
    SCAN_REWORK: "Failed before, no rework noted. Put board in red bin.",
    SCAN_OTHER_ORDER: "Belongs to order {of}. Put it back there.",
    SCAN_NO_SLOT: "No free slot. Keep this board for the next tray.",
    SCAN_FULL: "Order is complete. Keep this board, call the lead.",
    ACK_FIRST: "First press Enter for slot {of}. Then scan this again.",
    SLOT_RETIRED: "This slot is retired. Put the board in another slot.",
    SERIALS_OUT: "Numbers run out: nothing started. Keep boards, call lead.",
    STATION_PAUSED: "Station is paused. Press Space, then scan this again.",
    RECORDS_REFUSED: "No record, no start. Keep this board, call maintenance.",
    GATE_CLOSED: "First article is not accepted yet. Keep this board.",
    SCAN_GTIN: "Label of another product ({of}). Keep apart, call lead.",
    SLOT_TAKEN: "Slot {of} is taken. Scan another slot.",
    BADGE_UNKNOWN: "Nobody here has this badge. Call the lead.",
    PIN_WRONG: "Name and PIN do not belong together. Try again.",
    NO_RIGHT: "{of} may not do that. Call the lead.",
    SECOND_PERSON: "Somebody else than {of} must accept it.",
    LOG_IN_FIRST: "Nobody is logged in. Scan your badge first.",
    ORDER_FIRST: "No order is open. Scan the work order first.",
    ORDER_UNKNOWN: "No profile is known for this order. Call the lead.",
    ORDER_CLOSED: "This order is closed. Call the lead.",
    ORDER_BROKEN: "This order cannot be opened. Call the engineer.",
    BOARDS_RUN: "{of} boards run. Wait for them, then scan this again.",
    PROFILE_EARLY: "This profile may not run before {of}. Call the lead.",
    PROFILE_OVER: "This profile may not run after {of}. Call the lead.",
    PROFILE_LIMIT: "The profile's limit of {of} units is reached. Call lead.",
    GOLDEN_FIRST: "First the golden sample: scan {of}.",
    CARD_USELESS: "{of} does nothing here.",
    NOTHING_ARMED: "Nothing is scanned. Scan a board first.",
  },
  stop: {
    RECORDS_LOST: "Records cannot be written. Load nothing, call maintenance.",
    STATION_UNFIT: "Station not fit. Do not load boards. Call maintenance.",
    GOLDEN_FAILED: "Golden sample failed. Load nothing, call maintenance.",
  },
  mode: { production: "", trial: "TRIAL. ", rehearsal: "REHEARSAL. " },
  running: (running, of) => `Running ${running} of ${of}.`,
  leaveIn: "Leave those boards in.",
  notForSale: "These boards are not for sale.",
  about: (ms) => (ms < 100_000 ? `About ${Math.ceil(ms / 1000)} s.` : `About ${Math.ceil(ms / 60_000)} min.`),
  paused: (running) =>
    running === 0
      ? "Paused. Nothing runs, nothing starts. Space goes on."
      : `Paused. ${boards(running)} still run${running === 1 ? "s" : ""}: leave in. Space goes on.`,
  leave: (running) =>
    `${boards(running)} run${running === 1 ? "s" : ""}. Ctrl-C again stops ${running === 1 ? "it" : "them"}. Esc goes on.`,
  stopping: (running) => `Stopping ${boards(running)}. Leave in. Ctrl-C again stops at once.`,
  scan: (slot) => `Scan next board: the one in ${slot}.`,
  type: (barcode, slot) => `Type ${barcode} and Enter: that board runs in ${slot}.`,
  unload: "All slots are taken. Take out the boards that are done.",
  done: (failed) =>
    failed === 0
      ? "Order done, no board failed. Call the lead."
      : `Order done. Red bin must hold ${boards(failed)}. Call the lead.`,
  stillRunning: (running) => `${boards(running)} run${running === 1 ? "s" : ""}`,
  tooSmall: (need, is) => `Window too small: it must be ${need}, it is ${is}.`,
  runGoesOn: "The run goes on.",
  redBin: "red bin",
  keys: {
    seen: "Enter seen",
    seenRedBin: "Enter seen, board is in the red bin",
    pause: "Space pause",
    goOn: "Space go on",
    leave: "Ctrl-C leave",
    stopThem: "Ctrl-C stop them",
    stopAtOnce: "Ctrl-C stop at once",
    stay: "Esc go on",
    take: "Enter takes it",
    drop: "Esc drops it",
    type: (barcode) => `type ${barcode} and Enter`,
  },
};

export const languages = { en: english } as const satisfies Record<string, Sentences>;
export type Language = keyof typeof languages;
