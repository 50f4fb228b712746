import type { Realm } from "./ledger.ts";
import type { Role } from "./person.ts";

/** What a person did beside the attempts: the audit log (product.md, "The record of an attempt"). */
export const deedKinds = [
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
  "looked-up",
  "exported",
  "imported",
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
