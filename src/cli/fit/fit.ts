import { thisMachine } from "../doctor/machine.ts";
import type { ChipChoice } from "../../model/family.ts";
import type { FitCheck } from "../../model/panel.ts";
import { portText } from "../../model/port.ts";
import type { Station } from "../../model/station.ts";
import type { Store } from "../../store/store.ts";
import { portComplaint } from "../bench/bench.ts";
import { chainCheck } from "./fit-chain.ts";
import { clockCheck } from "./fit-clock.ts";
import { outboxCheck } from "./fit-outbox.ts";

/** Less room than this stops the station before the disk does (screens.md, 3.15). */
const leastFreeBytes = 200_000_000;

/** The list beside LOG IN: what must be right before the first board, with its figures. */
export async function stationChecks(
  station: Station,
  store: Store,
  chip: ChipChoice | null,
): Promise<readonly FitCheck[]> {
  const { slots, name } = station;
  let found = 0;
  const mute: string[] = [];
  const usb = slots.find(({ port }) => port.kind === "usb");
  const usbWhy = usb === undefined ? null : await portComplaint(usb, chip);
  for (const slot of slots) {
    const why = slot.port.kind === "usb" ? usbWhy : await portComplaint(slot, chip);
    if (why === null) found += 1;
    else mute.push(`${slot.name} (${portText(slot.port)})`);
  }
  const begin = performance.now();
  const free = store.freeBytes();
  const readMs = Math.round(performance.now() - begin);
  const last = store.lastRecords(1)[0]?.endedAt ?? null;
  const lastDeed = store.deeds({ limit: 1 })[0]?.at ?? null;
  const newest = [last, lastDeed].reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);
  const outbox = outboxCheck(station, store, new Date());
  return [
    {
      what: "slots",
      state: found === slots.length ? "yes" : found === 0 ? "no" : "look",
      facts: {
        found,
        of: slots.length,
        retired: store.retiredSlots(name).size,
        ...(mute.length === 0 ? {} : { missing: mute.join(", ") }),
      },
    },
    {
      what: "disk",
      state: free < leastFreeBytes ? "no" : "yes",
      facts: { freeBytes: free, neededBytes: leastFreeBytes, readMs },
    },
    await clockCheck(thisMachine(), newest),
    chainCheck(store),
    ...(outbox === null ? [] : [outbox]),
  ];
}
