import type { AttemptEnd, AttemptHandle, AttemptOpening, AttemptRecord } from "../model/attempt.ts";
import type { Batch, BatchCounts } from "../model/batch.ts";
import type { AttemptEvent } from "../model/event.ts";
import type { Deed, DeedFilter, KeptDeed, Retirement } from "../model/deed.ts";
import type { BatchFacts, BatchHead, SlotCount } from "../model/facts.ts";
import type { NumberRequest, Realm, Reservation } from "../model/ledger.ts";
import type { NewPerson, Person } from "../model/person.ts";
import type { Stretch, YieldFacts } from "../model/yield.ts";
import type { OutboxReads, OutboxWrites } from "./outbox/outbox.ts";
import type { Ended } from "./records/records-ended.ts";
import type {
  Session,
  StoredProfile,
  UnitRef,
  NumberImport,
  BooksImport,
  Why,
  Release,
  BatchOpening,
  Recovery,
  RunningAttempt,
  UnitSearch,
  ChainHead,
  ChainLink,
  AuditOptions,
  AuditReport,
} from "./terms.ts";

/**
 * The books, to read: works beside a running line and without one. Any method may throw StoreError (`damaged`,
 * `unwritable`, `held`).
 */
export interface StoreReader extends OutboxReads, Disposable {
  readonly folder: string;
  /** Free room of the disk that the folder lies on. */
  freeBytes(): number;
  sessions(): readonly Session[];

  profileOf(hash: string): StoredProfile | null;
  /** Hashes of kept profiles that begin so, from 4 digits on. */
  profileHashes(start: string): readonly string[];
  releaseOf(hash: string): Release | null;
  releases(): readonly Release[];

  findBatch(id: string): Batch | null;
  /** Newest first. */
  batches(): readonly Batch[];
  batchCounts(id: string): BatchCounts | null;
  isSimulated(id: string): boolean;
  batchFacts(id: string): BatchFacts | null;
  /** The facts without their attempts, which `records` then gives one at a time. */
  batchHead(id: string): BatchHead | null;

  /** True when the unit has a PASS in this batch, whatever came after it. */
  passedInBatch(batch: string, barcode: string, realm: Realm): boolean;
  lastAttempt(barcode: string, realm: Realm): AttemptRecord | null;
  attemptsOf(barcode: string, realm: Realm): readonly AttemptRecord[];
  /** One unit by barcode, serial number or UID: exact, or a part of at least 4 characters. */
  unitLife(what: string): UnitSearch;
  running(): readonly RunningAttempt[];

  /** By name; also who has left. */
  people(): readonly Person[];
  /** Who is active and has this badge, or `null`. Quick enough for a scan. */
  personByBadge(code: string): Person | null;
  /** In the order of the chain of deeds. */
  deeds(filter?: DeedFilter): readonly KeptDeed[];
  deedHead(): ChainHead | null;
  /** Slots of a station that are retired now, by name. */
  retiredSlots(station: string): ReadonlyMap<string, Retirement>;
  /**
   * Attempts by slot that say something of the slot: PASS against FAIL, TIMEOUT and ERROR; neither void ones nor those
   * that a person broke off. `null`: of every batch, simulated boards left out. `since`: begun then or later.
   */
  slotCounts(batch: string | null, since?: Date): readonly SlotCount[];

  /** Closed attempts in the order of the chain, in constant memory, of one batch or all. */
  records(batch?: string): Generator<AttemptRecord, void, undefined>;
  /** Closed attempts of some batches that ended in a stretch of time, in the order of the chain, in constant memory. */
  recordsEnded(ended: Ended): Generator<AttemptRecord, void, undefined>;
  /** First-seen-ever yield, retries, rework and failures of the line in a stretch of time, across batches. */
  yieldOf(stretch: Stretch): YieldFacts;
  /**
   * The links of one batch in a chain, in constant memory, as they are stored: records, or deeds but exports and
   * look-ups.
   */
  links(chain: "records" | "deeds", batch: string): Generator<ChainLink, void, undefined>;
  /** The newest closed attempts, newest first. */
  lastRecords(count: number, batch?: string): readonly AttemptRecord[];
  head(): ChainHead | null;
  audit(options?: AuditOptions): AuditReport;
  /**
   * A copy while the line runs, verified by its own audit before it gets its name. Throws StoreError; nothing stays
   * under the name then.
   */
  backup(to: string): Promise<AuditReport & { readonly kind: "whole" }>;
  close(): void;
}

/**
 * The books, to write: one process at a time. Each method is one transaction, durable when it returns; a StoreError
 * (`full`, `unwritable`, `damaged`) means that nothing of it happened.
 */
export interface Store extends StoreReader, OutboxWrites {
  readonly session: Session;

  /** Stores a profile under its hash; again is harmless. An attempt's profile must be stored before the attempt. */
  keepProfile(profile: StoredProfile): void;
  /** Freezes a revision. Throws StoreError `conflict` when the revision is released with another hash. */
  release(
    profile: StoredProfile,
    irreversible: readonly string[],
    by: string,
    at: Date,
    reviewedBy?: string | null,
  ): Release;

  /** Throws StoreError `conflict` when there is a batch of this name. */
  openBatch(opening: BatchOpening): Batch;
  /**
   * Closes, and signs with the station's key what the books say of the batch; the key is made at its first need. Throws
   * StoreError `conflict` for an unknown or closed batch, or while attempts of it run.
   */
  closeBatch(id: string, by: string, at: Date): Batch;

  /**
   * An attempt counts nowhere from now on; its record stays. `null`: the last one of the unit. A closed batch is signed
   * anew, here and below. Throws StoreError `conflict` for an unknown unit or attempt, one that is void already, a unit
   * that runs, or without a reason.
   */
  voidAttempt(unit: UnitRef, attempt: number | null, why: Why): KeptDeed;
  /**
   * Somebody worked on the board: a pass before it holds no longer, the unit may run again. Throws as above, here and
   * below also for a unit that was scrapped.
   */
  reworkUnit(unit: UnitRef, why: Why): KeptDeed;
  /** The unit did not pass, and is never made again. */
  scrapUnit(unit: UnitRef, why: Why): KeptDeed;

  /**
   * Numbers from another station or program: those that units have, and lists of free, used and void ones. All or none, with
   * the deed that says so. Answers how many rows. `dry`: nothing stays. Throws ImportRefused with the lines.
   */
  importNumbers(order: NumberImport, deed: Deed, dry?: boolean): number;

  /**
   * What the books of another station say: units with their chips and numbers, and records with their own chain beside
   * ours. All or nothing; `dry`: nothing. Throws StoreError `conflict`, a line for each number, chip or barcode that two
   * stations claim.
   */
  importBooks(file: string, deed: Deed, dry: boolean): BooksImport;

  /**
   * Numbers for a whole gang, or for nobody: answers in the order of requests and specs. A unit gets its own number of
   * the series again; else the lowest that came back, else the next. Throws SerialsOut; StoreError `conflict` when the
   * format does not tell numbers apart, when a barcode stands there twice, or its unit runs already or was scrapped.
   */
  reserveGang(requests: readonly NumberRequest[]): readonly (readonly Reservation[])[];
  /** Reserved numbers that no attempt was opened for go back. */
  giveBack(reservations: readonly Reservation[], realm: Realm): void;

  /**
   * Durable before the first byte leaves. Throws StoreError `conflict` for an unknown or closed batch, a unit that runs
   * already, or a reservation that is not this unit's.
   */
  openAttempt(opening: AttemptOpening, reservations: readonly Reservation[]): AttemptHandle;
  /** Appends an event. `progress` is not kept, and `ended` is kept in the record by `closeAttempt`. */
  journal(attempt: AttemptHandle, event: AttemptEvent): void;
  /** Throws Fault UNIT_MISMATCH, naming both, when barcode or UID has another partner. `null`: nothing to bind. */
  bindUid(attempt: AttemptHandle, uid: string | null): void;
  /** The attempt's numbers are about to leave the station. */
  markWritten(attempt: AttemptHandle): void;
  /**
   * A number of the series found in the chip. `null`: it is another unit's, or void; go on with the reserved one. Else
   * it is this unit's from now on, and the one that the attempt held goes back (or is void, had it ever been written).
   */
  adoptExisting(attempt: AttemptHandle, series: string, number: number, text: string): Reservation | null;
  /** Row, ledger and chain in one transaction; only then may PASS be shown. */
  closeAttempt(attempt: AttemptHandle, end: AttemptEnd): AttemptRecord;

  /**
   * Somebody new, with the deed that says so. Throws StoreError `conflict` for a name or a badge that somebody has, or
   * one that nobody can have.
   */
  addPerson(person: NewPerson): Person;
  /** Somebody leaves or comes back, with the deed that says so. Throws StoreError `conflict` for an unknown one. */
  setPersonActive(id: number, active: boolean, by?: string): Person;
  /**
   * Who is active and has this name and PIN, or `null`. After five wrong ones each further one makes everybody wait for
   * this name, across restarts: throws StoreError `conflict` meanwhile.
   */
  personByPin(name: string, pin: string): Promise<Person | null>;
  /** Appends to the audit log. */
  record(deed: Deed): KeptDeed;

  /**
   * Runs calls that do not wait for the disk. What they wrote outlives the program; a power cut may lose it, but never
   * without what was written later.
   */
  unhurried<T>(write: () => T): T;
  /**
   * All that was written before is on the disk when this holds; the event loop goes on meanwhile. Rejects with
   * StoreError when the disk does not take it.
   */
  onDisk(): Promise<void>;

  /**
   * Keeps some room of the disk in a file beside the books. Attempts that run when the disk is full are finished with it, and
   * nothing is begun until there is room again.
   */
  keepSpareRoom(): Promise<void>;
  /** That room was used up by attempts that ran. */
  spareRoomIsSpent(): boolean;

  /** Settles what earlier sessions left open. Nothing of this session is touched; again is harmless. */
  recover(): Recovery;
}

export interface OwnerOptions {
  readonly mode: "owner";
  readonly station: string | null;
  readonly timezone: string | null;
  readonly toolVersion: string;
  /** Wall clock; the system's by default. */
  readonly now?: () => Date;
  /** Less free room than this refuses the start. */
  readonly leastFreeBytes?: number;
}

export interface ReaderOptions {
  readonly mode: "reader";
}
