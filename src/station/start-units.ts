import { errorText } from "../lib/thrown.ts";
import type { RefusalCode } from "../model/refusal.ts";
import type { SlotFacts } from "../model/slot-view.ts";
import type { Start } from "./decision.ts";
import type { SlotResult } from "./run-slot.ts";
import { countsNow, suspectsNow } from "./session-facts.ts";
import { orderNow, type Session } from "./session.ts";
import { starter, UnitDataError, type Running } from "./start-gang.ts";
import { observe } from "./takt.ts";

/** Starts boards and tells the bench what becomes of each. */
export function unitStarter(session: Session): (units: readonly Start[]) => void {
  const { station, books, placeOf } = session.options;
  const gangs = starter(() => orderNow(session), books, placeOf);

  return (units) => {
    try {
      const started = gangs.start(
        units.flatMap(({ slot: name, barcode, panel }) => {
          const slot = station.slots.find((one) => one.name === name);
          return slot === undefined ? [] : [{ slot, barcode, panel, reworkReason: null }];
        }),
        (unit, event) => session.post({ type: "event", slot: unit.slot.name, event }),
        session.stop,
      );
      const at = performance.now();
      for (const one of started) {
        session.post({ type: "started", slot: one.unit.slot.name, serial: one.serial, at });
        session.keep(finish(session, one, at));
      }
    } catch (error) {
      const of = errorText(error);
      const guilty = error instanceof UnitDataError ? error.unit.slot.name : units.at(-1)?.slot;
      // Nobody of the gang was started; the one that it hung on is told last, and stays to be read.
      for (const { slot, barcode } of units.toSorted((a) => (a.slot === guilty ? 1 : -1)))
        session.post({ type: "rejected", slot, barcode, code: refusalOf(error), of });
    }
  };
}

async function finish(session: Session, one: Running, since: number): Promise<void> {
  const result = await one.result;
  const now = performance.now();
  const found = factsOf(result);
  session.takt = observe(session.takt, {
    type: "ended",
    at: now - session.begin,
    wall: Date.now(),
    passed: result.outcome.kind === "PASS",
    steps: found.steps,
  });
  session.post({
    type: "ended",
    slot: one.unit.slot.name,
    outcome: result.outcome,
    serial: result.record === null ? one.serial : result.record.serial,
    ms: now - since,
    facts: found,
    counts: countsNow(session),
    at: now - session.begin,
  });
  if (result.record?.outcome.kind === "PASS") session.labels?.passed(result.record);
  session.suspicious = suspectsNow(session);
  session.post({ type: "suspects", suspects: session.suspicious });
}

/** The books name their refusals; the bench does not know them as classes. */
function refusalOf(error: unknown): RefusalCode {
  if (error instanceof UnitDataError) return "SCAN_FORMAT";
  return error instanceof Error && error.name === "SerialsOut" ? "SERIALS_OUT" : "RECORDS_REFUSED";
}

function factsOf({ record }: SlotResult): SlotFacts {
  if (record === null) return { uid: null, chip: null, steps: [] };
  return {
    uid: record.uid,
    chip: record.chip?.name ?? null,
    steps: record.steps.map(({ step, ms }) => ({ step, ms })),
  };
}
