import type { AttemptEnd, AttemptHandle, AttemptOpening, AttemptRecord } from "../model/attempt.ts";
import type { Batch, BatchCounts } from "../model/batch.ts";
import type { Deed, DeedFilter, KeptDeed, Retirement } from "../model/deed.ts";
import type { AttemptEvent } from "../model/event.ts";
import type { BatchFacts, SlotCount } from "../model/facts.ts";
import type { NumberRequest, Realm, Reservation } from "../model/ledger.ts";
import type { Person, Role } from "../model/person.ts";

/**
 * What the bench asks of the books. Each call is durable when it returns; it may throw. `reserveGang` throws an error
 * of the name `SerialsOut` when a range cannot serve the whole gang.
 */
export interface Books {
  /** Runs calls that do not wait for the disk: durable with the next `onDisk`, or the next call outside. */
  unhurried<T>(write: () => T): T;
  /** All that was written before is on the disk when this holds; the event loop goes on meanwhile. */
  onDisk(): Promise<void>;
  reserveGang(requests: readonly NumberRequest[]): readonly (readonly Reservation[])[];
  giveBack(reservations: readonly Reservation[], realm: Realm): void;
  openAttempt(opening: AttemptOpening, reservations: readonly Reservation[]): AttemptHandle;
  journal(attempt: AttemptHandle, event: AttemptEvent): void;
  bindUid(attempt: AttemptHandle, uid: string | null): void;
  markWritten(attempt: AttemptHandle): void;
  adoptExisting(attempt: AttemptHandle, series: string, number: number, text: string): Reservation | null;
  closeAttempt(attempt: AttemptHandle, end: AttemptEnd): AttemptRecord;
  passedInBatch(batch: string, barcode: string, realm: Realm): boolean;
  lastAttempt(barcode: string, realm: Realm): AttemptRecord | null;
  batchCounts(id: string): BatchCounts | null;
  findBatch(id: string): Batch | null;
  /** Newest first. */
  batches(): readonly Batch[];
  batchFacts(id: string): BatchFacts | null;
  closeBatch(id: string, by: string, at: Date): Batch;
  attemptsOf(barcode: string, realm: Realm): readonly AttemptRecord[];
  people(): readonly Person[];
  personByBadge(code: string): Person | null;
  personByPin(name: string, pin: string): Promise<Person | null>;
  /** A pass that holds no longer; it counts nowhere. */
  voidAttempt(
    unit: { readonly barcode: string; readonly realm: Realm },
    attempt: number | null,
    why: { readonly reason: string; readonly by: string; readonly role: Role | null; readonly at: Date },
  ): KeptDeed;
  record(deed: Deed): KeptDeed;
  deeds(filter?: DeedFilter): readonly KeptDeed[];
  retiredSlots(station: string): ReadonlyMap<string, Retirement>;
  slotCounts(batch: string | null, since?: Date): readonly SlotCount[];
}
