import { toFault } from "../model/fault.ts";
import type { Presence } from "./bench-state.ts";
import type { Session } from "./session.ts";

/** Boards that have just come into their slots are asked what they are; nothing is written. */
export interface Peeks {
  begin(slot: string): void;
  /** Before these slots run: whoever looks lets go of their boards first. */
  stop(slots: readonly string[]): Promise<void>;
}

export function peeking(session: Session): Peeks {
  const { station, peek } = session.options;
  const looking = new Map<string, { readonly stop: AbortController; readonly over: Promise<void> }>();

  async function look(name: string, signal: AbortSignal): Promise<void> {
    const slot = station.slots.find((one) => one.name === name);
    if (slot === undefined || peek === null) return;
    let presence: Presence;
    try {
      presence = { kind: "board", chip: await peek(slot, session.work?.order ?? null, signal) };
    } catch (error) {
      if (signal.aborted) return;
      // Another chip than the order's is told when its unit is scanned: it lies there and answers.
      presence =
        toFault(error).code === "WRONG_CHIP" ? { kind: "board", chip: null } : { kind: "unreadable" };
    }
    if (!signal.aborted) session.post({ type: "presence", slot: name, presence });
  }

  return {
    begin(slot) {
      looking.get(slot)?.stop.abort();
      const stop = new AbortController();
      const over = look(slot, AbortSignal.any([stop.signal, session.stop])).finally(() => {
        if (looking.get(slot)?.stop === stop) looking.delete(slot);
      });
      looking.set(slot, { stop, over });
      session.keep(over);
    },
    async stop(slots) {
      const busy = slots.flatMap((slot) => looking.get(slot) ?? []);
      for (const { stop } of busy) stop.abort();
      await Promise.all(busy.map(({ over }) => over));
    },
  };
}
