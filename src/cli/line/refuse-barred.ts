import { barred } from "../../station/ask-books.ts";
import { gateOf } from "../../station/first-article.ts";
import { realmOf, type Order, type UnitStart } from "../../station/order.ts";
import type { Station } from "../../model/station.ts";
import type { Store } from "../../store/store.ts";
import { CommandError } from "../complain.ts";

/**
 * A gang without a screen is held by what the profile says against mistakes: its days, its limit, its first article
 * (docs/station.md). Throws CommandError: nobody was started.
 */
export function refuseBarred(order: Order, store: Store, units: readonly UnitStart[]): void {
  refuseDays(order);
  refuseLimit(order, store, units);
  refuseFirstArticle(order, store, units);
}

/**
 * A slot that a lead has retired gets no board: `--all` leaves it out, a unit that names it is refused. Throws
 * CommandError.
 */
export function withoutRetired(
  { name }: Station,
  store: Store,
  units: readonly UnitStart[],
  all: boolean,
): readonly UnitStart[] {
  const retired = store.retiredSlots(name);
  const left = units.filter(({ slot }) => !retired.has(slot.name));
  if (left.length === units.length || (all && left.length > 0)) return left;
  const whys = units.flatMap(({ slot }) => {
    const why = retired.get(slot.name);
    return why === undefined ? [] : [`${slot.name} was retired by ${why.by}: ${why.reason}`];
  });
  throw new CommandError(`slot ${whys.join(", slot ")}; a lead gives it back with F5 on the screen`);
}

function refuseDays({ profile, station }: Order): void {
  const why = barred({ ...profile, limit: null }, station.timezone, 0, new Date());
  if (why === null) return;
  const word = why.code === "PROFILE_EARLY" ? "before" : "after";
  throw new CommandError(
    `profile ${profile.name} revision ${profile.revision} may not run ${word} ${why.of}; nobody was started`,
  );
}

function refuseLimit({ profile, batch }: Order, store: Store, units: readonly UnitStart[]): void {
  const { limit } = profile;
  if (limit === null) return;
  const passed = store.batchCounts(batch)?.passed ?? 0;
  // A unit that is made again counts already.
  const more = units.filter(
    ({ slot, barcode }) => !store.passedInBatch(batch, barcode, realmOf(slot)),
  ).length;
  if (more === 0 || passed + more <= limit) return;
  throw new CommandError(
    `profile ${profile.name} has a limit of ${limit} units in an order: ${passed} passed in batch ${batch}, ` +
      `this gang has ${more} more; nobody was started`,
  );
}

function refuseFirstArticle(order: Order, store: Store, units: readonly UnitStart[]): void {
  const gate = gateOf(store, order);
  const accepted = `profile ${order.profile.name} wants its first article accepted by another person`;
  if (gate.kind === "waiting")
    throw new CommandError(
      `${accepted}: ${gate.barcode} in ${gate.slot} waits for that on the screen; nobody was started`,
    );
  if (gate.kind === "wanted" && units.length > 1)
    throw new CommandError(
      `${accepted}: one unit was expected until then, this gang has ${units.length}; nobody was started`,
    );
}
