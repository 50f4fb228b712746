/** How a write ended: taken, refused as a whole, or broken off between two data frames. */
export type Written = "done" | "refused" | "broken";

/** Frames of one write that may be under way without an ACK; 1: each waits for the ACK before it. */
export type Window = number;

/** What the classic loader and FDCAN do each in its own way. Every verb has its own limit inside; false is a NACK. */
export interface Dialect {
  /** Most pages of one erase. */
  readonly longestList: number;
  /** Windows that are worth a trial, the widest first. */
  readonly windows: readonly Window[];
  /** Up to 256 bytes; `null` for a NACK. */
  read(at: number, length: number, signal: AbortSignal): Promise<Uint8Array | null>;
  /** Up to 256 bytes. `limitMs`: for the programming. */
  write(
    at: number,
    bytes: Uint8Array,
    window: Window,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Written>;
  erase(pages: readonly number[], limitMs: number, signal: AbortSignal): Promise<boolean>;
  eraseAll(limitMs: number, signal: AbortSignal): Promise<boolean>;
  go(at: number, signal: AbortSignal): Promise<boolean>;
  /** The second ACK comes before or behind the mass erase, or never: all three are right. */
  unprotect(limitMs: number, signal: AbortSignal): Promise<boolean>;
  /** Frames that come behind the end of a command, although its answer was whole. */
  spare(signal: AbortSignal): Promise<number>;
  /** Back to where the loader waits for a command, after a write that broke off. */
  recover(signal: AbortSignal): Promise<void>;
}
