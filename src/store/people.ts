import { createHash } from "node:crypto";
import { isClean } from "../lib/clean-text.ts";
import { newDeed, type Deed, type DeedKind } from "../model/deed.ts";
import { roles, type NewPerson, type Person, type Role } from "../model/person.ts";
import { writing, type Connection } from "./file/connection.ts";
import { deedWriter } from "./deeds.ts";
import type { Desk } from "./desk.ts";
import { query } from "./file/query.ts";
import { badgeHash, isPin, newSalt, pinText, sameHash } from "./secrets.ts";
import { StoreError } from "./store-error.ts";

export interface PersonRow {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly badge_salt: string | null;
  readonly badge_hash: string | null;
  readonly pin: string | null;
  readonly active: number;
  readonly failed_pins: number;
  readonly failed_at: string | null;
}

function toPerson({ id, name, role, badge_hash, pin, active }: PersonRow): Person {
  const known = roles.find((one) => one === role);
  if (known === undefined) throw new StoreError("damaged", `the role of ${name} is "${role}": run an audit`);
  return {
    id,
    name,
    role: known,
    hasBadge: badge_hash !== null,
    hasPin: pin !== null,
    active: active === 1,
  };
}

export interface PeopleReads {
  people(): readonly Person[];
  personByBadge(code: string): Person | null;
}

export function peopleReads(db: Connection): PeopleReads {
  const all = query<[], PersonRow>(db, "SELECT * FROM people ORDER BY name");
  return {
    people: () => all.all().map(toPerson),
    personByBadge(code) {
      let found: PersonRow | null = null;
      // All are compared, also behind a hit: the time says nothing of whose badge it is.
      for (const row of all.all())
        if (row.badge_salt !== null && row.badge_hash !== null && row.active === 1)
          if (sameHash(badgeHash(row.badge_salt, code), row.badge_hash)) found = row;
      return found === null ? null : toPerson(found);
    },
  };
}

/** So many wrong PINs are free; each one more doubles the wait, up to the longest. */
const freeTries = 5;
const firstWaitMs = 30_000;
const longestWaitMs = 15 * 60_000;
const shortestPin = 4;

export interface PeopleWrites {
  addPerson(person: NewPerson): Person;
  setPersonActive(id: number, active: boolean, by?: string): Person;
  personByPin(name: string, pin: string): Promise<Person | null>;
}

/** Who works here. Each change is a deed in the same transaction, so that the audit can hold the table against it. */
export function peopleWrites({ db, now }: Desk): PeopleWrites {
  const reads = peopleReads(db);
  const record = deedWriter(db);
  const byName = query<[string], PersonRow>(db, "SELECT * FROM people WHERE name = ?");
  const insert = query<[string, Role, string | null, string | null, string | null], PersonRow>(
    db,
    `INSERT INTO people (name, role, badge_salt, badge_hash, pin, active) VALUES (?, ?, ?, ?, ?, 1) RETURNING *`,
  );
  const activate = query<[number, number], PersonRow>(
    db,
    "UPDATE people SET active = ? WHERE id = ? RETURNING *",
  );
  const count = query<[number, string | null, number]>(
    db,
    "UPDATE people SET failed_pins = ?, failed_at = ? WHERE id = ?",
  );

  const note = (kind: DeedKind, row: PersonRow, by: string): void => {
    record(personDeed(kind, row, by, now()));
  };

  const keep = writing(db, (person: NewPerson, pin: string | null): Person => {
    const { name, role, badge, by } = person;
    if (byName.get(name) !== undefined) throw new StoreError("conflict", `there is a person ${name} already`);
    if (badge !== undefined) {
      const other = reads.personByBadge(badge);
      if (other !== null) throw new StoreError("conflict", `this badge is ${other.name}'s`);
    }
    const salt = badge === undefined ? null : newSalt();
    const hash = badge === undefined || salt === null ? null : badgeHash(salt, badge);
    const row = insert.get(name, role, salt, hash, pin);
    if (row === undefined) throw new Error("no person came back");
    note("person-added", row, by ?? "nobody logged in");
    return toPerson(row);
  });

  return {
    addPerson(person) {
      refuseUnfit(person);
      // Outside the transaction: the hash of a PIN takes its time.
      return keep(person, person.pin === undefined ? null : pinText(person.pin));
    },
    setPersonActive: writing(db, (id: number, active: boolean, by?: string): Person => {
      const row = activate.get(active ? 1 : 0, id);
      if (row === undefined) throw new StoreError("conflict", `there is no person ${id}`);
      note("person-changed", row, by ?? "nobody logged in");
      return toPerson(row);
    }),
    async personByPin(name, pin) {
      const row = byName.get(name);
      if (row === undefined || row.pin === null || row.active !== 1) return null;
      const wait = waitMs(row, now());
      if (wait > 0)
        throw new StoreError(
          "conflict",
          `too many wrong PINs for ${name}: the next try in ${Math.ceil(wait / 1000)} s`,
        );
      const right = await isPin(row.pin, pin);
      const failed = right ? 0 : (byName.get(name)?.failed_pins ?? 0) + 1;
      if (failed !== row.failed_pins) count.run(failed, right ? null : now().toISOString(), row.id);
      return right ? toPerson(row) : null;
    },
  };
}

function refuseUnfit({ name, badge, pin }: NewPerson): void {
  if (!isClean(name) || name.trim() !== name || name.length > 60)
    throw new StoreError("conflict", "a person's name has 1 to 60 visible characters");
  if (badge !== undefined && badge.length === 0) throw new StoreError("conflict", "a badge has a code");
  if (pin !== undefined && pin.length < shortestPin)
    throw new StoreError("conflict", `a PIN has ${shortestPin} characters at least`);
}

function waitMs({ failed_pins, failed_at }: PersonRow, now: Date): number {
  if (failed_pins < freeTries || failed_at === null) return 0;
  const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** (failed_pins - freeTries));
  const passed = now.getTime() - new Date(failed_at).getTime();
  // A clock that was set back must not lock anybody out for longer.
  return passed < 0 ? wait : wait - passed;
}

/** What a deed says of a person as the table has them: enough to prove the row, nothing to log in with. */
export const personFacts = (row: PersonRow): Deed["detail"] => ({
  person: row.id,
  name: row.name,
  role: row.role,
  active: row.active === 1,
  secrets: createHash("sha256")
    .update(JSON.stringify([row.badge_salt, row.badge_hash, row.pin]))
    .digest("hex"),
});

const personDeed = (kind: DeedKind, row: PersonRow, by: string, at: Date): Deed =>
  newDeed(kind, at, by, { detail: personFacts(row) });
