/** A key of the key row; each is also a command card (screens.md, section 5). */
const keyNames = [
  "Enter",
  "Esc",
  "Space",
  "Arrows",
  "?",
  "F2",
  "F3",
  "F4",
  "F5",
  "F6",
  "F7",
  "F8",
  "F9",
  "Ctrl-C",
] as const;
export type KeyName = (typeof keyNames)[number];

/** What a key does now. */
export type KeyDeed =
  | "seen"
  | "start"
  | "check-again"
  | "print-again"
  | "pause"
  | "go-on"
  | "close-view"
  | "undo-scan"
  | "no"
  | "yes"
  | "choose-slot"
  | "other-reason"
  | "help"
  | "numbers"
  | "details"
  | "next-page"
  | "look-up"
  | "retire"
  | "teach"
  | "keep-port"
  | "write-map"
  | "end-teaching"
  | "restore"
  | "close-order"
  | "type-code"
  | "reject"
  | "next-mishap"
  | "log-out"
  | "leave"
  | "stop-them"
  | "stop-at-once";

/** What row 23 offers, the most needed first; what this person may not do is not among it. */
export interface KeyHint {
  readonly key: KeyName;
  readonly does: KeyDeed;
}

/** Keys beside Enter, Esc, Space and Ctrl-C. */
export const functionKeys = [
  "help",
  "numbers",
  "details",
  "look-up",
  "slot",
  "order",
  "type",
  "reject",
  "log-out",
  "up",
  "down",
  "left",
  "right",
] as const;
/** F1 or ?, F2 to F9 in this order, and the arrows. */
export type FunctionKey = (typeof functionKeys)[number];
