import type { Clock } from "../../lib/clock.ts";

/** The time of one bus: that of its clock, less what the timers of the machine are late. */
export interface BusTime {
  /** Time of what is happening on the bus now, ms. */
  now(): number;
  /** Calls `fire` when the bus has come to this time; all in order of time. */
  at(time: number, fire: () => void): Disposable;
  /** The same time for whoever waits for something on this bus: a limit never comes before what lies in front of it. */
  readonly clock: Clock;
}

interface Due {
  readonly time: number;
  readonly fire: () => void;
}

/**
 * A timer of the machine comes a millisecond late where a frame takes a tenth of one. So what is late happens at its own
 * time all the same, one thing behind the other and as fast as the machine can, until the bus has caught up. Whoever asks
 * meanwhile is told the time to which the bus has come, and never one behind what is still due: else what he plans would
 * change places with what he plans next. On a bench clock nothing is ever late.
 */
export function busTime(clock: Clock): BusTime {
  /** Soonest last: the next one is popped. */
  const due: Due[] = [];
  let last = { time: clock.now(), now: clock.now() };
  let armed: { readonly time: number; readonly timer: Disposable } | null = null;

  let firing = false;

  function now(): number {
    if (firing) return last.time;
    return Math.min(last.time + (clock.now() - last.now), due.at(-1)?.time ?? Number.POSITIVE_INFINITY);
  }

  function next(): void {
    armed = null;
    const one = due.pop();
    if (one === undefined) return;
    last = { time: Math.max(last.time, one.time), now: clock.now() };
    firing = true;
    one.fire();
    firing = false;
    arm();
  }

  function arm(): void {
    const time = due.at(-1)?.time;
    if (armed?.time === time) return;
    armed?.timer[Symbol.dispose]();
    armed = null;
    if (time === undefined) return;
    const wait = time - clock.now();
    armed = { time, timer: wait < -lateMs ? soon(next) : clock.after(Math.max(0, wait), next) };
  }

  function at(time: number, fire: () => void): Disposable {
    const one = { time: Math.max(time, now()), fire };
    let place = due.length;
    while (place > 0 && (due[place - 1]?.time ?? 0) <= one.time) place -= 1;
    due.splice(place, 0, one);
    arm();
    return {
      [Symbol.dispose]() {
        const index = due.indexOf(one);
        if (index < 0) return;
        due.splice(index, 1);
        arm();
      },
    };
  }

  return { now, at, clock: { now, after: (ms, fire) => at(now() + Math.max(0, ms), fire) } };
}

/** So much and the bus is late. */
const lateMs = 0.001;

/** Behind everything that can happen in this turn. */
function soon(fire: () => void): Disposable {
  const turn = setImmediate(fire);
  return { [Symbol.dispose]: () => clearImmediate(turn) };
}
