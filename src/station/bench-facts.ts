import type { BatchCounts } from "../model/batch.ts";
import { faults, type FaultCode } from "../model/fault.ts";
import type { CompleteOrder, OpenOrder, SlotYield } from "../model/panel.ts";
import type { BatchFacts } from "../model/facts.ts";
import { wilson } from "../model/statistics.ts";
import type { Suspect } from "../model/slot-view.ts";
import type { Books } from "./books.ts";
import type { Order } from "./order.ts";
import { taktOf, type TaktState } from "./takt.ts";

const mostOrders = 10;

/** Orders that are open here, newest first, as the screen lists them while it waits for one. */
export function openOrders(books: Books): readonly OpenOrder[] {
  return books
    .batches()
    .filter(({ closedAt }) => closedAt === null)
    .slice(0, mostOrders)
    .map(({ id, product, profile, revision, trial, quantity }) => ({
      id,
      product,
      profile,
      revision,
      trial,
      passed: books.batchCounts(id)?.passed ?? 0,
      quantity,
    }));
}

const isCode = (code: string): code is FaultCode => Object.hasOwn(faults, code);

/** Everything that stands beside the word DONE. */
export function completeOrder(
  books: Books,
  order: Order,
  takt: TaktState,
  suspects: ReadonlyMap<string, Suspect>,
): CompleteOrder | null {
  const facts = books.batchFacts(order.batch);
  if (facts === null) return null;
  const { batch, counts } = facts;
  return {
    id: batch.id,
    product: batch.product,
    revision: batch.revision,
    openedAt: batch.openedAt,
    openedBy: batch.openedBy,
    lastUnitAt: facts.attempts.at(-1)?.endedAt ?? null,
    quantity: batch.quantity,
    counts,
    firstPass: wilson(counts.firstPass, counts.firstSeen),
    failures: facts.failures.flatMap(({ code, count }) => (isCode(code) ? [{ code, units: count }] : [])),
    slots: facts.bySlot.map(({ slot, passed, tried }): SlotYield => ({
      slot,
      passed,
      tried,
      suspect: suspects.has(slot),
    })),
    reworked: passedAfter(facts),
    voided: facts.figures.voided,
    // A number that was written and did not pass stays its unit's.
    serials: { ...facts.serials, reserved: facts.serials.reserved + facts.serials.written },
    labels: labelsIn(facts),
    retired: [...books.retiredSlots(order.station.name)].map(([slot, { at }]) => ({ slot, at })),
    takt: taktOf(takt),
    records: facts.head?.seq ?? 0,
    head: facts.head?.hash.slice(0, 16) ?? "",
  };
}

/** Units that passed after somebody worked on them. */
function passedAfter({ reworks, attempts }: BatchFacts): number {
  const passed = new Set(
    attempts.flatMap(({ barcode, outcome, endedAt }) =>
      outcome.kind === "PASS" && reworks.some((mark) => mark.barcode === barcode && mark.at < endedAt)
        ? [barcode]
        : [],
    ),
  );
  return passed.size;
}

function labelsIn({ deeds }: BatchFacts): CompleteOrder["labels"] {
  const units = (kind: string): number =>
    new Set(deeds.flatMap((deed) => (deed.kind === kind ? [deed.barcode] : []))).size;
  const printed = units("label-printed");
  return printed === 0 ? null : { printed, confirmed: units("label-confirmed") };
}

export const noCounts: BatchCounts = {
  passed: 0,
  failed: 0,
  seen: 0,
  firstPass: 0,
  firstSeen: 0,
  marginal: 0,
};
