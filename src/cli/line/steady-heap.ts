import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** One half of it, less what V8 keeps for itself of 16 MiB. A station with 64 boards takes less than 1 MiB from one collection to the next. */
const enoughBytes = 15 * 1024 * 1024;
const lookEveryMs = 500;

/**
 * V8 doubles the space of young objects as a program goes on, up to twice 32 MiB, and the event loop stands still while the machine
 * hands that memory out: at the last step longer than for anything else that a station does. While boards run it grows
 * no further than it must; where V8 made it small again in a pause, it may grow once more.
 */
export function steadyHeap(): Disposable {
  let steady = false;
  function look(): void {
    const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
    // Not its size: what V8 gave up a moment ago is still in that.
    const enough = space !== undefined && space.space_used_size + space.space_available_size >= enoughBytes;
    if (enough === steady) return;
    steady = enough;
    // V8 reads this one at each growth, not only at its start.
    setFlagsFromString(`--semi-space-growth-factor=${steady ? 1 : 2}`);
  }
  look();
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      if (steady) setFlagsFromString("--semi-space-growth-factor=2");
    },
  };
}
