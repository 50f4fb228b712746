import { cleanText, visibleJson } from "../lib/clean-text.ts";
import { nearest } from "../lib/nearest.ts";
import type { Person, Role } from "../model/person.ts";
import { openStore } from "../store/open-store.ts";
import { CommandError } from "./complain.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { person } from "./person.ts";
import { readerOrNone } from "./profile.ts";
import { readSecret } from "./read-secret.ts";
import { toolVersion } from "./version.ts";

export interface PeopleAddOptions {
  readonly name: string;
  readonly role: Role;
  readonly badge: string | null;
  /** A PIN is read. */
  readonly pin: boolean;
  readonly by: string | null;
  readonly data: string;
}

/** `people add NAME --role ROLE`: somebody new, with a badge, a PIN or both. */
export async function peopleAdd(options: PeopleAddOptions, io: Io): Promise<number> {
  const { name, role, badge } = options;
  if (badge === null && !options.pin)
    throw new CommandError("people add: --badge CODE or --pin was expected, else this person cannot log in");
  const pin = options.pin ? await newPin(name) : null;
  using store = openStore(options.data, { mode: "owner", station: null, timezone: null, toolVersion });
  const added = store.addPerson({
    name,
    role,
    by: person(options.by),
    ...(badge === null ? {} : { badge }),
    ...(pin === null ? {} : { pin }),
  });
  show(added, io);
  return exitCodes.ok;
}

/** Twice on a terminal, where nobody sees it; once from a pipe. */
async function newPin(name: string): Promise<string> {
  const first = await readSecret(`PIN of ${cleanText(name, 60)}: `);
  if (!process.stdin.isTTY) return first;
  if ((await readSecret("The same again: ")) === first) return first;
  throw new CommandError("people add: the two PINs differ, nobody was added");
}

/** `people list`. */
export function peopleList(data: string, io: Io): number {
  using store = readerOrNone(data);
  const people = store?.people() ?? [];
  for (const one of people) show(one, io);
  if (people.length === 0) io.err("nobody is known here yet: gangflash people add NAME --role ROLE");
  return exitCodes.ok;
}

/** `people retire NAME`: their badge and PIN open nothing any more. */
export function peopleRetire(name: string, by: string | null, data: string, io: Io): number {
  // Looked for before anything is made: a mistyped folder must not become one.
  openStore(data, { mode: "reader" }).close();
  using store = openStore(data, { mode: "owner", station: null, timezone: null, toolVersion });
  const people = store.people();
  const found = people.find((one) => one.name === name);
  if (found === undefined) {
    const close = nearest(
      name,
      people.map((one) => one.name),
    );
    const hint = close === null ? "gangflash people list shows who is" : `did you mean "${close}"?`;
    throw new CommandError(`nobody is called "${cleanText(name, 60)}" here; ${hint}`);
  }
  show(store.setPersonActive(found.id, false, person(by)), io);
  return exitCodes.ok;
}

function show({ id, name, role, hasBadge, hasPin, active }: Person, io: Io): void {
  if (io.json) {
    io.out(visibleJson({ type: "person", id, name, role, hasBadge, hasPin, active }));
    return;
  }
  const ways = [...(hasBadge ? ["badge"] : []), ...(hasPin ? ["PIN"] : [])].join(" and ");
  io.out(cleanText(`${name}  ${role}  ${ways === "" ? "cannot log in" : ways}${active ? "" : "  has left"}`));
}
