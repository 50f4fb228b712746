import { arrivals, type Arrivals } from "../lib/arrivals.ts";
import { sleep, type Clock } from "../lib/clock.ts";
import { deadline } from "../lib/deadline.ts";
import { Fault } from "../model/fault.ts";
import { busEvents } from "../protocol/bus-events.ts";
import type { FrameLink } from "../protocol/links.ts";
import { messageOf, openPort, startStream } from "./serial-port.ts";
import { dataCommands, nominalCommands, readLine, type SlcanLine } from "./slcan-lines.ts";
import { slcanQueue } from "./slcan-queue.ts";

export interface SlcanOptions {
  /** Of the serial port; an adapter on USB takes any. */
  readonly baud: number;
  readonly clock: Clock;
}

/** An adapter that restarts when its port is opened has that long to come up, ms. */
const startMs = 3000;
/** One question after the other so often while it does, ms. */
const askMs = 250;
/** Longest for the answer to a command, ms. */
const replyMs = 1000;
/** Time that one which acknowledges nothing gets for a command, ms. */
const blindMs = 30;
/** Silence behind a frame of ours after which an adapter is asked for its flags, ms. */
const silenceMs = 100;
/** Of the answer to F, as LAWICEL has it; others differ (A1). */
const flag = { overrun: 0x09, passive: 0x20, busError: 0x80 } as const;
/** A line longer than the longest frame with its time is none. */
const longestLine = 160;
const CR = 0x0d;
const BEL = 0x07;

/** The rates that no slcan adapter has a command for, as a sentence; `null`: none of these. */
export function slcanRateComplaint(nominal: number, data: number | null): string | null {
  if (!nominalCommands.has(nominal))
    return `slcan has no command for ${nominal} bit/s (${[...nominalCommands.keys()].join(", ")} are there)`;
  if (data !== null && !dataCommands.has(data))
    return `slcan has no command for a data rate of ${data} bit/s (${[...dataCommands.keys()].join(", ")} are there)`;
  return null;
}

/**
 * One slcan adapter behind a serial port, which speaks ASCII as the LAWICEL CANUSB does, in any of its dialects
 * (protocols/can-adapters.md, part A). It does not say when a node took a frame. What it says of errors is what it tells
 * unasked, and the flags of F, which it is asked for when a frame of ours is followed by silence. Throws a Fault:
 * ADAPTER_BUSY, ADAPTER_LOST; that also for a port where nothing answers as such an adapter.
 */
export async function openSlcan(
  device: string,
  { baud, clock }: SlcanOptions,
  signal: AbortSignal,
): Promise<FrameLink> {
  signal.throwIfAborted();
  const port = await openPort(device, { baud, parity: "none", hangUp: false });
  const came = busEvents();
  let lost: Fault | null = null;
  let closing: Promise<void> | null = null;
  let text = "";
  let overlong = false;
  /** The answer that is waited for. */
  let ask: { readonly wants: (line: SlcanLine) => boolean; readonly answers: Arrivals<SlcanLine> } | null =
    null;
  let onBus = false;
  let acknowledges = false;
  let hasFlags = false;
  /** A frame went out and nothing has come since. */
  let unanswered = false;
  let look: Disposable | null = null;

  const stream = await startStream(port, device, { bytes: hear, lost: lose });
  const say = (command: string): void => stream.send(Buffer.from(`${command}\r`, "latin1"));
  const queue = slcanQueue({
    clock,
    say(line) {
      say(line);
      unanswered = true;
      watch();
    },
    disordered: () => came.push({ type: "error", error: "overrun" }),
  });

  function lose(cause: unknown): void {
    if (lost !== null || closing !== null) return;
    lost = new Fault("ADAPTER_LOST", `${device} is gone: ${messageOf(cause)}`, { cause });
    look?.[Symbol.dispose]();
    queue.drop(lost);
    came.fail(lost);
    ask?.answers.fail(lost);
  }

  function hear(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === CR || byte === BEL) {
        const line = readLine(text, byte === BEL);
        const whole = !overlong;
        text = "";
        overlong = false;
        if (whole) take(line);
      } else if (byte !== 0x0a) {
        text += String.fromCharCode(byte);
        if (text.length > longestLine) {
          text = "";
          overlong = true;
        }
      }
    }
  }

  function take(line: SlcanLine): void {
    if (ask?.wants(line) === true) {
      ask.answers.push(line);
      return;
    }
    if (!onBus) return;
    switch (line.type) {
      case "frame":
        unanswered = false;
        came.push(line);
        break;
      case "done":
      case "refused":
        queue.answered(line.type === "done");
        break;
      case "flags":
        told(line.flags);
        break;
      case "state":
        if (line.state === "b") came.push({ type: "bus-off" });
        break;
      case "errors":
        for (const error of line.errors) came.push({ type: "error", error });
        break;
      case "text":
        // A line with pieces missing: something was lost between the adapter and us.
        came.push({ type: "error", error: "overrun" });
        break;
      default:
        break;
    }
  }

  /**
   * F does not tell which errors it counted. A sender that nobody hears is error passive after sixteen tries; one whose
   * board is there and whose answers are destroyed counts one error each, and is not. DERIVED from the counters' rules.
   */
  function told(flags: number): void {
    if ((flags & flag.overrun) !== 0) came.push({ type: "error", error: "overrun" });
    if (!unanswered) return;
    if ((flags & flag.passive) !== 0) came.push({ type: "error", error: "ack" });
    else if ((flags & flag.busError) !== 0) came.push({ type: "error", error: "bit" });
  }

  function watch(): void {
    if (!hasFlags || look !== null) return;
    look = clock.after(silenceMs, () => {
      look = null;
      if (!unanswered || !onBus || lost !== null) return;
      say("F");
      watch();
    });
  }

  /** Sends a command and gives the first line that `wants` takes; `null` after `ms` without one. */
  async function asked(
    command: string,
    wants: (line: SlcanLine) => boolean,
    ms: number,
    stop: AbortSignal,
  ): Promise<SlcanLine | null> {
    if (lost !== null) throw lost;
    const over = new Error("no answer in time");
    using limit = deadline(clock, stop, ms, () => over);
    const answers = arrivals<SlcanLine>();
    ask = { wants, answers };
    say(command);
    try {
      return await answers.take(limit.signal);
    } catch (error) {
      if (error === over) return null;
      throw error;
    } finally {
      ask = null;
    }
  }

  const isReply = ({ type }: SlcanLine): boolean => type === "done" || type === "refused";

  /** Whether the adapter did this; one that acknowledges nothing is believed. */
  async function done(command: string, stop: AbortSignal): Promise<boolean> {
    const reply = await asked(command, isReply, acknowledges ? replyMs : blindMs, stop);
    if (reply === null && acknowledges)
      throw new Fault("ADAPTER_LOST", `${device} does not answer ${command}`);
    return reply?.type !== "refused";
  }

  /** Off the bus; behind its answer nothing of before comes any more. */
  async function leaveBus(why: Error, stop: AbortSignal): Promise<void> {
    onBus = false;
    unanswered = false;
    queue.drop(why);
    await done("C", stop);
    came.drop(() => true);
  }

  async function findAdapter(stop: AbortSignal): Promise<void> {
    const end = clock.now() + startMs;
    for (let words: SlcanLine | null = null; words === null;) {
      if (clock.now() > end)
        throw new Fault(
          "ADAPTER_LOST",
          `nothing on ${device} answers V within ${startMs / 1000} s as an slcan adapter does, at ${baud} baud`,
        );
      // What an earlier program left half said, and a channel that it left open.
      stream.send(Uint8Array.of(CR, CR));
      say("C");
      words = await asked("V", ({ type }) => type === "text" || type === "frame", askMs, stop);
    }
    // One that answers at all answers this, be it with BEL as the channel is closed.
    await sleep(clock, blindMs, stop);
    acknowledges = (await asked("C", isReply, 2 * askMs, stop)) !== null;
  }

  async function setBitrate(nominal: number, data: number | null, stop: AbortSignal): Promise<void> {
    const why = slcanRateComplaint(nominal, data);
    if (why !== null) throw new RangeError(why);
    await leaveBus(new Error("the channel was restarted"), stop);
    if (!(await done(nominalCommands.get(nominal) ?? "", stop)))
      throw new RangeError(`the adapter on ${device} refuses ${nominal} bit/s`);
    if (data !== null && !((await done(dataCommands.get(data) ?? "", stop)) && acknowledges))
      throw new RangeError(
        `the adapter on ${device} ${acknowledges ? "refuses" : "acknowledges nothing, so nobody knows whether it has"} a data rate of ${data} bit/s`,
      );
    onBus = true;
    if (!(await done("O", stop))) {
      onBus = false;
      throw new Fault(
        "ADAPTER_LOST",
        `the adapter on ${device} does not open its channel at ${nominal} bit/s`,
      );
    }
    // Asked behind the opening: some answer it only then.
    const flags = await asked("F", ({ type }) => type === "flags" || type === "refused", blindMs * 2, stop);
    hasFlags = flags?.type === "flags";
  }

  async function close(): Promise<void> {
    look?.[Symbol.dispose]();
    const never = new AbortController().signal;
    try {
      if (lost === null) await leaveBus(new Error("the channel was closed"), never);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
    const wasLost = lost;
    lost ??= new Fault("ADAPTER_LOST", `${device} was closed`);
    await stream.stop();
    try {
      await port.close();
    } catch (error) {
      // After a hang-up there is nothing more to close, and the loss is told.
      if (wasLost === null)
        throw new Fault("ADAPTER_LOST", `${device} did not close: ${messageOf(error)}`, { cause: error });
    }
  }

  const link: FrameLink = {
    clock,
    send: (frame, stop) => (lost === null ? queue.send(frame, stop) : Promise.reject(lost)),
    receive: (stop) => came.take(stop),
    drain: () => came.drain(),
    setBitrate,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };

  try {
    await findAdapter(signal);
    return link;
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }
}
