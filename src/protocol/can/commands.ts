import { assertNever } from "../../lib/assert-never.ts";
import { toHex } from "../../lib/bytes.ts";
import { deadline, patience, type Patience } from "../../lib/deadline.ts";
import { Fault } from "../../model/fault.ts";
import type { CanFrame, FrameLink } from "../links.ts";
import { ACK, NACK, codes, lastLoaderId, wakeId } from "./frames.ts";

/** Limit for each frame of an answer that needs no flash work, ms: any adapter's lumps are in it. */
export const replyMs = 1000;
/** Behind the last answer of a loader nothing more comes after so long, ms: frame, adapter and a slow timer. */
const settleMs = 20;
/** Where frames take longer than that, so many times as long, and no longer than the limit of one. */
const settleFrames = 3;
/**
 * So many frames may lie in front of ours in an adapter, whose channels share its way to the host: where one takes long,
 * limits are for so many of them, up to `mostPatienceMs`. A quick one keeps the limits as they are.
 */
const framesInFront = 64;
const mostPatienceMs = 5000;
/** Answers to these come at once: how long they take is the adapter's and this machine's. */
const atOnce: ReadonlySet<number> = new Set([codes.get, codes.getVersion, codes.getId, codes.read]);
/** Time for a present node to take a frame, ms: the longest frame at the slowest rate takes one. */
const takenMs = 300;
/** An answer so often destroyed, while our own frames pass: two nodes send it. */
const collisions = 8;
/** More frames than any answer has: somebody talks without end. */
const longestAnswer = 64;
const none = new Uint8Array();

/** Sends frames, waits for answers, compares. Knows nothing of what is written where. */
export interface Exchange {
  /** Frames that the bus had to carry again since the loader was first heard. */
  repeats(): number;
  /** Error events of any kind since the last `restart`. */
  errors(): number;
  /** Frames that no node has taken yet, as far as the adapter tells. */
  pending(): number;
  /** How long the line must be still to be quiet, ms: by what frames take over this adapter on this machine. */
  settleMs(): number;
  /** False while a frame of ours is taken by nobody, as far as the adapter tells. */
  taken(): boolean;
  /** Another rate on the bus, with nothing under way. */
  restart(nominal: number, data: number | null, signal: AbortSignal): Promise<void>;
  /** Throws away what came unasked; answers are due on this identifier from now on. */
  begin(id: number, signal: AbortSignal): Promise<void>;
  send(id: number, data: Uint8Array, signal: AbortSignal): void;
  /** The next frame of the answer that is due; on another of the loaders' identifiers it is noise. */
  answer(signal: AbortSignal, also?: number): Promise<CanFrame>;
  /** True for ACK, false for NACK, noise for anything else. */
  acknowledged(what: string, signal: AbortSignal, also?: number): Promise<boolean>;
  /**
   * Ends `act` with a fault when for `ms` no frame of the answer has come: the adapter may take its time for many
   * frames. Silence of a board that was there is looked into: BOARD_LEFT where no node takes
   * frames any more.
   */
  within<T>(
    what: string,
    ms: number,
    signal: AbortSignal,
    act: (stop: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** A whole command that is answered by one ACK. False for a NACK. */
  command(id: number, data: Uint8Array, what: string, signal: AbortSignal): Promise<boolean>;
  /** A frame on any of the loaders' identifiers; `null` after `ms` without one. */
  heardWithin(ms: number, signal: AbortSignal): Promise<CanFrame | null>;
  /** All frames until none has come for `ms`. */
  untilQuiet(ms: number, signal: AbortSignal): Promise<CanFrame[]>;
  /** Whether anybody takes a frame, and whether the loader answers one that it must always answer. */
  presence(signal: AbortSignal): Promise<"gone" | "mute" | "answers">;
}

export function exchange(link: FrameLink, fd: boolean): Exchange {
  let life = 0;
  let unsent = 0;
  let heard = false;
  let asked = -1;
  let before = -1;
  let repeated = 0;
  let errors = 0;
  /** Since the last frame that came, or went. */
  let untaken = 0;
  /** The longest wait for a frame that comes at once, so far, ms. */
  let slowest = 0;
  /** When we have last sent or heard something. */
  let last = 0;
  let limit: Patience | null = null;
  /** Since the last frame that came. */
  let destroyed = 0;

  const isLoaders = (id: number): boolean => id <= lastLoaderId || id === asked || (fd && id === wakeId);

  async function next(signal: AbortSignal): Promise<CanFrame> {
    for (;;) {
      const event = await link.receive(signal);
      switch (event.type) {
        case "frame":
          // Other traffic is none of ours, whatever it does here; FD frames are not the classic loader's.
          if (!isLoaders(event.frame.id) || (event.frame.fd && !fd)) break;
          heard = true;
          untaken = 0;
          destroyed = 0;
          measure(event.frame);
          return event.frame;
        case "error":
          errors += 1;
          if (event.error === "ack") untaken += 1;
          else {
            destroyed += 1;
            if (heard) repeated += 1;
          }
          break;
        case "bus-off":
          throw new Fault("CAN_DEAD", `the controller went off the bus after ${errors} errors (bus-off)`);
        default:
          assertNever(event);
      }
    }
  }

  function measure({ id }: CanFrame): void {
    const now = link.clock.now();
    if (id === asked) {
      limit?.heard();
      if (atOnce.has(id)) slowest = Math.max(slowest, now - last);
    }
    last = now;
  }

  const taken = (): boolean => unsent === 0 && untaken === 0;

  function overdue(what: string, ms: number): Fault {
    const within = `within ${Math.round(ms)} ms`;
    if (!taken()) {
      const why = `no node took a frame of ${what} ${within}`;
      return heard ? new Fault("BOARD_LEFT", why) : new Fault("CAN_DEAD", why);
    }
    if (heard && destroyed >= collisions)
      return new Fault("CAN_TWO_BOARDS", `the answer to ${what} was destroyed ${destroyed} times ${within}`);
    if (destroyed > 0)
      return new Fault("LINK_NOISE", `${destroyed} frames were destroyed, no answer to ${what} ${within}`);
    return new Fault("LINK_SILENT", `no answer to ${what} ${within}`);
  }

  async function plainWithin<T>(
    what: string,
    ms: number,
    signal: AbortSignal,
    act: (stop: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limitMs = patient(ms);
    using mine = patience(link.clock, signal, limitMs, () => overdue(what, limitMs));
    limit = mine;
    try {
      return await act(mine.signal);
    } finally {
      limit = null;
    }
  }

  const patient = (ms: number): number => Math.max(ms, Math.min(framesInFront * slowest, mostPatienceMs));
  const settle = (): number => Math.min(Math.max(settleMs, settleFrames * slowest), replyMs);

  async function within<T>(
    what: string,
    ms: number,
    signal: AbortSignal,
    act: (stop: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await plainWithin(what, ms, signal, act);
    } catch (error) {
      const unsure = error instanceof Fault && ["LINK_SILENT", "CAN_TWO_BOARDS"].includes(error.code);
      if (!unsure || signal.aborted || !heard) throw error;
      // A dead line shows here, too: by the end of our own frame.
      if ((await presence(signal)) !== "gone") throw error;
      throw new Fault("BOARD_LEFT", `after ${what} no node takes a frame any more`, { cause: error });
    }
  }

  async function answer(signal: AbortSignal, also?: number): Promise<CanFrame> {
    for (;;) {
      const frame = await next(signal);
      if (frame.id === asked || frame.id === also) return frame;
      // A spare ACK of the command before (A3), or the late second one of it.
      if (frame.id === before && isReply(frame)) continue;
      throw new Fault("LINK_NOISE", `${frameText(frame)} came where an answer on ${idText(asked)} was due`);
    }
  }

  async function acknowledged(what: string, signal: AbortSignal, also?: number): Promise<boolean> {
    const frame = await answer(signal, also);
    if (!isReply(frame)) throw new Fault("LINK_NOISE", `${what} was answered ${frameText(frame)}`);
    return frame.data[0] === ACK;
  }

  async function begin(id: number, signal: AbortSignal): Promise<void> {
    const late = link.drain();
    before = asked;
    asked = id;
    last = link.clock.now();
    if (late > 0) await untilQuiet(settle(), signal);
  }

  function send(id: number, data: Uint8Array, signal: AbortSignal): void {
    const mine = life;
    last = link.clock.now();
    unsent += 1;
    const over = (): void => {
      if (mine === life) unsent -= 1;
    };
    // What ends a send ends the wait for its answer, too, and is told there.
    link.send({ id, data, fd }, signal).then(() => {
      over();
      untaken = 0;
    }, over);
  }

  async function heardWithin(ms: number, signal: AbortSignal): Promise<CanFrame | null> {
    const over = new Fault("LINK_SILENT", "nothing came");
    try {
      using limit = deadline(link.clock, signal, ms, () => over);
      return await next(limit.signal);
    } catch (error) {
      if (error === over) return null;
      throw error;
    }
  }

  async function untilQuiet(ms: number, signal: AbortSignal): Promise<CanFrame[]> {
    const frames: CanFrame[] = [];
    for (;;) {
      const frame = await heardWithin(ms, signal);
      if (frame === null) return frames;
      frames.push(frame);
      if (frames.length <= longestAnswer) continue;
      // A loader has no filter: two of them take each other's answers for commands, and refuse them for ever.
      const code = frames.every(isReply) ? "CAN_TWO_BOARDS" : "LINK_NOISE";
      throw new Fault(code, `frames come without end, the last is ${frameText(frame)}`);
    }
  }

  async function presence(signal: AbortSignal): Promise<"gone" | "mute" | "answers"> {
    if (unsent > 0) return "gone";
    untaken = 0;
    await begin(codes.getVersion, signal);
    // The frame may stay in the adapter, so it is not this wait that takes it back.
    send(codes.getVersion, none, signal);
    const frame = await heardWithin(patient(takenMs), signal);
    if (frame !== null) {
      await untilQuiet(settle(), signal);
      return "answers";
    }
    return taken() ? "mute" : "gone";
  }

  return {
    repeats: () => repeated,
    errors: () => errors,
    pending: () => unsent,
    settleMs: settle,
    taken,
    async restart(nominal, data, signal) {
      await link.setBitrate(nominal, data, signal);
      life += 1;
      [unsent, errors, untaken, destroyed] = [0, 0, 0, 0];
    },
    begin,
    send,
    answer,
    acknowledged,
    within,
    async command(id, data, what, signal) {
      await begin(id, signal);
      return await within(what, replyMs, signal, async (stop) => {
        send(id, data, stop);
        return await acknowledged(what, stop);
      });
    },
    heardWithin,
    untilQuiet,
    presence,
  };
}

export function isSilence(error: unknown): error is Fault {
  return error instanceof Fault && error.code === "LINK_SILENT";
}

export function isReply({ data }: CanFrame): boolean {
  return data.length === 1 && (data[0] === ACK || data[0] === NACK);
}

const idText = (id: number): string => id.toString(16).padStart(3, "0");

/** As candump prints it. */
function frameText({ id, data }: CanFrame): string {
  return `${idText(id)}#${toHex(data)}`;
}
