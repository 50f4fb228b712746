import type { OperatorInput } from "../model/view.ts";
import { emptyWedge } from "./wedge-text.ts";
import { feed, settle, settleAt } from "./wedge.ts";
import type { Fed } from "./wedge.ts";

/** A terminal's input, or a stream that stands for one. */
export type ScreenInput = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  setRawMode?: (raw: boolean) => unknown;
};

export interface ScanReader {
  /** What stands in the scan line. */
  typed(): string;
  stop(): void;
}

/** A timer this late says that the loop was blocked and that input may lie unread. */
const lateMs = 20;
const graceMs = 30;

/**
 * Reads scans and keys from the raw terminal. `changed`: the scan line is another one now; `cursorAt`: the terminal said in
 * which column its cursor stands.
 */
export function readScans(
  stdin: ScreenInput,
  send: (input: OperatorInput) => void,
  changed: () => void,
  cursorAt: (column: number) => void,
): ScanReader {
  let state = emptyWedge;
  let timer: NodeJS.Timeout | null = null;

  function take(fed: Fed): void {
    const before = state.text;
    state = fed.state;
    for (const input of fed.inputs) {
      if (input.type === "cursor") cursorAt(input.column);
      else send(input);
    }
    if (state.text !== before) changed();
    arm();
  }

  function arm(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const due = settleAt(state);
    if (due !== null) timer = setTimeout(() => wake(due), Math.max(1, due - performance.now() + 1));
  }

  // After a stall the timer fires before the bytes that came meanwhile are read: they decide, not the silence.
  function wake(due: number): void {
    const silence = (): void => take(settle(state, performance.now()));
    if (performance.now() - due > lateMs) timer = setTimeout(silence, graceMs);
    else silence();
  }

  const onData = (piece: Uint8Array | string): void =>
    take(feed(state, typeof piece === "string" ? Buffer.from(piece) : piece, performance.now()));
  // The terminal may go while boards run: that ends the input, never the process.
  const onError = (): void => {};

  if (stdin.isTTY === true) stdin.setRawMode?.(true);
  stdin.on("error", onError);
  stdin.on("data", onData);
  stdin.resume();

  return {
    typed: () => state.text,
    stop() {
      if (timer !== null) clearTimeout(timer);
      stdin.off("data", onData);
      stdin.pause();
      try {
        if (stdin.isTTY === true) stdin.setRawMode?.(false);
      } catch {
        // A terminal that is gone has no mode to give back.
      }
    },
  };
}
