import type { Clock } from "../../lib/clock.ts";
import type { CanFrame } from "../../protocol/links.ts";
import { queued, type Sending } from "../../protocol/sending.ts";
import { frameLine } from "./slcan-lines.ts";

/** Frames that may be without an answer, so that a serial adapter's round trips stay off the way; 1 once it was full. */
const widest = 3;
/** An adapter that has not answered a frame by then does not answer frames, ms. */
const answerMs = 300;
/** Until one with a full queue is asked again, ms. */
const fullMs = 2;

/** Frames on their way into an slcan adapter, in order. */
export interface SlcanQueue {
  /** Resolves when the adapter has said that it took it over, or with the first byte to one that never says it. */
  send(frame: CanFrame, signal: AbortSignal): Promise<void>;
  /** CR, `z` or BEL came: to the oldest frame without an answer. */
  answered(done: boolean): void;
  /** Forgets all and ends every send with this. */
  drop(why: Error): void;
}

export interface SlcanQueueOptions {
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** A frame was refused and the next one was not: it is left out, for out of its order it would do harm. */
  readonly disordered: () => void;
}

/**
 * BEL to a frame says that the adapter's queue is full: the frame is sent again, and those behind it. Some adapters
 * answer no frame at all; after the first that stays without an answer nobody waits for any.
 */
export function slcanQueue({ clock, say, disordered }: SlcanQueueOptions): SlcanQueue {
  const waiting: Sending[] = [];
  /** Said, and not answered yet. */
  const said: Sending[] = [];
  const refused: Sending[] = [];
  let answers = true;
  let window = widest;
  let limit: Disposable | null = null;
  let pause: Disposable | null = null;

  const hasRoom = (): boolean => !answers || said.length < window;

  function pump(): void {
    if (pause !== null || refused.length > 0) return;
    while (hasRoom()) {
      const next = waiting.shift();
      if (next === undefined) break;
      say(frameLine(next.frame));
      if (answers) said.push(next);
      else next.resolve();
    }
    if (said.length > 0) limit ??= clock.after(answerMs, mute);
  }

  function mute(): void {
    limit = null;
    answers = false;
    for (const one of said.splice(0)) one.resolve();
    waiting.unshift(...refused.splice(0));
    pump();
  }

  function again(): void {
    waiting.unshift(...refused.splice(0));
    pause = clock.after(fullMs, () => {
      pause = null;
      pump();
    });
  }

  return {
    send(frame, signal) {
      const sent = queued(frame, signal, waiting);
      pump();
      return sent;
    },
    answered(done) {
      limit?.[Symbol.dispose]();
      limit = null;
      const one = said.shift();
      if (one === undefined) return;
      if (!done) {
        refused.push(one);
        window = 1;
      } else {
        if (refused.length > 0) {
          for (const left of refused.splice(0)) left.resolve();
          disordered();
        }
        one.resolve();
      }
      if (refused.length > 0 && said.length === 0) again();
      else pump();
    },
    drop(why) {
      limit?.[Symbol.dispose]();
      pause?.[Symbol.dispose]();
      [limit, pause] = [null, null];
      const all = [...refused.splice(0), ...said.splice(0), ...waiting.splice(0)];
      for (const one of all) one.reject(why);
    },
  };
}
