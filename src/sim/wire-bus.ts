import type { Clock } from "../lib/clock.ts";
import type { CanFrame } from "../protocol/links.ts";
import type { BusNode, CanBus, NodeEars } from "./can/can-bus.ts";
import { busTime } from "./can/can-time.ts";

export interface WireBus extends CanBus {
  /** A frame came from the other side. */
  heard(frame: CanFrame): void;
}

/**
 * A bus that is somewhere else, such as a vcan: a simulated chip joins it as it joins a `CanBus`. What it has of one is
 * order. No bit times, rates, arbitration or errors: a frame is taken as soon as it was handed over. A node off the bus
 * hears nothing.
 */
export function wireBus(clock: Clock, give: (frame: CanFrame) => void): WireBus {
  const time = busTime(clock);
  const tally = { frames: 0, errors: 0, busyMs: 0 };
  const all: { readonly ears: NodeEars; on: boolean }[] = [];

  return {
    ...time,
    tally,
    heard(frame) {
      tally.frames += 1;
      for (const { ears, on } of all) if (on) ears.frame?.(frame);
    },
    join(ears) {
      const node = { ears, on: false };
      all.push(node);
      let queue: CanFrame[] = [];
      const joined: BusNode = {
        send(frame) {
          queue.push(frame);
          time.at(time.now(), () => {
            if (!node.on || queue.shift() === undefined) return;
            tally.frames += 1;
            give(frame);
            ears.sent?.(frame);
          });
        },
        clear() {
          queue = [];
        },
        setRates(rates) {
          node.on = rates !== null;
        },
        counters: () => ({ transmit: 0, receive: 0, off: false }),
      };
      return joined;
    },
  };
}
