import type { Realm } from "./ledger.ts";
import type { Role } from "./person.ts";

/** What a person did beside the attempts: the audit log (product.md, "The record of an attempt"). */
const deedKinds = [
  "logged-in",
  "logged-out",
  "person-added",
  "person-changed",
  "batch-opened",
  "batch-closed",
  "profile-reviewed",
  "profile-released",
  "first-article-accepted",
  "first-article-refused",
  "golden-sample",
  "slot-retired",
  "slot-restored",
  "unit-voided",
  "unit-reworked",
  "unit-scrapped",
  "override",
  "label-printed",
  "label-confirmed",
  /** Another code was scanned where the label of a unit was wanted. */
  "label-refused",
  "looked-up",
  "exported",
  "imported",
  /** A message of the outbox that its receiver does not take. */
  "message-skipped",
] as const;
export type DeedKind = (typeof deedKinds)[number];

/** One line of the audit log. It is chained as the records are, and never changed. */
export interface Deed {
  readonly kind: DeedKind;
  readonly at: Date;
  /** Name of the person. */
  readonly by: string;
  /** `null`: nobody was logged in with a role, such as on a command line. */
  readonly role: Role | null;
  readonly realm: Realm | null;
  readonly batch: string | null;
  readonly barcode: string | null;
  readonly slot: string | null;
  /** Why, or with what: the reason of a void, the file and hash of an export. Flat. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** A deed about what `more` names and nothing else. */
export function newDeed(kind: DeedKind, at: Date, by: string, more: Partial<Deed>): Deed {
  return {
    kind,
    at,
    by,
    role: null,
    realm: null,
    batch: null,
    barcode: null,
    slot: null,
    detail: {},
    ...more,
  };
}

/** A deed with its place in the chain of deeds of this data folder. */
export interface KeptDeed extends Deed {
  /** From 1. */
  readonly seq: number;
  readonly previousHash: string;
  readonly hash: string;
}

/** What deeds are asked for; what is left out is not asked. */
export interface DeedFilter {
  readonly batch?: string;
  readonly barcode?: string;
  readonly slot?: string;
  readonly kind?: DeedKind | readonly DeedKind[];
  /** The newest so many; the answer is in the order of the chain all the same. */
  readonly limit?: number;
}

/** Why a slot gets no boards, by whom and since when. */
export interface Retirement {
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

/**
 * Slots of a station that are retired now, folded from deeds in their order. A deed of a slot says its station as
 * `detail.station`, and why as `detail.reason`.
 */
export function retiredOf(deeds: readonly Deed[], station: string): ReadonlyMap<string, Retirement> {
  const retired = new Map<string, Retirement>();
  for (const { kind, slot, detail, by, at } of deeds) {
    if (slot === null || detail["station"] !== station) continue;
    if (kind === "slot-retired") retired.set(slot, { reason: reasonOf(detail), by, at });
    if (kind === "slot-restored") retired.delete(slot);
  }
  return retired;
}

/** `detail.reason`, "" where there is none. */
export function reasonOf(detail: Deed["detail"]): string {
  const reason = detail["reason"];
  return typeof reason === "string" ? reason : "";
}
