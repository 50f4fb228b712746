import type { AttemptHandle, AttemptOpening, AttemptRecord } from "../model/attempt.ts";
import type { Link } from "../model/chain.ts";
import type { AttemptEvent } from "../model/event.ts";
import type { UnitLife } from "../model/facts.ts";
import type { Realm, Reservation } from "../model/ledger.ts";
import type { Role } from "../model/person.ts";

/** One start of the program as owner of the data folder. */
export interface Session {
  readonly id: number;
  /** `null`: a command that knows no station file, such as `batch open`. */
  readonly station: string | null;
  readonly timezone: string | null;
  readonly startedAt: Date;
  readonly toolVersion: string;
  readonly node: string;
  readonly sqlite: string;
  /** What SQLite answered to `PRAGMA synchronous`; 2 is FULL. */
  readonly synchronous: number;
  readonly pid: number;
}

/** A profile by content: never changed once stored. */
export interface StoredProfile {
  readonly hash: string;
  readonly name: string;
  readonly revision: string;
  readonly text: string;
  /** In the order of the profile. Left out: it was kept before they were written down. */
  readonly images?: readonly ProfileImageHash[];
}

export interface ProfileImageHash {
  /** As the profile names it. */
  readonly file: string;
  readonly sha256: string;
}

/** Which unit. */
export interface UnitRef {
  readonly barcode: string;
  readonly realm: Realm;
}

/** A number, or a range of them, from elsewhere. */
export interface ImportedNumber {
  /** Line of the file that says so, from 1. */
  readonly line: number;
  /** The unit that has it; `null`: none of these books. */
  readonly barcode: string | null;
  /** Both ends belong to it; a unit's number is one. */
  readonly first: number;
  readonly last: number;
  /** `null`: of a range, whose texts the profile's format makes. */
  readonly text: string | null;
  /** `free`: to be given here; once a series has a list, nothing else is. `used`, `void`: never given. */
  readonly state: "free" | "used" | "void";
  readonly reason: string;
}

export interface NumberImport {
  readonly series: string;
  readonly kind: "serial" | "mac";
  readonly rows: readonly ImportedNumber[];
}

/** What was taken in of another station's books. */
export interface BooksImport {
  readonly station: string;
  /** Records that these books have; `newRecords`: of them, those that came now. */
  readonly records: number;
  readonly newRecords: number;
  readonly newUnits: number;
  readonly newNumbers: number;
}

/** Who decided, why and when. */
export interface Why {
  readonly reason: string;
  readonly by: string;
  readonly role: Role | null;
  readonly at: Date;
}

export interface Release {
  readonly profile: string;
  readonly revision: string;
  readonly hash: string;
  /** Words for what cannot be undone, such as RDP_LEVEL_2 (contract, For ever). */
  readonly irreversible: readonly string[];
  readonly by: string;
  /** The second person; `null`: nobody was named. */
  readonly reviewedBy: string | null;
  readonly at: Date;
}

/** What opens a work order. */
export interface BatchOpening {
  readonly id: string;
  readonly profile: StoredProfile;
  readonly product: string;
  readonly quantity: number | null;
  readonly trial: boolean;
  readonly by: string;
  readonly at: Date;
}

/** What a crash had left open, and how it was settled. */
export interface Recovery {
  /** Attempts closed as ABORTED, STOPPED_BY_POWER; `serials` in each say what became of its numbers. */
  readonly attempts: readonly AttemptRecord[];
  /** Numbers that were reserved and never came to an attempt: free again. */
  readonly returned: readonly Reservation[];
}

/** An attempt that is open now, for a second screen. */
export interface RunningAttempt {
  readonly handle: AttemptHandle;
  readonly opening: AttemptOpening;
  readonly events: readonly AttemptEvent[];
}

export interface UnitCandidate {
  readonly barcode: string;
  readonly realm: Realm;
  readonly uid: string | null;
  readonly serials: readonly string[];
}

export type UnitSearch =
  | { readonly kind: "found"; readonly life: UnitLife }
  | { readonly kind: "several"; readonly candidates: readonly UnitCandidate[] }
  | { readonly kind: "none" };

/** A place in the chain that somebody else may keep. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** A row of a chain with the very text that was hashed. */
export type ChainLink = Link;

/** What an audit may hold the books against; what is left out is not known. */
export interface AuditOptions {
  /** A head of the records that somebody else has kept: finds a tail that was cut off, and a chain written anew. */
  readonly head?: ChainHead | null;
  /** The same of the deeds. */
  readonly deedHead?: ChainHead | null;
  /** Raw public keys of the station, 64 hex digits each: finds what a forger signed with a key of his own. */
  readonly keys?: readonly string[] | null;
  readonly onRow?: (seq: number) => void;
}

/** `rows`: records that were found whole, from the first. */
export type AuditReport =
  | {
      readonly kind: "whole";
      readonly rows: number;
      readonly head: ChainHead | null;
      readonly deeds: number;
      readonly deedHead: ChainHead | null;
      readonly signatures: number;
      /** Raw public keys that have signed, 64 hex digits each. */
      readonly keys: readonly string[];
    }
  | { readonly kind: "broken"; readonly rows: number; readonly broken: BrokenRow };

export interface BrokenRow {
  readonly table:
    | "records"
    | "deeds"
    | "numbers"
    | "moves"
    | "batches"
    | "releases"
    | "people"
    | "profiles"
    | "listed"
    | "elsewhere"
    | "signatures"
    | "units";
  /** The place in its chain, or the number of the row. */
  readonly seq: number;
  /** What the row is about: a barcode, a number, a batch. `null` where it is not there or cannot be read. */
  readonly barcode: string | null;
  readonly why: string;
}
