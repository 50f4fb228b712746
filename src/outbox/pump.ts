import { errorText } from "../lib/thrown.ts";
import { sleep, type Clock } from "../lib/clock.ts";
import { deadline } from "../lib/deadline.ts";
import type { Delivered, Message, NextMessage } from "../model/outbox.ts";
import { longestPauseMs, pauseMs } from "./pause.ts";

/** What a pump needs of the books and of the wire. What of the books throws is waited out as a failure. */
export interface PumpPorts {
  /** Never a message that a power cut could take back. */
  next(): Promise<NextMessage>;
  pass(next: Extract<NextMessage, { kind: "passed" }>): void;
  taken(message: Message): void;
  /** `message`: the one that stays; `null`: none was tried. */
  failed(message: Message | null, why: string, refused: boolean): void;
  /** Resolves soon after the signal aborts, whatever the network does. */
  deliver(message: Message, signal: AbortSignal): Promise<Delivered>;
}

export type PumpState =
  | { readonly kind: "idle" }
  | { readonly kind: "sending" }
  | { readonly kind: "failing"; readonly why: string }
  /** Only a person helps: the receiver refuses, or the place does not fit the books. */
  | { readonly kind: "stuck"; readonly why: string };

/** Brings the messages of one destination out, one at a time and in their order. */
export interface Pump extends Disposable {
  /** There may be something new. A pause after a failure stays as long as it is. */
  wake(): void;
  state(): PumpState;
  /** Holds when nothing waits, when something failed, or when the pump was stopped. */
  settled(): Promise<void>;
}

/** One try, ms, from the first byte to the answer. */
export const tryMs = 10_000;
/** Deeds that another program writes are seen so late at most, ms. */
const lookMs = 2000;
/** What a record that was just closed waits: the screen comes first. */
const courtesyMs = 20;

export function pump(ports: PumpPorts, clock: Clock): Pump {
  const stop = new AbortController();
  const { signal } = stop;
  let state: PumpState = { kind: "sending" };
  let failures = 0;
  let waiters: (() => void)[] = [];
  let idle: (() => void) | null = null;
  /** Something came while the books were asked. */
  let news = false;

  function enter(next: PumpState): void {
    state = next;
    if (next.kind === "sending") return;
    const told = waiters;
    waiters = [];
    for (const tell of told) tell();
  }

  /** Until something may be new. */
  function rest(): Promise<void> {
    return new Promise((resolve) => {
      let timer = clock.after(lookMs, end);
      function end(): void {
        timer[Symbol.dispose]();
        signal.removeEventListener("abort", end);
        idle = null;
        resolve();
      }
      signal.addEventListener("abort", end, { once: true });
      idle = () => {
        idle = null;
        timer[Symbol.dispose]();
        timer = clock.after(courtesyMs, end);
      };
    });
  }

  async function pause(ms: number): Promise<void> {
    await sleep(clock, ms, signal).catch(() => undefined);
  }

  async function fail(
    message: Message | null,
    why: string,
    stuck: boolean,
    waitMs: number | null,
  ): Promise<void> {
    failures += 1;
    try {
      ports.failed(message, why, stuck && message !== null);
    } catch {
      // The books take nothing now; the line says so by itself.
    }
    enter({ kind: stuck ? "stuck" : "failing", why });
    await pause(stuck ? longestPauseMs : pauseMs(failures, waitMs));
  }

  async function deliver(message: Message): Promise<Delivered> {
    const late = `no answer within ${tryMs / 1000} s`;
    using limit = deadline(clock, signal, tryMs, () => new Error(late));
    const said = await ports.deliver(message, limit.signal);
    return limit.signal.aborted && said.kind !== "taken" ? { kind: "later", why: late, waitMs: null } : said;
  }

  async function step(): Promise<void> {
    news = false;
    const next = await ports.next();
    if (signal.aborted) return;
    switch (next.kind) {
      case "none":
        if (news) return;
        failures = 0;
        enter({ kind: "idle" });
        return await rest();
      case "lost":
        return await fail(null, next.why, true, null);
      case "passed":
        ports.pass(next);
        return await new Promise((resolve) => void setImmediate(resolve));
      case "message": {
        const { message } = next;
        if (failures === 0) enter({ kind: "sending" });
        const said = await deliver(message);
        if (signal.aborted) return;
        if (said.kind !== "taken")
          return await fail(
            message,
            said.why,
            said.kind === "refused",
            said.kind === "later" ? said.waitMs : null,
          );
        ports.taken(message);
        failures = 0;
        enter({ kind: "sending" });
        return;
      }
      default:
        return next satisfies never;
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await step();
      } catch (error) {
        // A disk that is full, most likely: it is tried again, and nothing is lost.
        if (!signal.aborted) await fail(null, errorText(error), false, null);
      }
    }
    enter({ kind: "idle" });
  }

  void run();
  return {
    wake() {
      news = true;
      if (idle === null) return;
      state = { kind: "sending" };
      idle();
    },
    state: () => state,
    settled: () =>
      state.kind === "sending" ? new Promise((resolve) => void waiters.push(resolve)) : Promise.resolve(),
    [Symbol.dispose]: () => stop.abort(new Error("stopped")),
  };
}
