import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { AttemptOpening, AttemptRecord } from "../../../src/model/attempt.ts";
import type { Outcome } from "../../../src/model/event.ts";
import { Fault, type FaultCode } from "../../../src/model/fault.ts";
import type { Realm, Reservation } from "../../../src/model/ledger.ts";
import { openConnection, type Connection } from "../../../src/store/file/connection.ts";
import { databaseName, openBooks, openStore } from "../../../src/store/open-store.ts";
import { StoreError, type StoreErrorKind } from "../../../src/store/store-error.ts";
import { beginSession } from "../../../src/store/sessions.ts";
import { storeOver } from "../../../src/store/store-over.ts";
import type { AttemptHandle } from "../../../src/model/attempt.ts";
import type { NumberSpec } from "../../../src/model/ledger.ts";
import type { OwnerOptions, Store } from "../../../src/store/store.ts";
import { atEnd } from "../../tools/at-end.ts";
import { batchOpening, morning, opening, stepDone } from "./openings.ts";

export { batchOpening, morning, opening, profile, serialSpec, stepDone } from "./openings.ts";

// A memory disk where there is one: these tests commit some hundred thousand times.
const root = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A folder of its own for one case. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(root, "gangflash-test-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const station = { station: "line1-bench", timezone: "Europe/Berlin", toolVersion: "0.1.0" } as const;

/** Opens as the program does, and closes at the end of the case if that has not. */
export function owned(folder: string, more: Partial<OwnerOptions> = {}): Store {
  const store = openStore(folder, { mode: "owner", ...station, ...more });
  atEnd(() => store.close());
  return store;
}

/** A start of the program that takes no lock, so that a test can leave the one before as a crash would. */
export const unlocked = (folder: string, now: () => Date = () => new Date()): Store =>
  openBooks(folder, station, now, () => {});

/** Books over a connection that the test can get at, as one start of the program. */
export function overConnection(folder: string): { readonly db: Connection; readonly store: Store } {
  const file = databaseOf(folder);
  const db = openConnection(file, { wal: true });
  const session = beginSession(db, { ...station, startedAt: morning });
  const store = storeOver({ db, session, now: () => morning }, { folder, file, close: () => db.close() });
  return { db, store };
}

export const databaseOf = (folder: string): string => join(folder, databaseName);

/** The file as somebody else's tool sees it, with foreign keys off as `sqlite3` has them. */
export function raw(folder: string): Database.Database {
  const db = new Database(databaseOf(folder));
  db.pragma("foreign_keys = OFF");
  atEnd(() => void db.close());
  return db;
}

/** Takes the triggers away, as somebody with intent would. */
export function withoutTriggers(folder: string): Database.Database {
  const db = raw(folder);
  const names = db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  for (const { name } of names) db.exec(`DROP TRIGGER ${name}`);
  return db;
}

/** Books with an open batch WO-1. */
export function ready(folder: string = dataFolder()): Store {
  const store = owned(folder);
  store.openBatch(batchOpening());
  return store;
}

export const macSpec = (more: Partial<NumberSpec> = {}): NumberSpec => ({
  kind: "mac",
  series: "mac",
  start: 0,
  end: 255,
  text: (n) => (0x70b3d5000000 + n).toString(16).padStart(12, "0"),
  policy: "consume-on-success",
  ...more,
});

export const pass: Outcome = { kind: "PASS", marginal: false };
export const marginalPass: Outcome = { kind: "PASS", marginal: true };

export function failed(code: FaultCode): Outcome {
  const fault = new Fault(code, "detail");
  return { kind: fault.verdict, failure: { code, message: fault.say, detail: fault.detail } };
}

export interface Run {
  readonly specs?: readonly NumberSpec[];
  readonly uid?: string;
  /** The block with the numbers left the station. */
  readonly wrote?: boolean;
  readonly outcome?: Outcome;
  readonly opening?: Partial<AttemptOpening>;
}

/** One whole attempt on one unit, as the station makes it. */
export function run(store: Store, barcode: string, how: Run = {}): AttemptRecord {
  const { attempt } = begin(store, barcode, how);
  return end(store, attempt, how);
}

export function begin(
  store: Store,
  barcode: string,
  how: Run = {},
): { readonly attempt: AttemptHandle; readonly reservations: readonly Reservation[] } {
  const realm: Realm = how.opening?.realm ?? "line";
  const [reservations = []] =
    how.specs === undefined ? [[]] : store.reserveGang([{ barcode, realm, specs: how.specs }]);
  const attempt = store.openAttempt(opening(barcode, how.opening), reservations);
  return { attempt, reservations };
}

export function end(store: Store, attempt: AttemptHandle, how: Run = {}): AttemptRecord {
  const outcome = how.outcome ?? pass;
  store.journal(attempt, { type: "step", step: "identify", state: "start", ms: 0 });
  if (how.uid !== undefined) {
    store.bindUid(attempt, how.uid);
    store.journal(attempt, { type: "bound", uid: how.uid, how: "Read Memory over usb", ms: 100 });
  }
  if (how.wrote ?? outcome.kind === "PASS") store.markWritten(attempt);
  store.journal(attempt, { type: "step", step: "write", state: "start", ms: 200 });
  store.journal(attempt, stepDone);
  return store.closeAttempt(attempt, { at: new Date(morning.getTime() + 12_000), ms: 12_000, outcome });
}

export const states = (serials: readonly { readonly text: string; readonly state: string }[]): string[] =>
  serials.map(({ text, state }) => `${text} ${state}`);

/** The StoreError of a call; fails when there is none. */
export function refused(call: () => unknown, kind: StoreErrorKind): StoreError {
  try {
    call();
  } catch (error) {
    if (error instanceof StoreError && error.kind === kind) return error;
    throw error;
  }
  throw new Error(`nothing was refused, ${kind} was expected`);
}
