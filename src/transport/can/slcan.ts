import { errorText } from "../../lib/thrown.ts";
import type { Clock } from "../../lib/clock.ts";
import { Fault } from "../../model/fault.ts";
import { busEvents } from "../../protocol/bus-events.ts";
import type { BusRates, FrameLink } from "../../protocol/links.ts";
import { openPort, startStream } from "../serial/serial-port.ts";
import { readLine, type SlcanLine } from "./slcan-lines.ts";
import { slcanQueue } from "./slcan-queue.ts";
import { slcanRateComplaint, slcanTalk, type SlcanWords } from "./slcan-talk.ts";

export interface SlcanOptions {
  /** Of the serial port; an adapter on USB takes any. */
  readonly baud: number;
  readonly clock: Clock;
}

/** Silence behind a frame of ours after which an adapter is asked for its flags, ms. */
const silenceMs = 100;
/** Of the answer to F, as LAWICEL has it; others differ (A1). */
const flag = { overrun: 0x09, passive: 0x20, busError: 0x80 } as const;
/** A line longer than the longest frame with its time is none. */
const longestLine = 160;
const CR = 0x0d;
const BEL = 0x07;

/** One channel, and what its adapter can do. */
export interface SlcanLink extends FrameLink {
  /** What it says of itself, and why it does not make some of these rates: asked off the bus, where it stays. */
  ability(wanted: readonly BusRates[], signal: AbortSignal): Promise<SlcanAbility>;
}

export interface SlcanAbility extends SlcanWords {
  /** Sentences, by the rates that it refuses. */
  readonly refusals: ReadonlyMap<BusRates, string>;
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
): Promise<SlcanLink> {
  signal.throwIfAborted();
  const port = await openPort(device, { baud, parity: "none", hangUp: false });
  const came = busEvents();
  let lost: Fault | null = null;
  let closing: Promise<void> | null = null;
  let text = "";
  let overlong = false;
  let onBus = false;
  let hasFlags = false;
  /** A frame went out and nothing has come since. */
  let unanswered = false;
  /** F was answered since that frame: what the next F tells has happened meanwhile. */
  let counted = false;
  let look: Disposable | null = null;

  const stream = await startStream(port, device, { bytes: hear, lost: lose });
  const send = (bytes: Uint8Array): void => stream.send(bytes);
  const say = (command: string): void => send(Buffer.from(`${command}\r`, "latin1"));
  const talk = slcanTalk({ device, baud, clock, send, lost: () => lost });
  const queue = slcanQueue({
    clock,
    say(line) {
      say(line);
      if (!unanswered) counted = false;
      unanswered = true;
      watch();
    },
    disordered: () => came.push({ type: "error", error: "overrun" }),
  });

  function lose(cause: unknown): void {
    if (lost !== null || closing !== null) return;
    lost = new Fault("ADAPTER_LOST", `${device} is gone: ${errorText(cause)}`, { cause });
    look?.[Symbol.dispose]();
    queue.drop(lost);
    came.fail(lost);
    talk.fail(lost);
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
    if (talk.take(line) || !onBus) return;
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
   * F tells of errors since it was asked the last time: those from before a silence, as of a board that was not up yet, are
   * none of it, so only a second answer counts. And it does not tell which errors it counted. A sender that nobody hears is error passive after sixteen tries; one whose
   * board is there and whose answers are destroyed counts one error each, and is not. DERIVED from the counters' rules.
   */
  function told(flags: number): void {
    if ((flags & flag.overrun) !== 0) came.push({ type: "error", error: "overrun" });
    if (!unanswered) return;
    if ((flags & flag.passive) !== 0) came.push({ type: "error", error: "ack" });
    else if ((flags & flag.busError) !== 0 && counted) came.push({ type: "error", error: "bit" });
    counted = true;
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

  /** Off the bus; behind its answer nothing of before comes any more. */
  async function leaveBus(why: Error, stop: AbortSignal): Promise<void> {
    onBus = false;
    unanswered = false;
    queue.drop(why);
    await talk.close(stop);
    came.drop(() => true);
  }

  async function setBitrate(nominal: number, data: number | null, stop: AbortSignal): Promise<void> {
    const never = slcanRateComplaint({ nominal, data });
    if (never !== null) throw new Fault("ADAPTER_RATE", never);
    await leaveBus(new Error("the channel was restarted"), stop);
    const why = await talk.setRates({ nominal, data }, stop);
    if (why !== null) throw new Fault("ADAPTER_RATE", why);
    onBus = true;
    const opened = await talk.open(stop);
    onBus = opened.done;
    ({ hasFlags } = opened);
    if (onBus) return;
    throw new Fault("ADAPTER_LOST", `the adapter on ${device} does not open its channel at ${nominal} bit/s`);
  }

  async function ability(wanted: readonly BusRates[], stop: AbortSignal): Promise<SlcanAbility> {
    await leaveBus(new Error("the channel was closed"), stop);
    const words = await talk.words(stop);
    const refusals = new Map<BusRates, string>();
    for (const rates of wanted) {
      const why = await talk.setRates(rates, stop);
      if (why !== null) refusals.set(rates, why);
    }
    return { ...words, refusals };
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
        throw new Fault("ADAPTER_LOST", `${device} did not close: ${errorText(error)}`, { cause: error });
    }
  }

  const link: SlcanLink = {
    clock,
    send: (frame, stop) => (lost === null ? queue.send(frame, stop) : Promise.reject(lost)),
    receive: (stop) => came.take(stop),
    drain: () => came.drain(),
    setBitrate,
    ability,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };

  try {
    await talk.find(signal);
    return link;
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }
}
