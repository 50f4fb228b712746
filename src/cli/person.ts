import { userInfo } from "node:os";
import { cleanText } from "../lib/clean-text.ts";
import { mayDo, type Right, type Role } from "../model/person.ts";
import type { StoreReader } from "../store/store.ts";
import { CommandError } from "./complain.ts";

/** Who does it: the name that was given, else the user's own. */
export function person(given: string | null): string {
  if (given !== null) return cleanText(given, 60);
  try {
    return cleanText(userInfo().username, 60);
  } catch {
    return "unknown";
  }
}

/**
 * Who does it, with the role that the books know. Where people are kept, the name must be known, active, and have one of
 * these rights; a name on a command line is a statement all the same, not a log-in. Throws CommandError.
 */
export function allowed(
  store: StoreReader,
  name: string,
  rights: readonly Right[],
  option: string,
): { readonly name: string; readonly role: Role | null } {
  const people = store.people();
  if (people.length === 0) return { name, role: null };
  const known = people.find((one) => one.name === name && one.active);
  if (known === undefined)
    throw new CommandError(
      `${option}: "${name}" found, somebody whom the books know was expected (gangflash people list)`,
    );
  if (rights.some((right) => mayDo(known.role, right))) return { name, role: known.role };
  throw new CommandError(
    `${option}: ${name} is ${known.role}, somebody who may ${rights.join(" or ")} was expected`,
  );
}
