import { assertNever } from "../../lib/assert-never.ts";
import { sleep, type Clock } from "../../lib/clock.ts";
import { Fault } from "../../model/fault.ts";
import { busEvents } from "../../protocol/bus-events.ts";
import { ratesText, type FrameLink } from "../../protocol/links.ts";
import { queued, type Sending } from "../../protocol/sending.ts";
import type { GsUsbAdapter } from "./gs-usb-adapter.ts";
import {
  features,
  hostFrame,
  modeReset,
  modeStart,
  requests,
  timingBytes,
  type ChannelFacts,
  type FromDevice,
} from "./gs-usb-frames.ts";
import { bitTiming, samplePoints, type BitTiming } from "./gs-usb-timing.ts";

/** Frames of a channel that the adapter holds; its own queue is longer, and Linux keeps to as many. */
const echoes = 10;
/** What an adapter still sends of the time before it was stopped comes at once, ms. */
const staleMs = 5;

interface Timings {
  readonly nominal: BitTiming;
  readonly data: BitTiming | null;
}

/** The timings of these rates in bit/s on a channel; `null` where it cannot make one of them. */
export function timingsOf(facts: ChannelFacts, nominal: number, data: number | null): Timings | null {
  const point = data === null ? samplePoints.classic : samplePoints.fd;
  const slow = bitTiming(nominal, facts.clockHz, facts.nominal, point);
  if (slow === null) return null;
  if (data === null) return { nominal: slow, data: null };
  const fast = facts.data === null ? null : bitTiming(data, facts.clockHz, facts.data, samplePoints.fd);
  return fast === null ? null : { nominal: slow, data: fast };
}

/**
 * One channel of an adapter. What the echo of a frame says differs: the original firmware and the notes (C3) send it when
 * a node took the frame, candleLight already when the frame lies in a mailbox of its controller. There a frame that
 * nobody takes shows by error frames, which are asked for where the adapter has them.
 */
export function gsUsbChannel(
  adapter: GsUsbAdapter,
  channel: number,
  facts: ChannelFacts,
  clock: Clock,
  closed: () => Promise<void>,
): FrameLink {
  const came = busEvents();
  const padByte = (facts.features & features.padByte) !== 0;
  const waiting: Sending[] = [];
  const held = new Map<number, Sending>();
  /** Counts up with each stop: what is under way from before comes nowhere. */
  let life = 0;
  let hears = false;
  let sends = false;
  let over: Promise<void> | null = null;
  let work: Promise<void> = Promise.resolve();

  const ears = adapter.listen(channel, { heard, lost });

  function heard(message: FromDevice): void {
    if (!hears) return;
    switch (message.kind) {
      case "echo": {
        if (message.lost) came.push({ type: "error", error: "overrun" });
        held.get(message.echo)?.resolve();
        held.delete(message.echo);
        handOver();
        return;
      }
      case "events":
        for (const event of message.events) {
          came.push(event);
          if (event.type === "bus-off") leave();
        }
        return;
      default:
        assertNever(message);
    }
  }

  /** An adapter would come back by itself; a bus that has thrown us out is not gone back to unasked. */
  function leave(): void {
    hears = false;
    sends = false;
    inTurn(() => adapter.control(requests.mode, channel, modeReset())).catch(() => {});
  }

  function lost(fault: Fault): void {
    hears = false;
    drop(fault);
    came.fail(fault);
  }

  function drop(error: Error): void {
    life += 1;
    sends = false;
    const dropped = [...held.values(), ...waiting.splice(0)];
    held.clear();
    for (const one of dropped) one.reject(error);
  }

  function handOver(): void {
    if (!sends) return;
    while (held.size < echoes) {
      const next = waiting.shift();
      if (next === undefined) return;
      let echo = 0;
      while (held.has(echo)) echo += 1;
      held.set(echo, next);
      const mine = life;
      // A write that fails has lost the adapter, which is told to all its channels.
      adapter.write(hostFrame(echo, channel, next.frame, padByte), () => mine === life).catch(() => {});
    }
  }

  function inTurn(act: () => Promise<void>): Promise<void> {
    const mine = work.then(act);
    work = mine.catch(() => {});
    return mine;
  }

  async function restart(timings: Timings, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    hears = false;
    drop(new Error("the channel was restarted"));
    await adapter.control(requests.mode, channel, modeReset());
    await sleep(clock, staleMs, signal);
    came.drop(() => true);
    await adapter.control(requests.bitTiming, channel, timingBytes(timings.nominal));
    if (timings.data !== null)
      await adapter.control(requests.dataBitTiming, channel, timingBytes(timings.data));
    signal.throwIfAborted();
    hears = true;
    const mode = (facts.features & features.busErrors) | (timings.data === null ? 0 : features.fd);
    await adapter.control(requests.mode, channel, modeStart(mode));
    sends = hears;
    handOver();
  }

  async function close(): Promise<void> {
    hears = false;
    drop(new Error("the channel was closed"));
    if (adapter.lost() === null)
      await inTurn(() => adapter.control(requests.mode, channel, modeReset())).catch(() => {});
    ears[Symbol.dispose]();
    await closed();
  }

  return {
    clock,
    send(frame, signal) {
      const fault = adapter.lost();
      if (fault !== null) return Promise.reject(fault);
      const sent = queued(frame, signal, waiting);
      handOver();
      return sent;
    },
    receive: (signal) => came.take(signal),
    drain: () => came.drain(),
    async setBitrate(nominal, data, signal) {
      const why = adapter.lost();
      if (why !== null) throw why;
      const timings = timingsOf(facts, nominal, data);
      if (timings === null)
        throw new Fault(
          "ADAPTER_RATE",
          `the adapter cannot make ${ratesText({ nominal, data })} bit/s: its clock is ${facts.clockHz} Hz`,
        );
      await inTurn(() => restart(timings, signal));
    },
    [Symbol.asyncDispose]: () => (over ??= close()),
  };
}
