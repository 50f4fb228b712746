import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readOrderSheet } from "../../config/order-sheet.ts";
import { readProfile } from "../../config/profile-file.ts";
import { alsoRead, type OrderRules } from "../../model/bench-rules.ts";
import type { Profile } from "../../model/profile.ts";
import type { Station } from "../../model/station.ts";
import { barred } from "../../station/ask-books.ts";
import type { Work, WorkRefusal } from "../../station/running-station.ts";
import type { Store } from "../../store/store.ts";
import { profileChips } from "../chips.ts";
import { CommandError, FileMistakes } from "../complain.ts";
import type { Io } from "../io.ts";
import { batchId, openOrder, profileOf } from "./open-order.ts";

/** What the code of an order says. */
export interface OrderCode {
  readonly order: string;
  readonly profile: string | null;
  readonly revision: string | null;
  readonly quantity: number | null;
}

/** The parts of an order's code, or `null` where it is none. */
export function readOrderCode(text: string, rules: OrderRules): OrderCode | null {
  const found = rules.pattern.exec(text);
  if (found === null) return null;
  const { order = found[0], profile = null, revision = null, quantity } = found.groups ?? {};
  const count = quantity !== undefined && /^[1-9][0-9]{0,6}$/.test(quantity) ? Number(quantity) : null;
  return { order, profile, revision, quantity: count };
}

/**
 * Opens the order of a scanned code, or goes on with it. Its profile is, in this order: the sheet's, the code's, the one
 * that the books have the order open with. What is wrong comes back as a refusal; nothing was opened then.
 */
export async function openByCode(
  text: string,
  by: string,
  station: Station,
  store: Store,
  io: Io,
): Promise<Work | WorkRefusal> {
  const rules = station.rules.orders;
  const code = rules === null ? null : readOrderCode(text, rules);
  if (rules === null || code === null) return { code: "SCAN_FORMAT", of: "" };
  try {
    const id = batchId(code.order, "order");
    const known = store.findBatch(id);
    if (known !== null && known.closedAt !== null) return { code: "ORDER_CLOSED", of: id };
    const listed = sheetOrder(rules, id);
    const named =
      code.profile === null && known !== null
        ? { ...code, profile: known.profile, revision: known.revision }
        : code;
    const file = listed?.profile ?? profileFile(rules, named);
    if (file === null) return { code: "ORDER_UNKNOWN", of: id };
    const profile = await profileOf(file, io);
    refuseAlone(profile, station);
    refuseOverlap(profile, station);
    const why = barred(profile, station.timezone, store.batchCounts(id)?.passed ?? 0, new Date());
    if (why !== null) return why;
    const quantity = known === null ? (listed?.quantity ?? code.quantity) : known.quantity;
    return { order: openOrder(store, station, profile, id, by, quantity), quantity };
  } catch (error) {
    // Of several mistakes in a file the first is enough for a screen; gangflash profile check tells all.
    if (error instanceof CommandError)
      return { code: "ORDER_BROKEN", of: error.message.split("\n")[0] ?? "" };
    throw error;
  }
}

/** A first article needs a second person, and a station where nobody logs in has none. Throws CommandError. */
export function refuseAlone(profile: Profile, station: Station): void {
  if (profile.firstArticle && station.rules.login === "none")
    throw new CommandError(
      `profile ${profile.name} asks for a first article; station ${station.name} says login: none, badge or pin was expected`,
    );
}

/** A label that is read as something else never starts a board. Throws CommandError. */
export function refuseOverlap(profile: Profile, station: Station): void {
  const other = profile.barcode === null ? null : alsoRead(station.rules, profile.barcode);
  if (other === null) return;
  throw new CommandError(
    `profile ${profile.name}: barcode also matches ${other.text}, which station ${station.name} reads as ${other.what}: patterns that have no code in common were expected`,
  );
}

function sheetOrder(rules: OrderRules, id: string) {
  if (rules.sheet === null) return null;
  const sheet = readOrderSheet(rules.sheet);
  if (!sheet.ok) throw new FileMistakes(sheet.issues);
  return sheet.value.find(({ order }) => order === id) ?? null;
}

/** The one file of the folder that holds this profile. */
function profileFile(rules: OrderRules, { profile, revision }: OrderCode): string | null {
  if (rules.profiles === null || profile === null) return null;
  const folder = rules.profiles;
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /\.ya?ml$/i.test(name));
  } catch {
    throw new CommandError(`orders.profiles: ${folder} cannot be read, a folder of profiles was expected`);
  }
  const fitting = names.toSorted().filter((name) => {
    const read = readProfile(join(folder, name), profileChips);
    if (!read.ok) return false;
    const { recipe } = read.value;
    return recipe.name === profile && (revision === null || recipe.revision === revision);
  });
  const [first, second] = fitting;
  if (second !== undefined)
    throw new CommandError(
      `${fitting.join(" and ")} both hold profile ${profile}; the order's code must name the revision`,
    );
  return first === undefined ? null : join(folder, first);
}
