import { listeners } from "../lib/listeners.ts";
import type { Clock } from "../lib/clock.ts";

/** Whether a simulated device is on its bus, and the one thing that is about to change that by itself. */
export interface BusPresence {
  attached(): boolean;
  /** Counts up with each arrival. */
  enumeration(): number;
  appear(): void;
  leave(): void;
  /** Calls `fire` after `ms`; a later plan takes its place. */
  plan(ms: number, fire: () => void): void;
  watch(listener: (attached: boolean) => void): Disposable;
}

export function busPresence(clock: Clock): BusPresence {
  const watchers = listeners<[attached: boolean]>();
  let attached = true;
  let enumeration = 0;
  let planned: Disposable | null = null;

  function change(there: boolean): void {
    if (attached === there) return;
    attached = there;
    if (there) enumeration += 1;
    watchers.tell(there);
  }

  return {
    attached: () => attached,
    enumeration: () => enumeration,
    appear: () => change(true),
    leave: () => change(false),
    plan(ms, fire) {
      planned?.[Symbol.dispose]();
      planned = clock.after(ms, fire);
    },
    watch: watchers.add,
  };
}
