/** Why a scan or a key was not taken (screens.md, section 6). */
export const refusalCodes = [
  "SCAN_FORMAT",
  "SCAN_IN_TRAY",
  "SCAN_PASSED",
  "SCAN_REWORK",
  "SCAN_OTHER_ORDER",
  "SCAN_NO_SLOT",
  "SCAN_FULL",
  "ACK_FIRST",
  "SLOT_RETIRED",
  "SERIALS_OUT",
  "STATION_PAUSED",
  "RECORDS_REFUSED",
  /** The first article is not accepted yet. */
  "GATE_CLOSED",
  /** The GTIN in the code is another product's; `of`: the GTIN. */
  "SCAN_GTIN",
  /** No board lies in the slot that the scan chose, or its slot runs; `of`: the slot. */
  "SLOT_TAKEN",
  /** A badge that nobody here has. */
  "BADGE_UNKNOWN",
  /** Name and PIN do not belong together. */
  "PIN_WRONG",
  /** The person's role may not do that; `of`: the name. */
  "NO_RIGHT",
  /** Somebody else must do that; `of`: the name. */
  "SECOND_PERSON",
  "LOG_IN_FIRST",
  "ORDER_FIRST",
  /** No rule finds a profile for this order; `of`: the order. */
  "ORDER_UNKNOWN",
  /** `of`: the order, which is closed. */
  "ORDER_CLOSED",
  /** The order's file or profile has a mistake; `of`: the first one. */
  "ORDER_BROKEN",
  /** Boards run, so that this waits; `of`: how many. */
  "BOARDS_RUN",
  /** The profile may not run yet; `of`: the day. */
  "PROFILE_EARLY",
  /** The profile may not run any more; `of`: the day. */
  "PROFILE_OVER",
  /** The profile's own limit of units is reached; `of`: the limit. */
  "PROFILE_LIMIT",
  /** The golden sample comes first; `of`: its barcode. */
  "GOLDEN_FIRST",
  /** A command card or key that does nothing here; `of`: the key. */
  "CARD_USELESS",
  /** A label was scanned that is not the one of this unit; `of`: its slot. */
  "LABEL_OTHER",
  /** The label of a unit that passed is scanned first; `of`: its slot. */
  "LABEL_FIRST",
  /** Teach-in runs: nothing else is taken. */
  "TEACHING",
  /** Teach-in: this port is a slot's already; `of`: the slot. */
  "PORT_TAKEN",
  /** The map of ports could not be written; `of`: why. */
  "TEACH_FAILED",
  /** Enter was pressed and nothing is scanned. */
  "NOTHING_ARMED",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** Why nothing may run; the fit panel says more. */
export type StopCode = "RECORDS_LOST" | "STATION_UNFIT" | "GOLDEN_FAILED";
