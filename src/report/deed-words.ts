import type { PlainPhrase, Say } from "./say.ts";
import { reasonOf, type Deed, type DeedKind } from "../model/deed.ts";

/** Deeds that say something of units, orders and slots; `null`: of the people alone, or it stands elsewhere. */
const words: Readonly<Record<DeedKind, PlainPhrase | null>> = {
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
  "message-skipped": null,
};

/** `attempt void, record 14: wrong order, by J. Ortega`, or `null`: a report of a batch does not list it. */
export function deedText(say: Say, deed: Pick<Deed, "kind" | "by" | "detail">): string | null {
  const said = words[deed.kind];
  return said === null ? null : longText(say, say(said), deed);
}

/** The same for a unit's life, where labels have their place too. */
export function lifeText(say: Say, deed: Pick<Deed, "kind" | "by" | "detail">): string {
  const said = words[deed.kind];
  return longText(say, said === null ? deed.kind.replaceAll("-", " ") : say(said), deed);
}

function longText(say: Say, said: string, { by, detail }: Pick<Deed, "by" | "detail">): string {
  const { record } = detail;
  const reason = reasonOf(detail);
  const place = typeof record === "number" ? `, ${say("record {n}", { n: record })}` : "";
  return `${said}${place}${reason === "" ? "" : `: ${reason}`}, ${say("by {who}", { who: by })}`;
}
