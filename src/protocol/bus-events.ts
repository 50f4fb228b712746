import { arrivals, type Arrivals } from "../lib/arrivals.ts";
import type { BusEvent } from "./links.ts";

/** What came from a channel, for its one reader. */
export interface BusEvents extends Arrivals<BusEvent> {
  /** Throws away frames and errors that were not asked for, not a bus-off; says how many frames. */
  drain(): number;
}

export function busEvents(): BusEvents {
  const came = arrivals<BusEvent>();
  return {
    ...came,
    drain() {
      let frames = 0;
      came.drop((event) => {
        if (event.type === "frame") frames += 1;
        return event.type !== "bus-off";
      });
      return frames;
    },
  };
}
