import { byteBuffer } from "../../lib/byte-buffer.ts";
import { sleep, type Clock } from "../../lib/clock.ts";
import type { ByteLink } from "../../protocol/links.ts";
import type { SimBoard } from "../board.ts";
import type { UartChip } from "./uart-chip.ts";

/** Reset pulse and the loader's own start, ms: what a bench with reset lines spends (section 1.1). */
const resetPulseMs = 10;

/**
 * A line with a simulated board at its end, in this process. Answers come when the wire and the flash would have let
 * them: on a bench clock at once, on the real one in real time. Its slot has lines for BOOT0 and RESET.
 */
export function simUartLink(board: SimBoard, chip: UartChip, clock: Clock): ByteLink {
  const buffer = byteBuffer();
  const pending = new Set<Disposable>();
  // A timer of the machine comes late, or a little early. The board counts only what the host takes between hearing an
  // answer and sending on, so that the lateness of one timer is made up by the next.
  let heard: { readonly at: number; readonly now: number } | null = null;
  const boardTime = (): number => (heard === null ? clock.now() : heard.at + (clock.now() - heard.now));

  return {
    clock,
    send(bytes) {
      for (const answer of chip.receive(bytes, boardTime())) {
        const timer = clock.after(answer.at - clock.now(), () => {
          pending.delete(timer);
          heard = { at: answer.at, now: clock.now() };
          buffer.push(answer.bytes);
        });
        pending.add(timer);
      }
    },
    receive: (count, signal) => buffer.take(count, signal),
    drain: () => buffer.clear(),
    async resetToLoader(signal) {
      chip.reset();
      await sleep(clock, resetPulseMs + board.chip().spec.family.bootMs, signal);
      return true;
    },
    async resetToApplication(signal) {
      chip.resetToApplication();
      await sleep(clock, resetPulseMs, signal);
      return true;
    },
    [Symbol.asyncDispose]() {
      for (const timer of pending) timer[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}
