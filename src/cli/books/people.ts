import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import { didYouMean, nearest } from "../../lib/nearest.ts";
import type { NewPerson, Person, Role } from "../../model/person.ts";
import { openStore } from "../../store/open-store.ts";
import type { StoreReader } from "../../store/store.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { allowed, person } from "../person.ts";
import { readerOrNone } from "../engineer/profile.ts";
import { readSecret } from "./read-secret.ts";
import { refuseNoBooks } from "../refuse-no-books.ts";
import { toolVersion } from "../version.ts";

/** `people list`: who works here, and who has left. */
export function peopleList(data: string, io: Io): number {
  using store = readerOrNone(data);
  const people = store?.people() ?? [];
  for (const one of people) show(one, io);
  if (people.length === 0) io.err("nobody is kept yet: gangflash people add NAME --role lead");
  return exitCodes.ok;
}

export interface AddOptions {
  readonly name: string;
  readonly role: Role;
  readonly badge: string | null;
  /** A PIN is asked for: on a command line every user of the machine could read it. */
  readonly pin: boolean;
  readonly by: string | null;
  readonly data: string;
}

/** `people add NAME --role ROLE`: from the first one on, the books know who may do what. */
export async function peopleAdd(options: AddOptions, io: Io): Promise<number> {
  const { role } = options;
  const pin = options.pin ? await newPin(options.name) : null;
  using store = openStore(options.data, { mode: "owner", station: null, timezone: null, toolVersion });
  const by = keeper(store, options.by);
  if (store.people().length === 0 && role !== "lead")
    throw new CommandError(
      `--role: ${role} found, lead was expected: the first person must be able to add the others`,
    );
  const one: NewPerson = {
    name: options.name,
    role,
    by,
    ...(options.badge === null ? {} : { badge: options.badge }),
    ...(pin === null ? {} : { pin }),
  };
  show(store.addPerson(one), io);
  return exitCodes.ok;
}

/** `people leave|return NAME`: somebody logs in no longer, or again; the deeds stay. */
export function peopleActive(
  name: string,
  active: boolean,
  given: string | null,
  data: string,
  io: Io,
): number {
  refuseNoBooks(data);
  using store = openStore(data, { mode: "owner", station: null, timezone: null, toolVersion });
  const by = keeper(store, given);
  const known = store.people();
  const one = known.find((person) => person.name === name);
  if (one === undefined) {
    const names = known.map((person) => person.name);
    const hint = didYouMean(nearest(name, names), "gangflash people list shows who is");
    throw new CommandError(`there is nobody named "${cleanText(name, 60)}" in the books; ${hint}`);
  }
  const leads = known.filter((person) => person.active && person.role === "lead");
  if (!active && leads.length === 1 && leads[0]?.id === one.id)
    throw new CommandError(`${name} is the last lead: nobody could add people any more`);
  show(store.setPersonActive(one.id, active, by), io);
  return exitCodes.ok;
}

const keeper = (store: StoreReader, by: string | null): string =>
  allowed(store, person(by), ["keep-people"], "--by").name;

/** Twice on a terminal, where nobody sees it; once from a pipe. */
async function newPin(name: string): Promise<string> {
  const first = await readSecret(`PIN of ${cleanText(name, 60)}: `);
  if (!process.stdin.isTTY) return first;
  if ((await readSecret("The same again: ")) === first) return first;
  throw new CommandError("people add: the two PINs differ, nobody was added");
}

function show(one: Person, io: Io): void {
  if (io.json) {
    io.out(visibleJson({ type: "person", ...one }));
    return;
  }
  const ways = one.hasBadge || one.hasPin ? "" : "no badge, no PIN: on command lines only";
  const marks = [one.hasBadge ? "badge" : "", one.hasPin ? "PIN" : "", ways, one.active ? "" : "has left"];
  io.out(
    `${one.name.padEnd(24)} ${one.role.padEnd(9)} ${marks.filter((mark) => mark !== "").join(", ")}`.trimEnd(),
  );
}
