import type { Logger } from "pino";
import { realClock, sleep } from "../../lib/clock.ts";
import type { Destination, NextMessage, Place, Subscription } from "../../model/outbox.ts";
import type { Station } from "../../model/station.ts";
import { pump, type Pump, type PumpPorts, type PumpState } from "../../outbox/pump.ts";
import { realmOf } from "../../station/order.ts";
import type { Store } from "../../store/store.ts";
import { courier } from "../../transport/outbox/courier.ts";
import { fileOf } from "../../transport/outbox/folder-drop.ts";

/** What a destination of this station gets. */
export const subscriptionOf = (station: Station, { trial, simulated }: Destination): Subscription => ({
  station: station.name,
  simulatedStation: station.slots.every((slot) => realmOf(slot) === "sim"),
  trial,
  simulated,
});

/** Destinations that are new to the books get their place: before anything happens that they must hear of. */
export function beginOutbox(station: Station, store: Store): void {
  for (const { name, from } of station.rules.outbox)
    store.unhurried(() => store.outboxBegin(name, from, new Date()));
}

/** The destinations of a station at work, beside the line. Disposed, it stops at once, whatever the network does. */
export interface Outbox extends Disposable {
  /** The books with a hand on the sender: a record that is closed wakes it. */
  readonly books: Store;
  states(): readonly { readonly name: string; readonly state: PumpState }[];
  /** Until nothing waits or something fails, `ms` at most. */
  settle(ms: number, signal: AbortSignal): Promise<void>;
}

/** `null`: the station file names no destination. */
export function startOutbox(
  station: Station,
  store: Store,
  log: Pick<Logger, "info" | "warn">,
): Outbox | null {
  const all = station.rules.outbox.map((one) => startOne(station, one, store, log));
  if (all.length === 0) return null;
  const stopAll = (): void => {
    for (const one of all) one[Symbol.dispose]();
  };
  return {
    books: {
      ...store,
      closeAttempt(attempt, end) {
        const record = store.closeAttempt(attempt, end);
        for (const { works } of all) works.wake();
        return record;
      },
    },
    states: () => all.map(({ name, works }) => ({ name, state: works.state() })),
    async settle(ms, signal) {
      const over = new AbortController();
      const limit = sleep(realClock, ms, AbortSignal.any([signal, over.signal])).catch(() => undefined);
      await Promise.race([Promise.all(all.map(({ works }) => works.settled())), limit]);
      over.abort();
    },
    [Symbol.dispose]: stopAll,
  };
}

function startOne(
  station: Station,
  destination: Destination,
  store: Store,
  log: Pick<Logger, "info" | "warn">,
): Disposable & { readonly name: string; readonly works: Pump } {
  const { name, to } = destination;
  const carrier = courier();
  const works = pump(
    {
      ...bookPorts(name, subscriptionOf(station, destination), store, log),
      deliver: async ({ key, text, before }, signal) =>
        await carrier.deliver({ to, key, file: fileOf(before, key), text }, signal),
    },
    realClock,
  );
  return {
    name,
    works,
    [Symbol.dispose]() {
      works[Symbol.dispose]();
      carrier[Symbol.dispose]();
    },
  };
}

/** What a pump asks of the books. */
export function bookPorts(
  name: string,
  of: Subscription,
  store: Pick<
    Store,
    "outboxNext" | "outboxHeads" | "outboxPass" | "outboxTaken" | "outboxFailed" | "unhurried" | "onDisk"
  >,
  log: Pick<Logger, "info" | "warn">,
): Omit<PumpPorts, "deliver"> {
  /** Rows up to here are on the disk. */
  let kept: Place = { record: 0, deed: 0 };
  let said: string | null = null;

  async function next(): Promise<NextMessage> {
    const found = store.outboxNext(name, of);
    if (found.kind !== "message") return found;
    const { to } = found.message;
    if (to.record <= kept.record && to.deed <= kept.deed) return found;
    // A receiver must not have what a power cut takes back from us.
    const heads = store.outboxHeads();
    await store.onDisk();
    kept = heads;
    return found;
  }

  return {
    next,
    pass: ({ from, to }) => store.unhurried(() => store.outboxPass(name, from, to)),
    taken(message) {
      store.unhurried(() => store.outboxTaken(name, message, new Date()));
      if (said !== null) log.info({ destination: name, key: message.key }, "outbox works again");
      said = null;
    },
    failed(message, why, refused) {
      const key = message?.key ?? null;
      // Once for each reason, not once a minute for days.
      if (why !== said) log.warn({ destination: name, key, why, refused }, "outbox waits");
      said = why;
      store.unhurried(() => store.outboxFailed(name, { why, at: new Date(), refused: refused ? key : null }));
    },
  };
}
