import { Fault } from "../../model/fault.ts";
import { busEvents } from "../../protocol/bus-events.ts";
import type { BusEvent, FrameLink } from "../../protocol/links.ts";
import { queued, type Sending } from "../../protocol/sending.ts";
import type { CanBus } from "./can-bus.ts";

/** What kind of adapter stands between the host and its bus. */
export interface SimAdapter {
  /** From a frame handed over to its echo on an idle bus, without the frame's own time, ms; half of it each way. */
  readonly roundTripMs: number;
  /** Frames that the adapter holds; more wait in the host. */
  readonly queue: number;
  /** Whether it says that a frame was taken. */
  readonly echoes: boolean;
  /** What each thing that it tells the host takes, one behind another, ms: the host's machine is slow. */
  readonly eachMs?: number;
  /** So long after a restart it is on the bus and nobody listens: a kernel's interface before its socket is open, ms. */
  readonly unheardMs?: number;
  /** Rates that it makes, bit/s; any where none are named. */
  readonly makes?: readonly number[];
}

/** A candleLight stick at full speed (protocols/can-adapters.md, C3). */
export const gsUsbAdapter: SimAdapter = { roundTripMs: 1, queue: 10, echoes: true };

export interface SimCanLink extends FrameLink {
  /** Somebody pulls the adapter out of the computer. */
  unplug(): void;
}

/** The host's adapter as a node of a simulated bus, and in its time. */
export function simCanLink(bus: CanBus, adapter: SimAdapter = gsUsbAdapter): SimCanLink {
  const came = busEvents();
  const halfMs = adapter.roundTripMs / 2;
  const eachMs = adapter.eachMs ?? 0;
  /** When the way to the host is free again. */
  let freeAt = 0;
  /** Counts up with each restart of the channel: what is under way from before comes nowhere. */
  let life = 0;
  const waiting: Sending[] = [];
  const held: Sending[] = [];
  let lost: Fault | null = null;

  const node = bus.join({
    frame: (frame) => tell({ type: "frame", frame }),
    error: (error) => tell({ type: "error", error }),
    busOff: () => tell({ type: "bus-off" }),
    sent() {
      toHost(() => {
        held.shift()?.resolve();
        handOver();
      });
    },
  });

  /** After the way through the adapter, if its channel is still the same one then. */
  function later(act: () => void): void {
    if (halfMs === 0) {
      act();
      return;
    }
    const mine = life;
    bus.at(bus.now() + halfMs, () => {
      if (mine === life) act();
    });
  }

  function toHost(act: () => void): void {
    if (eachMs === 0) {
      later(act);
      return;
    }
    const mine = life;
    freeAt = Math.max(freeAt, bus.now() + halfMs) + eachMs;
    bus.at(freeAt, () => {
      if (mine === life) act();
    });
  }

  const tell = (event: BusEvent): void => toHost(() => came.push(event));

  function handOver(): void {
    while (held.length < adapter.queue) {
      const next = waiting.shift();
      if (next === undefined) return;
      held.push(next);
      if (!adapter.echoes) next.resolve();
      later(() => node.send(next.frame));
    }
  }

  function stop(error: Error): void {
    life += 1;
    freeAt = 0;
    node.setRates(null);
    node.clear();
    for (const one of [...held.splice(0), ...waiting.splice(0)]) one.reject(error);
  }

  function pass(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = bus.at(bus.now() + ms, () => {
        signal.removeEventListener("abort", end);
        resolve();
      });
      function end(): void {
        timer[Symbol.dispose]();
        reject(signal.reason as Error);
      }
      signal.addEventListener("abort", end, { once: true });
    });
  }

  return {
    clock: bus.clock,
    send(frame, signal) {
      if (lost !== null) return Promise.reject(lost);
      const sent = queued(frame, signal, waiting);
      handOver();
      return sent;
    },
    receive: (signal) => came.take(signal),
    drain: () => came.drain(),
    async setBitrate(nominal, data, signal) {
      if (lost !== null) throw lost;
      signal.throwIfAborted();
      if (adapter.makes !== undefined && !adapter.makes.includes(nominal))
        throw new Fault("ADAPTER_RATE", `the adapter cannot make ${nominal} bit/s`);
      // The command to stop, its answer; the command to start, its answer.
      await pass(halfMs, signal);
      stop(new Error("the channel was restarted"));
      await pass(2 * halfMs, signal);
      came.drop(() => true);
      node.setRates({ nominal, data });
      await pass(halfMs + (adapter.unheardMs ?? 0), signal);
      if (adapter.unheardMs !== undefined) came.drop(() => true);
    },
    unplug() {
      lost = new Fault("ADAPTER_LOST", "the CAN adapter is gone");
      stop(lost);
      came.drop(() => true);
      came.fail(lost);
    },
    [Symbol.asyncDispose]() {
      stop(new Error("the channel was closed"));
      return Promise.resolve();
    },
  };
}
