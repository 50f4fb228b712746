import { concat } from "../../src/lib/bytes.ts";
import { deadline } from "../../src/lib/deadline.ts";
import { Fault } from "../../src/model/fault.ts";
import type { Clock } from "../../src/lib/clock.ts";
import type { ControlAnswer } from "../../src/protocol/links.ts";
import type { Random } from "./random.ts";
import type { Seat, Tamper } from "./seat.ts";

/**
 * What happens at one transfer: the board leaves, before or after it took the transfer; it never answers again; the
 * adapter is pulled; the frame arrives spoilt, so that the chip itself refuses it; a stray byte comes before it; the answer is garbage, or too short.
 */
export const uartTroubles = ["gone", "silent", "adapter gone", "refused", "stray", "garbage"] as const;
export const usbTroubles = ["gone", "silent", "stall", "garbage"] as const;
export type Trouble = (typeof uartTroubles)[number] | (typeof usbTroubles)[number];

/** The board is away from there on. */
export const isAway = (trouble: Trouble): boolean => /gone|silent/.test(trouble);

/** A silent board is decided within 60 s, or within the chip table's limit during an erase (contract, Outcomes). */
export const decidedMs = 60_000;
export const slackMs = 2000;
/** Bench time until somebody has put the board in, or scanned it, again. */
export const handMs = 3000;

export interface TroubleAt extends Tamper {
  /** Transfers so far. */
  transfers(): number;
  /** Bench time at which the trouble came; `null`: not yet. */
  since(): number | null;
}

const forEver = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });

/** One trouble at transfer `i` (from 1) of all links of one attempt; 0: none, transfers are counted only. */
export function troubleAt(seat: Seat, trouble: Trouble, i: number, random: Random): TroubleAt {
  let count = 0;
  let since: number | null = null;
  const { clock } = seat;
  const happensNow = (): boolean => {
    count += 1;
    if (count !== i) return false;
    since = clock.now();
    return true;
  };
  const away = (): boolean => since !== null && isAway(trouble);
  // Every second time the chip still gets the transfer, and only its answer is lost; or only data is garbage, not the ACK.
  const after = i % 2 === 0;
  const left = (): Fault => new Fault("BOARD_LEFT", "the device left the bus");

  return {
    transfers: () => count,
    since: () => since,
    async opening(signal) {
      if (!away()) return;
      if (trouble === "adapter gone") throw new Fault("ADAPTER_LOST", "the adapter is not there");
      if (seat.wire === "usb") await notBack(clock, signal);
    },
    uart(link) {
      let spoilt = false;
      let low = 0;
      return {
        ...link,
        send(bytes) {
          const now = happensNow();
          spoilt = now && trouble === "garbage";
          if (now && away() && after) link.send(bytes);
          if (now && trouble === "gone") low = 1;
          if (away()) return;
          if (now && trouble === "refused") {
            const bad = bytes.slice();
            bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 0x01;
            link.send(bad);
          } else if (now && trouble === "stray") link.send(concat([random.bytes(1), bytes]));
          else link.send(bytes);
        },
        async receive(length, signal) {
          if (away() && trouble === "adapter gone") throw new Fault("ADAPTER_LOST", "the adapter is gone");
          // A line without a board reads as one low byte, and then as nothing.
          if (away() && low > 0) {
            low = 0;
            return new Uint8Array(length);
          }
          if (away()) return await forEver(signal);
          const bytes = await link.receive(length, signal);
          return spoilt && (length > 1 || !after) ? random.bytes(length) : bytes;
        },
      };
    },
    can(link) {
      let unheard = 0;
      const lost = (): Fault => new Fault("ADAPTER_LOST", "the adapter is gone");
      return {
        ...link,
        async send(frame, signal) {
          const now = happensNow();
          if (now && away() && after) await link.send(frame, signal);
          else if (!away()) return await link.send(frame, signal);
          if (trouble === "adapter gone") throw lost();
          // Whoever is alone on the bus hears no acknowledgement and sends on; another node takes the frames of a mute board.
          if (trouble === "gone" && !(now && after)) {
            unheard += 1;
            await forEver(signal);
          }
        },
        async receive(signal) {
          if (away() && trouble === "adapter gone") throw lost();
          if (!away()) return await link.receive(signal);
          if (unheard > 0) {
            unheard -= 1;
            return { type: "error", error: "ack" };
          }
          return await forEver(signal);
        },
        drain: () => (away() ? 0 : link.drain()),
        async setBitrate(nominal, data, signal) {
          if (away() && trouble === "adapter gone") throw lost();
          await link.setBitrate(nominal, data, signal);
        },
      };
    },
    usb(link) {
      async function transfer(
        ask: (stop: AbortSignal) => Promise<ControlAnswer>,
        signal: AbortSignal,
      ): Promise<ControlAnswer> {
        const now = happensNow();
        if (now && away() && after) await ask(signal);
        if (away()) {
          if (trouble === "silent") return await forEver(signal);
          throw left();
        }
        if (!now) return await ask(signal);
        if (trouble === "stall") return { stall: true };
        const answer = await ask(signal);
        if (answer.stall) return answer;
        const { length } = answer.data;
        return { stall: false, data: random.bytes(random.chance(0.3) ? random.below(length + 1) : length) };
      }
      return {
        ...link,
        controlIn: (setup, length, signal) => transfer((stop) => link.controlIn(setup, length, stop), signal),
        controlOut: (setup, data, signal) => transfer((stop) => link.controlOut(setup, data, stop), signal),
      };
    },
  };
}

async function notBack(clock: Clock, signal: AbortSignal): Promise<void> {
  using limit = deadline(clock, signal, 60_000, () => new Fault("BOARD_NOT_BACK", "not back in 60 s"));
  await forEver(limit.signal);
}
