import type { Clock } from "./clock.ts";

export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
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
  const due = clock.now() + ms;
  const end = (): void => controller.abort(reason());
  let timer = clock.after(ms, () => {
    if (clock.now() - due > lateMs) timer = clock.after(graceMs, end);
    else end();
  });
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
