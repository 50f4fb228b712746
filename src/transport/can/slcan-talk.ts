import { arrivals, type Arrivals } from "../../lib/arrivals.ts";
import { sleep, type Clock } from "../../lib/clock.ts";
import { deadline } from "../../lib/deadline.ts";
import { Fault } from "../../model/fault.ts";
import { ratesText, type BusRates } from "../../protocol/links.ts";
import { dataCommands, nominalCommands, type SlcanLine } from "./slcan-lines.ts";

/** An adapter that restarts when its port is opened has that long to come up, ms. */
const startMs = 3000;
/** One question after the other so often while it does, ms. */
const askMs = 250;
/** Longest for the answer to a command, ms. */
const replyMs = 1000;
/** Time that one which acknowledges nothing gets for a command, ms. */
const blindMs = 30;
const CR = 0x0d;

/** What an adapter says of itself. */
export interface SlcanWords {
  /** Its answer to V: not clean. */
  readonly version: string;
  /** Its answer to N; `null`: none. Not clean. */
  readonly serial: string | null;
}

/** Commands to an slcan adapter that it answers, one at a time (protocols/can-adapters.md, A1 and A2). */
export interface SlcanTalk {
  /** True where a line is the answer that is waited for. */
  take(line: SlcanLine): boolean;
  /** Ends the wait for an answer. */
  fail(fault: Fault): void;
  /** Until an adapter answers; throws a Fault ADAPTER_LOST where none does. */
  find(stop: AbortSignal): Promise<void>;
  /** Off the bus, whether it was on it or not. */
  close(stop: AbortSignal): Promise<void>;
  /** Gives a closed channel its rates; the sentence that says why it has not taken them, or `null`. */
  setRates(rates: BusRates, stop: AbortSignal): Promise<string | null>;
  /** On the bus; false where it refuses. Tells whether it knows F, too: some answer that only then. */
  open(stop: AbortSignal): Promise<{ readonly done: boolean; readonly hasFlags: boolean }>;
  words(stop: AbortSignal): Promise<SlcanWords>;
}

export interface SlcanTalkOptions {
  readonly device: string;
  readonly baud: number;
  readonly clock: Clock;
  readonly send: (bytes: Uint8Array) => void;
  /** Why nothing is asked any more, or `null`. */
  readonly lost: () => Fault | null;
}

/** The rates that no slcan adapter has a command for, as a sentence; `null`: none of these. */
export function slcanRateComplaint({ nominal, data }: BusRates): string | null {
  if (!nominalCommands.has(nominal))
    return `slcan has no command for ${nominal} bit/s (${[...nominalCommands.keys()].join(", ")} are there)`;
  if (data !== null && !dataCommands.has(data))
    return `slcan has no command for a data rate of ${data} bit/s (${[...dataCommands.keys()].join(", ")} are there)`;
  return null;
}

export function slcanTalk({ device, baud, clock, send, lost }: SlcanTalkOptions): SlcanTalk {
  const say = (command: string): void => send(Buffer.from(`${command}\r`, "latin1"));
  const isReply = ({ type }: SlcanLine): boolean => type === "done" || type === "refused";
  const isText = ({ type }: SlcanLine): boolean => type === "text";
  const isWords = (line: SlcanLine): boolean => isText(line) || line.type === "refused";
  let ask: { readonly wants: (line: SlcanLine) => boolean; readonly answers: Arrivals<SlcanLine> } | null =
    null;
  let acknowledges = false;
  let version = "";

  /** Sends a command and gives the first line that `wants` takes; `null` after `ms` without one. */
  async function asked(
    command: string,
    wants: (line: SlcanLine) => boolean,
    ms: number,
    stop: AbortSignal,
  ): Promise<SlcanLine | null> {
    const why = lost();
    if (why !== null) throw why;
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

  /** Whether the adapter did this; one that acknowledges nothing is believed. */
  async function done(command: string, stop: AbortSignal): Promise<boolean> {
    const reply = await asked(command, isReply, acknowledges ? replyMs : blindMs, stop);
    if (reply === null && acknowledges)
      throw new Fault("ADAPTER_LOST", `${device} does not answer ${command}`);
    return reply?.type !== "refused";
  }

  return {
    take(line) {
      if (ask?.wants(line) !== true) return false;
      ask.answers.push(line);
      return true;
    },
    fail: (fault) => ask?.answers.fail(fault),
    async find(stop) {
      const end = clock.now() + startMs;
      for (let words: SlcanLine | null = null; words === null;) {
        if (clock.now() > end)
          throw new Fault(
            "ADAPTER_LOST",
            `nothing on ${device} answers within ${startMs / 1000} s as an slcan adapter does, at ${baud} baud`,
          );
        // What an earlier program left half said, and a channel that it left open.
        send(Uint8Array.of(CR, CR));
        say("C");
        // Not each one knows V: its refusal, or what it says to C, is an answer as well.
        words = await asked(
          "V",
          (line) => isReply(line) || isText(line) || line.type === "frame",
          askMs,
          stop,
        );
        if (words?.type === "text") version = words.text;
      }
      // One that answers at all answers this, be it with BEL as the channel is closed.
      await sleep(clock, blindMs, stop);
      acknowledges = (await asked("C", isReply, 2 * askMs, stop)) !== null;
    },
    async close(stop) {
      await done("C", stop);
    },
    async setRates(rates, stop) {
      const { nominal, data } = rates;
      const why = slcanRateComplaint(rates);
      if (why !== null) return why;
      if (!(await done(nominalCommands.get(nominal) ?? "", stop)))
        return `the adapter on ${device} refuses ${nominal} bit/s`;
      if (data === null || ((await done(dataCommands.get(data) ?? "", stop)) && acknowledges)) return null;
      return acknowledges
        ? `the adapter on ${device} refuses a data rate of ${data} bit/s`
        : `the adapter on ${device} acknowledges nothing, so nobody knows whether it has ${ratesText(rates)} bit/s`;
    },
    async open(stop) {
      if (!(await done("O", stop))) return { done: false, hasFlags: false };
      const flags = await asked("F", ({ type }) => type === "flags" || type === "refused", blindMs * 2, stop);
      return { done: true, hasFlags: flags?.type === "flags" };
    },
    async words(stop) {
      // One whose first answer was another one.
      if (version === "") {
        const again = await asked("V", isWords, askMs, stop);
        if (again?.type === "text") version = again.text;
      }
      const told = await asked("N", isWords, askMs, stop);
      const serial = told?.type === "text" ? told.text.replace(/^N/, "") : "";
      return { version, serial: serial === "" ? null : serial };
    },
  };
}
