import type { Clock } from "./clock.ts";

export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** One deadline after another, never two at a time. What they are made of is used again: a wire has thousands. */
export interface Deadlines {
  /** The next one; it runs until it is disposed. */
  start(parent: AbortSignal, ms: number, reason: () => Error): Deadline;
}

/** A timer this late, ms, says that the event loop was blocked; what came meanwhile is not read yet. */
const lateMs = 20;
/** What a late deadline gives the wire to be read, ms. */
const graceMs = 50;

/**
 * A signal that aborts with its parent, or with `reason()` after `ms`, whichever is first. Not `AbortSignal.timeout`:
 * that one is deaf to fake timers, lives in real time only, and lets an idle process exit. A deadline that comes late
 * waits once more for a moment: an answer that lies in the port already must not lose against it.
 */
export function deadline(clock: Clock, parent: AbortSignal, ms: number, reason: () => Error): Deadline {
  const controller = new AbortController();
  const timer = lateTimer(clock, ms, () => controller.abort(reason()));
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      parent.removeEventListener("abort", follow);
    },
  };
}

/** A limit of silence: it runs from the last time that something was heard. */
export interface Patience extends Deadline {
  heard(): void;
}

/** As `deadline`, but `heard` gives the whole time again. An answer of many pieces may take as long as it needs. */
export function patience(clock: Clock, parent: AbortSignal, ms: number, reason: () => Error): Patience {
  const controller = new AbortController();
  let last = clock.now();
  let timer = lateTimer(clock, ms, over);
  function over(): void {
    const left = last + ms - clock.now();
    if (left > 0) timer = lateTimer(clock, left, over);
    else controller.abort(reason());
  }
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    heard: () => {
      last = clock.now();
    },
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      parent.removeEventListener("abort", follow);
    },
  };
}

/** Deadlines of one wire. A controller serves until it has aborted, and listens to its parent until another one comes. */
export function deadlines(clock: Clock): Deadlines {
  let controller = new AbortController();
  let followed: AbortSignal | null = null;
  let timer: Disposable | null = null;
  const follow = (): void => controller.abort(followed?.reason);
  const current = {
    get signal(): AbortSignal {
      return controller.signal;
    },
    [Symbol.dispose]() {
      timer?.[Symbol.dispose]();
      timer = null;
    },
  };
  return {
    start(parent, ms, reason) {
      if (controller.signal.aborted) controller = new AbortController();
      if (followed !== parent) {
        followed?.removeEventListener("abort", follow);
        parent.addEventListener("abort", follow, { once: true });
        followed = parent;
      }
      if (parent.aborted) follow();
      else timer = lateTimer(clock, ms, () => controller.abort(reason()));
      return current;
    },
  };
}

function lateTimer(clock: Clock, ms: number, end: () => void): Disposable {
  const due = clock.now() + ms;
  let timer = clock.after(ms, () => {
    if (clock.now() - due > lateMs) timer = clock.after(graceMs, end);
    else end();
  });
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
