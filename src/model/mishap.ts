/**
 * Trouble planned for a simulated board (contract, "Trial, simulated"). Counts of bytes are bytes of image data that
 * the host has written since the board was put in.
 */
export interface Mishap {
  /** The board is pulled once so many bytes are written. */
  readonly pullAt?: number;
  /** The n-th block written (from 1) is refused, once; a negative number refuses every block from there on. */
  readonly nackWrite?: number;
  /** The board falls silent once so many bytes are written; 0: it never answers at all. */
  readonly muteAfter?: number;
  /** Bit 0 of the n-th byte written (from 0) flips in flash: verify must find it. */
  readonly flipBit?: number;
  /** Another board of the same kind lies there once so many bytes are written. */
  readonly swapAt?: number;
  /** Delivered with read protection. */
  readonly protected?: boolean;
  /** Answers as another chip. */
  readonly wrongChip?: boolean;
  /** The n-th block read (from 1) comes back with one bit wrong, once; the flash is right. */
  readonly noiseRead?: number;
  /** Erases take this many times their typical time. */
  readonly slowErase?: number;
  /** Option bytes are acknowledged and do not hold. */
  readonly optionsStick?: boolean;
  /** Carries this UID (24 hex digits) instead of one of its own. */
  readonly uid?: string;
}
