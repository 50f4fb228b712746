import { checkPin, closeOrder, openOrder, record } from "./keep-books.ts";
import type { Input } from "./decide.ts";
import type { Effect } from "./decision.ts";
import { checkFit, looking, readGolden } from "./read-boards.ts";
import { peeking } from "./peek.ts";
import type { Session } from "./session.ts";
import { teachIn } from "./teach-in.ts";
import { unitStarter } from "./start-units.ts";

/** Does what was decided; an answer that comes at once is the next thing that comes to the bench. */
export function performer(
  session: Session,
  cancel: () => void,
  leave: () => void,
): (effect: Effect) => Promise<Input | null> {
  const startUnits = unitStarter(session);
  const teaching = teachIn(session);
  const peeks = peeking(session);
  const looks = looking(session);
  return async (effect) => {
    switch (effect.type) {
      case "peek":
        peeks.begin(effect.slot);
        return null;
      case "start":
        await peeks.stop(effect.units.map(({ slot }) => slot));
        await looks.stop();
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
        if (effect.slot !== null) await peeks.stop([effect.slot]);
        await looks.stop();
        looks.begin(effect.slot, effect.barcode);
        return null;
      case "read-golden":
        await peeks.stop([effect.slot]);
        session.keep(readGolden(session, effect.slot));
        return null;
      case "check-fit":
        return await checkFit(session);
      case "teach":
        return await teaching.perform(effect);
      case "print-labels":
        session.labels?.again();
        return null;
      case "label-scanned":
        return session.labels?.scanned(effect) ?? null;
      case "next-mishap":
        return { type: "planned", words: session.options.nextMishap?.() ?? "" };
      default:
        return effect satisfies never;
    }
  };
}
