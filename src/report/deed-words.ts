import { reasonOf, type Deed, type DeedKind } from "../model/deed.ts";

/** Deeds that say something of units, orders and slots; `null`: of the people alone, or it stands elsewhere. */
const words: Readonly<Record<DeedKind, string | null>> = {
  "logged-in": null,
  "logged-out": null,
  "person-added": null,
  "person-changed": null,
  "batch-opened": null,
  "batch-closed": null,
  "profile-reviewed": "profile reviewed",
  "profile-released": "profile released",
  "first-article-accepted": "first article accepted",
  "first-article-refused": "first article refused",
  "golden-sample": "golden sample tried",
  "slot-retired": "slot retired",
  "slot-restored": "slot back in use",
  "unit-voided": "attempt void",
  "unit-reworked": "unit reworked",
  "unit-scrapped": "unit scrapped",
  override: "rule overridden",
  "label-printed": null,
  "label-confirmed": null,
  "label-refused": "wrong label scanned",
  "looked-up": null,
  exported: null,
  imported: "imported",
};

/** `attempt void, record 14: wrong order, by J. Ortega`, or `null`: a report of a batch does not list it. */
export function deedText(deed: Pick<Deed, "kind" | "by" | "detail">): string | null {
  const said = words[deed.kind];
  return said === null ? null : longText(said, deed);
}

/** The same for a unit's life, where labels have their place too. */
export function lifeText(deed: Pick<Deed, "kind" | "by" | "detail">): string {
  return longText(words[deed.kind] ?? deed.kind.replaceAll("-", " "), deed);
}

function longText(said: string, { by, detail }: Pick<Deed, "by" | "detail">): string {
  const { record } = detail;
  const reason = reasonOf(detail);
  return `${said}${typeof record === "number" ? `, record ${record}` : ""}${reason === "" ? "" : `: ${reason}`}, by ${by}`;
}
