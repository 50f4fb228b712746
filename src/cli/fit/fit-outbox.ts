import type { FitCheck } from "../../model/panel.ts";
import type { Station } from "../../model/station.ts";
import type { StoreReader } from "../../store/store.ts";
import { statusOf } from "../outbox/outbox.ts";

/** So long a message may wait before somebody should look, ms. */
const patientMs = 3_600_000;
/** Rows that are counted: the screen waits meanwhile. */
const counted = 1000;

/** What waits for the servers beside the line; it stops nothing. `null`: the station has no such server. */
export function outboxCheck(station: Station, store: StoreReader, now: Date): FitCheck | null {
  const all = station.rules.outbox.map((one) => statusOf(station, one, store, counted));
  if (all.length === 0) return null;
  const count = all.reduce((sum, { waiting }) => sum + waiting.count, 0);
  const more = all.some(({ waiting }) => waiting.more);
  const late = all.some(
    ({ waiting: { oldest } }) => oldest !== null && now.getTime() - oldest.getTime() > patientMs,
  );
  const stuck = all.filter(({ state }) => state === "refused" || state === "lost");
  return {
    what: "outbox",
    state: late || more || stuck.length > 0 ? "look" : "yes",
    facts: {
      waiting: more ? `${count}+` : count,
      ...(stuck.length === 0 ? {} : { refused: stuck.map(({ destination }) => destination.name).join(", ") }),
    },
  };
}
