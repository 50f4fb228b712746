import type { Wire } from "../../model/family.ts";
import type { Mishap } from "../../model/mishap.ts";

/** A wire and a chip that has a loader on it; each of these tells its UID. */
export interface TriedWire {
  readonly name: string;
  readonly chip: string;
  readonly wire: Wire;
}

export const triedWires: readonly TriedWire[] = [
  { name: "USB DFU, older ROM", chip: "STM32F072CB", wire: "usb" },
  { name: "USB DFU, newer ROM", chip: "STM32G474CB", wire: "usb" },
  { name: "UART", chip: "STM32F103C8", wire: "uart" },
  { name: "CAN", chip: "STM32L433CC", wire: "can" },
  { name: "CAN FD", chip: "STM32G0B1CB", wire: "can" },
];

/** A chip setting that each of them has as 1 from the factory, so that a 0 is a change. */
export const triedOption = { name: "nRST_STOP", factory: 1, wanted: 0 } as const;

/** Trouble of one board, and how its attempt must end (contract.md, Outcomes). */
export interface PlannedTrouble {
  /** What happens, in words of the bench. */
  readonly what: string;
  readonly mishap: Mishap;
  readonly word: string;
  /** The flash in the end: as wanted, as it was before; `null`: nothing is said of it. */
  readonly flash: "right" | "untouched" | null;
}

/** `twin`: the UID of a unit that was made before. */
export const plannedTrouble = (twin: string): readonly PlannedTrouble[] => [
  {
    what: "a bit flips in flash (flipBit)",
    mishap: { flipBit: 3000 },
    word: "FAIL VERIFY_MISMATCH",
    flash: null,
  },
  {
    what: "board pulled while it is written (pullAt)",
    mishap: { pullAt: 4096 },
    word: "FAIL BOARD_LEFT",
    flash: null,
  },
  {
    what: "one block refused once (nackWrite 3)",
    mishap: { nackWrite: 3 },
    word: "PASS marginal",
    flash: "right",
  },
  {
    what: "every block refused (nackWrite -3)",
    mishap: { nackWrite: -3 },
    word: "FAIL CHIP_REFUSED",
    flash: null,
  },
  {
    what: "board says nothing from the start (muteAfter 0)",
    mishap: { muteAfter: 0 },
    word: "TIMEOUT LINK_SILENT",
    flash: null,
  },
  {
    what: "board falls silent in the middle (muteAfter)",
    mishap: { muteAfter: 4096 },
    word: "TIMEOUT LINK_SILENT",
    flash: null,
  },
  {
    what: "one read comes back wrong once (noiseRead)",
    mishap: { noiseRead: 3 },
    word: "PASS marginal",
    flash: "right",
  },
  {
    what: "another board lies there in the middle (swapAt)",
    mishap: { swapAt: 4096 },
    word: "FAIL BOARD_CHANGED",
    flash: null,
  },
  {
    what: "chip is read-protected (protected)",
    mishap: { protected: true },
    word: "FAIL PROTECTED",
    flash: "untouched",
  },
  {
    what: "another chip answers (wrongChip)",
    mishap: { wrongChip: true },
    word: "FAIL WRONG_CHIP",
    flash: "untouched",
  },
  {
    what: "chip settings do not hold (optionsStick)",
    mishap: { optionsStick: true },
    word: "FAIL OPTION_MISMATCH",
    flash: null,
  },
  {
    what: "UID of another unit under this label (uid)",
    mishap: { uid: twin },
    word: "FAIL UNIT_MISMATCH",
    flash: "untouched",
  },
  {
    what: "erase takes three times its time (slowErase)",
    mishap: { slowErase: 3 },
    word: "PASS",
    flash: "right",
  },
];
