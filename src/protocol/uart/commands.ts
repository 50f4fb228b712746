import { deadlines } from "../../lib/deadline.ts";
import { toHex } from "../../lib/bytes.ts";
import { sleep } from "../../lib/clock.ts";
import { Fault } from "../../model/fault.ts";
import type { ByteLink } from "../links.ts";
import { ACK, BUSY, NACK, SYNC, command } from "./frames.ts";

/**
 * Limit for an answer that needs no flash work, ms, beside its time on the wire. stm32flash gives 1000, stm32loader 5000
 * (section 7). A machine that is busy with twenty boards may take longer than the first to pass an answer on.
 */
export const replyMs = 3000;
/** How often and how long the sync byte is tried: the slowest loader listens 2.6 s after its reset (section 1.1). */
const syncTries = 10;
const syncWaitMs = 500;

/** Time in which a loader refuses two bytes that are no command, ms; and the end of an answer that nobody wants. */
const refuseMs = 100;
/** So often at most, while a loader still refuses the rest of a frame. */
const longestRest = 30;

/** Sends frames, waits for answers, compares. Knows nothing of what is written where. */
export interface Exchange {
  /** Commands that were taken only when they were sent again. */
  repeats(): number;
  /** Sync byte until the loader answers; ACK and NACK both mean that it is there. */
  sync(signal: AbortSignal): Promise<void>;
  /** Drains the line, sends a command, waits for its ACK. False for a NACK, twice. */
  command(code: number, signal: AbortSignal): Promise<boolean>;
  /** Sends a frame and waits for its ACK, at most `ms` beside the wire's own time. False for a NACK. */
  frame(bytes: Uint8Array, what: string, signal: AbortSignal, ms?: number): Promise<boolean>;
  /** `count` bytes of an answer. */
  answer(count: number, what: string, signal: AbortSignal, ms?: number): Promise<Uint8Array>;
}

export function exchange(link: ByteLink, baud: number): Exchange {
  // 11 bits a byte (section 1), and half as much again for adapters that send in lumps.
  const wireMs = (bytes: number): number => (bytes * 11 * 1500) / baud;

  const limits = deadlines(link.clock);
  let repeated = 0;

  async function answer(count: number, what: string, signal: AbortSignal, ms = replyMs): Promise<Uint8Array> {
    const limit = ms + wireMs(count);
    using until = limits.start(signal, limit, () => silent(what, limit));
    return await link.receive(count, until.signal);
  }

  async function acknowledged(what: string, ms: number, signal: AbortSignal): Promise<boolean> {
    using until = limits.start(signal, ms, () => silent(what, ms));
    for (;;) {
      const [byte] = await link.receive(1, until.signal);
      if (byte === ACK) return true;
      if (byte === NACK) return false;
      if (byte === BUSY) continue;
      // A line that went low reads as 00: the board is out of the slot, or without power.
      if (byte === 0x00) throw new Fault("BOARD_LEFT", `the line went low in ${what}`);
      throw new Fault("LINK_NOISE", `${what} was answered 0x${toHex(Uint8Array.of(byte ?? 0))}`);
    }
  }

  function frame(bytes: Uint8Array, what: string, signal: AbortSignal, ms = replyMs): Promise<boolean> {
    link.send(bytes);
    return acknowledged(what, ms + wireMs(bytes.length), signal);
  }

  async function heardWithin(ms: number, what: string, signal: AbortSignal): Promise<number | undefined> {
    try {
      using until = limits.start(signal, ms, () => silent(what, ms));
      return (await link.receive(1, until.signal))[0];
    } catch (error) {
      if (error instanceof Fault && error.code === "LINK_SILENT" && !signal.aborted) return undefined;
      throw error;
    }
  }

  /**
   * A byte too many or too few on the line makes the chip take halves of two commands for one, and refuse all from
   * there on. When the rest of what was sent is through, the sync byte until it is refused: alone it ends a command that
   * is half there, two of them are none (section 1.1). Nothing else is ever sent to fill a frame (section 5).
   */
  async function align(signal: AbortSignal): Promise<void> {
    for (let waits = 1; waits <= longestRest; waits += 1) {
      await sleep(link.clock, refuseMs, signal);
      if (link.drain() === 0) break;
    }
    for (let tries = 1; tries <= 2; tries += 1) {
      link.drain();
      link.send(Uint8Array.of(SYNC));
      const heard = await heardWithin(refuseMs, "the sync byte", signal);
      if (heard === undefined) continue;
      if (heard !== NACK) await sleep(link.clock, refuseMs, signal);
      return;
    }
  }

  return {
    repeats: () => repeated,
    answer,
    frame,
    async command(code, signal) {
      link.drain();
      const name = `command 0x${code.toString(16).padStart(2, "0")}`;
      if (await frame(command(code), name, signal)) return true;
      await align(signal);
      link.drain();
      if (!(await frame(command(code), name, signal))) return false;
      repeated += 1;
      return true;
    },
    async sync(signal) {
      let heard: number | undefined;
      for (let tries = 1; tries <= syncTries; tries += 1) {
        link.drain();
        link.send(Uint8Array.of(SYNC));
        heard = (await heardWithin(syncWaitMs, "the sync byte", signal)) ?? heard;
        if (heard === ACK || heard === NACK) return;
        if (tries % 3 === 0) await link.resetToLoader(signal);
      }
      if (heard !== undefined)
        throw new Fault("LINK_NOISE", `the sync byte was answered 0x${toHex(Uint8Array.of(heard))}`);
      throw new Fault("LINK_SILENT", `no answer to ${syncTries} sync bytes in ${syncTries * syncWaitMs} ms`);
    },
  };
}

function silent(what: string, ms: number): Fault {
  return new Fault("LINK_SILENT", `no answer to ${what} within ${Math.round(ms)} ms`);
}
