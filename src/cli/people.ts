import { createInterface } from "node:readline/promises";
import { cleanText, visibleJson } from "../lib/clean-text.ts";
import { roles, type NewPerson, type Person } from "../model/person.ts";
import { openStore } from "../store/open-store.ts";
import type { StoreReader } from "../store/store.ts";
import { CommandError } from "./complain.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { allowed, person } from "./person.ts";
import { readerOrNone } from "./profile.ts";
import { toolVersion } from "./version.ts";

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
  readonly role: string;
  readonly badge: string | null;
  /** Read the PIN as one line of standard input: on a command line every user of the machine could read it. */
  readonly pin: boolean;
  readonly by: string | null;
  readonly data: string;
}

/** `people add NAME --role ROLE`: from the first one on, the books know who may do what. */
export async function peopleAdd(options: AddOptions, io: Io): Promise<number> {
  const role = roles.find((one) => one === options.role);
  if (role === undefined)
    throw new CommandError(
      `--role: "${cleanText(options.role, 40)}" found, ${roles.join(", ")} were expected`,
    );
  const pin = options.pin ? await lineOfInput(io) : null;
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
  // Looked for before anything is made: a mistyped folder must not become one.
  openStore(data, { mode: "reader" }).close();
  using store = openStore(data, { mode: "owner", station: null, timezone: null, toolVersion });
  const by = keeper(store, given);
  const known = store.people();
  const one = known.find((person) => person.name === name);
  if (one === undefined)
    throw new CommandError(
      `there is nobody named "${cleanText(name, 60)}" in the books: gangflash people list`,
    );
  const leads = known.filter((person) => person.active && person.role === "lead");
  if (!active && leads.length === 1 && leads[0]?.id === one.id)
    throw new CommandError(`${name} is the last lead: nobody could add people any more`);
  show(store.setPersonActive(one.id, active, by), io);
  return exitCodes.ok;
}

const keeper = (store: StoreReader, by: string | null): string =>
  allowed(store, person(by), ["keep-people"], "--by").name;

async function lineOfInput(io: Io): Promise<string> {
  if (process.stdin.isTTY) io.err("PIN:");
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line.trim();
  } finally {
    lines.close();
  }
  throw new CommandError("--pin: a line with the PIN was expected on standard input");
}

function show(one: Person, io: Io): void {
  if (io.json) {
    io.out(visibleJson({ type: "person", ...one }));
    return;
  }
  const marks = [one.hasBadge ? "badge" : "", one.hasPin ? "PIN" : "", one.active ? "" : "has left"];
  io.out(
    `${one.name.padEnd(24)} ${one.role.padEnd(9)} ${marks.filter((mark) => mark !== "").join(", ")}`.trimEnd(),
  );
}
