import { assertNever } from "../lib/assert-never.ts";
import type { CanFrame } from "../protocol/links.ts";
import type { BusNode, CanBus, Rates } from "./can/can-bus.ts";

/** What a loader's code waits for. */
export type RomAsk =
  | { readonly kind: "receive" }
  | { readonly kind: "send"; readonly frame: CanFrame }
  | { readonly kind: "work"; readonly ms: number }
  /** The controller is set up anew. */
  | { readonly kind: "rates"; readonly rates: Rates };

/** A frame out of the receive FIFO, and how it came there. */
export interface Received {
  readonly frame: CanFrame;
  /** The FIFO was full since the last one: a frame is missing in front of this one. */
  readonly overrun: boolean;
  /** It lay there before the loader waited for it. */
  readonly early: boolean;
}

/** The code of a loader from its start to its reset, written as it runs. */
export type RomCode<T = void> = Generator<RomAsk, T, Received | undefined>;

export function* receive(): RomCode<Received> {
  const got = yield { kind: "receive" };
  if (got === undefined) throw new Error("the loader was woken without a frame");
  return got;
}

export function* send(id: number, data: Uint8Array, fd: boolean): RomCode {
  yield { kind: "send", frame: { id, data, fd } };
}

export function* work(ms: number): RomCode {
  if (ms > 0) yield { kind: "work", ms };
}

export interface RomLoopOptions {
  /** Elements of the receive FIFO: 3 of bxCAN and of the small FDCAN. */
  readonly fifo: number;
  /** Time from a frame in the FIFO to the first thing that the loader does about it, ms. */
  readonly takeMs: number;
  /** What is in the FIFO when the loader begins to wait is thrown away. */
  readonly flushes: boolean;
  /** The acceptance filter; a frame that does not pass is acknowledged on the bus and comes nowhere. */
  readonly passes: (frame: CanFrame) => boolean;
  /** False once the chip does nothing any more. */
  readonly runs: () => boolean;
}

/** The processor of a chip: runs its loader's code over one controller with a receive FIFO and one transmit mailbox. */
export interface RomLoop {
  start(code: RomCode, rates: Rates): void;
  /** Off the bus, the code forgotten. */
  stop(): void;
}

export function romLoop(bus: CanBus, options: RomLoopOptions): RomLoop {
  let code: RomCode | null = null;
  let fifo: CanFrame[] = [];
  let overrun = false;
  let waiting = false;
  let early = false;

  const node: BusNode = bus.join(
    {
      frame(frame) {
        if (code === null || !options.passes(frame)) return;
        if (fifo.length === options.fifo) overrun = true;
        else fifo.push(frame);
        if (waiting) take();
      },
      sent: () => run(),
    },
    { recovers: true },
  );

  function take(): void {
    const frame = fifo.shift();
    if (frame === undefined) return;
    waiting = false;
    const got = { frame, overrun, early };
    overrun = false;
    later(options.takeMs, () => run(got));
  }

  function later(ms: number, act: () => void): void {
    const mine = code;
    bus.at(bus.now() + ms, () => {
      if (mine === code) act();
    });
  }

  function run(got?: Received): void {
    // A dead chip still takes frames off the bus: its controller needs no processor for that.
    if (code === null || !options.runs()) return;
    const { done, value: ask } = code.next(got);
    if (done === true) return;
    switch (ask.kind) {
      case "receive":
        if (options.flushes) fifo = [];
        early = fifo.length > 0;
        waiting = true;
        take();
        break;
      case "send":
        node.send(ask.frame);
        break;
      case "work":
        later(ask.ms, () => run());
        break;
      case "rates":
        node.setRates(ask.rates);
        run();
        break;
      default:
        assertNever(ask);
    }
  }

  return {
    start(begin, rates) {
      code = begin;
      fifo = [];
      overrun = false;
      waiting = false;
      node.clear();
      node.setRates(rates);
      run();
    },
    stop() {
      code = null;
      node.clear();
      node.setRates(null);
    },
  };
}
