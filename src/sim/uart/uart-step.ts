export const ACK = 0x79;
export const NACK = 0x1f;

/** A part of a frame the loader waits for: so many bytes, then what it does with them. */
export interface Expect {
  count: number;
  act: (bytes: Uint8Array) => Step;
}
/** What the loader sends and expects next; `next` absent: back to waiting for a command. */
export interface Step {
  readonly say?: readonly number[] | Uint8Array;
  /** Time before the answer starts, ms: flash work. */
  readonly ms?: number;
  readonly next?: Expect;
  readonly after?: "reset" | "launch" | "silent";
}
