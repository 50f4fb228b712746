import { attempts, runningAttempts } from "./records/attempts.ts";
import { auditConnection } from "./audit/audit.ts";
import { backup } from "./file/backup.ts";
import { batchReads } from "./batches.ts";
import { batchTally } from "./counts/batch-tally.ts";
import type { Connection } from "./file/connection.ts";
import { decisions } from "./decisions.ts";
import { deedReads, deedWriter } from "./deeds.ts";
import type { Desk } from "./desk.ts";
import { disk } from "./file/disk.ts";
import { factReads } from "./counts/facts.ts";
import { importBooks } from "./imports/import-books.ts";
import { importNumbers } from "./imports/import-numbers.ts";
import { outboxReads, outboxWrites } from "./outbox/outbox.ts";
import { peopleReads, peopleWrites } from "./people.ts";
import { profileReads, profileWrites } from "./profiles.ts";
import { endedReads } from "./records/records-ended.ts";
import { recordReads } from "./records/records.ts";
import { reserve } from "./ledger/reserve.ts";
import { freeBytesOf, spareRoom } from "./file/room.ts";
import { settle } from "./ledger/settle.ts";
import { sessionList } from "./sessions.ts";
import { linkTexts } from "./signatures.ts";
import { complaining, storeComplaint } from "./file/sqlite-complaint.ts";
import { StoreError } from "./store-error.ts";
import type { Store, StoreReader } from "./store.ts";
import { unitLives } from "./counts/unit-life.ts";
import { yieldReads } from "./counts/yields.ts";

/** Where open books lie, and what lets them go. */
export interface Place {
  readonly folder: string;
  readonly file: string;
  /** Called once. */
  readonly close: () => void;
}

type Call = (...args: unknown[]) => unknown;

/**
 * Some functions of a part, each telling what goes wrong with the file as StoreError; `first` is done before each. One that
 * finds the disk full is done again where `makeRoom` has made some: nothing of it had happened.
 */
function telling(
  file: string,
  first: () => void = () => undefined,
  makeRoom: () => boolean = () => false,
): <T extends object, K extends keyof T>(part: T, ...names: K[]) => Pick<T, K> {
  return (part, ...names) => {
    const told = names.map((name) => {
      // Only functions are named below; the wrapper has the same arguments and the same answer.
      const call = part[name] as Call;
      const run = (...args: unknown[]): unknown => {
        first();
        return call(...args);
      };
      const tell = (...args: unknown[]): unknown => complaining(file, () => run(...args));
      const again = (...args: unknown[]): unknown => {
        try {
          return tell(...args);
        } catch (error) {
          if (error instanceof StoreError && error.kind === "full" && makeRoom()) return tell(...args);
          throw error;
        }
      };
      return [name, again] as const;
    });
    // The keys are those that were asked for, each with a function of its own type.
    return Object.fromEntries(told) as Pick<typeof part, (typeof names)[number]>;
  };
}

/** Rows one by one, telling what goes wrong with the file as StoreError. */
function* piecewise<T>(file: string, rows: Generator<T, void, undefined>): Generator<T, void, undefined> {
  for (;;) {
    const next = complaining(file, () => rows.next());
    if (next.done === true) return;
    yield next.value;
  }
}

/** The reading side over an open connection. */
export function readerOver(db: Connection, place: Place): StoreReader {
  const { folder, file } = place;
  const told = telling(file);
  const records = recordReads(db);
  const recordsEnded = endedReads(db);
  const texts = linkTexts(db);
  let open = true;
  const close = (): void => {
    if (open) place.close();
    open = false;
  };
  return {
    folder,
    freeBytes: () => complaining(file, () => freeBytesOf(folder)),
    ...told(
      { sessions: sessionList(db), unitLife: unitLives(db), running: runningAttempts(db) },
      "sessions",
      "unitLife",
      "running",
    ),
    ...told(profileReads(db), "profileOf", "profileHashes", "releaseOf", "releases"),
    ...told(batchReads(db), "findBatch", "batches", "isSimulated"),
    ...told(factReads(db), "batchFacts", "batchHead"),
    ...told(batchTally(db), "batchCounts", "slotCounts"),
    ...told(yieldReads(db), "yieldOf"),
    ...told(peopleReads(db), "people", "personByBadge"),
    ...told(deedReads(db), "deeds", "deedHead", "retiredSlots"),
    ...told(outboxReads(db), "outboxState", "outboxNext", "outboxWaiting", "outboxHeads"),
    ...told(records, "head", "lastRecords", "attemptsOf", "lastAttempt", "passedInBatch"),
    records: (batch) => piecewise(file, records.records(batch)),
    recordsEnded: (ended) => piecewise(file, recordsEnded(ended)),
    links: (chain, batch) => piecewise(file, texts(chain, batch)),
    audit: (options) => complaining(file, () => auditConnection(db, options)),
    backup: (to) => backup(db, file, to),
    close,
    [Symbol.dispose]: close,
  };
}

/** Both sides over an open connection; whoever calls this has seen to it that nobody else writes. */
export function storeOver(desk: Desk, place: Place): Store {
  const writes = disk(desk.db, place.file);
  const spare = spareRoom(place.folder);
  const hurry = (): void => writes.hurry();
  const told = telling(place.file, hurry);
  // What begins, and what must be brought to its end.
  const beginning = telling(place.file, () => {
    spare.refuseSpent();
    hurry();
  });
  const ending = telling(place.file, hurry, () => spare.release());
  const numbers = reserve(desk);
  const open = attempts(desk);
  const people = peopleWrites(desk);
  const close = (): void => {
    spare[Symbol.dispose]();
    writes[Symbol.dispose]();
    place.close();
  };
  return {
    ...readerOver(desk.db, { ...place, close }),
    session: desk.session,
    ...told(profileWrites(desk.db), "keepProfile"),
    ...told(
      decisions(desk, place.folder),
      "openBatch",
      "closeBatch",
      "release",
      "voidAttempt",
      "reworkUnit",
      "scrapUnit",
    ),
    ...told(
      { importNumbers: importNumbers(desk), importBooks: importBooks(desk) },
      "importNumbers",
      "importBooks",
    ),
    ...beginning(numbers, "reserveGang"),
    ...beginning(open, "openAttempt"),
    ...ending(numbers, "giveBack"),
    ...ending(open, "journal", "bindUid", "closeAttempt"),
    ...ending(settle(desk), "markWritten", "adoptExisting"),
    keepSpareRoom: () => spare.keep(),
    spareRoomIsSpent: () => spare.spent(),
    ...told(people, "addPerson", "setPersonActive"),
    async personByPin(name, pin) {
      try {
        const person = await people.personByPin(name, pin);
        // A wrong PIN counts also after a power cut.
        await writes.onDisk();
        return person;
      } catch (error) {
        throw storeComplaint(error, place.file);
      }
    },
    ...told(outboxWrites(desk.db), "outboxBegin", "outboxTaken", "outboxPass", "outboxSkip", "outboxFailed"),
    ...told({ record: deedWriter(desk.db) }, "record"),
    unhurried: (write) => complaining(place.file, () => writes.unhurried(write)),
    async onDisk() {
      try {
        await writes.onDisk();
      } catch (error) {
        throw storeComplaint(error, place.file);
      }
    },
    recover: () =>
      complaining(place.file, () => {
        writes.hurry();
        return { attempts: open.closeStopped(), returned: numbers.takeBackOrphans() };
      }),
  };
}
