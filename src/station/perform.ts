import { checkPin, closeOrder, openOrder, record } from "./keep-books.ts";
import type { Input } from "./decide.ts";
import type { Effect } from "./decision.ts";
import { checkFit, look, readGolden } from "./read-boards.ts";
import type { Session } from "./session.ts";
import { unitStarter } from "./start-units.ts";

/** Does what was decided; an answer that comes at once is the next thing that comes to the bench. */
export function performer(
  session: Session,
  cancel: () => void,
  leave: () => void,
): (effect: Effect) => Promise<Input | null> {
  const startUnits = unitStarter(session);
  return async (effect) => {
    switch (effect.type) {
      case "start":
        startUnits(effect.units);
        return null;
      case "cancel":
        cancel();
        return null;
      case "leave":
        leave();
        return null;
      case "record":
        return record(session, effect.deed);
      case "check-pin":
        return await checkPin(session, effect.name, effect.pin);
      case "open-order":
        return await openOrder(session, effect.text);
      case "close-order":
        return closeOrder(session, effect.by);
      case "look-up":
        session.keep(look(session, effect.slot, effect.barcode));
        return null;
      case "read-golden":
        session.keep(readGolden(session, effect.slot));
        return null;
      case "check-fit":
        return await checkFit(session);
      case "print-labels":
        session.labels?.again();
        return null;
      case "label-scanned":
        return session.labels?.scanned(effect) ?? null;
      case "next-mishap":
        session.options.nextMishap();
        return null;
      default:
        return effect satisfies never;
    }
  };
}
