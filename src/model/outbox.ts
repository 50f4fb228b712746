/** Where finished attempts and decisions go: an MES, or any server that keeps what it gets. */
export interface Destination {
  /** Its place in the books is kept by this name. */
  readonly name: string;
  readonly to: Target;
  /** Where a destination that is new to the books begins. */
  readonly from: "now" | "beginning";
  /** Trials are sent, too. */
  readonly trial: boolean;
  /** What ran on simulated boards is sent, too. */
  readonly simulated: boolean;
}

export type Target =
  | {
      readonly kind: "http";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly token: Token | null;
      /** A file with certificates to trust beside those of the system, PEM; `null`: none. */
      readonly ca: string | null;
    }
  | { readonly kind: "folder"; readonly path: string };

/** A secret that the station file only names. */
export interface Token {
  readonly in:
    | { readonly kind: "file"; readonly file: string }
    | { readonly kind: "env"; readonly name: string };
  readonly header: string;
  /** The header's value; `{token}` stands for the secret. */
  readonly value: string;
}

/** What of the books a destination gets, and whose books they are. */
export interface Subscription {
  readonly station: string;
  /** Every slot of the station is `sim:`. */
  readonly simulatedStation: boolean;
  readonly trial: boolean;
  readonly simulated: boolean;
}

/** How far a destination has come in the two chains: the last rows that it needs no more, 0 before the first one. */
export interface Place {
  readonly record: number;
  readonly deed: number;
}

/** One row of a chain on its way out. */
export interface Message {
  /** The same for ever for this row, and for no other one: a receiver knows doubles by it. */
  readonly key: string;
  /** For people: `record 17, UNIT-04113`. */
  readonly what: string;
  /** One line of JSON. */
  readonly text: string;
  /** When it happened, ISO 8601. */
  readonly at: string;
  /** How many messages the destination has taken before. */
  readonly before: number;
  /** How far the destination has come, before and after it. */
  readonly from: Place;
  readonly to: Place;
}

/** What comes next for a destination. */
export type NextMessage =
  | { readonly kind: "message"; readonly message: Message }
  /** Rows that it does not get lie between. */
  | { readonly kind: "passed"; readonly from: Place; readonly to: Place }
  | { readonly kind: "none" }
  /** The place does not fit the books. */
  | { readonly kind: "lost"; readonly why: string };

/** What became of one try. */
export type Delivered =
  | { readonly kind: "taken" }
  /** It may work later. `waitMs`: the receiver asked for so long; `null`: it did not. */
  | { readonly kind: "later"; readonly why: string; readonly waitMs: number | null }
  /** The receiver never takes this message as it is. */
  | { readonly kind: "refused"; readonly why: string };

/** Why a destination gets nothing now. */
export interface OutboxFailure {
  readonly why: string;
  readonly since: Date;
  readonly at: Date;
  /** The message that was refused for good; `null`: it is tried again. */
  readonly refused: string | null;
}

/** What the books keep of a destination. */
export interface OutboxState {
  readonly name: string;
  readonly place: Place;
  readonly delivered: number;
  readonly addedAt: Date;
  readonly lastAt: Date | null;
  readonly failure: OutboxFailure | null;
}

/** Messages that are not acknowledged. */
export interface Waiting {
  readonly count: number;
  /** There are more; nobody counted on. */
  readonly more: boolean;
  /** When the first of them happened. */
  readonly oldest: Date | null;
}

/** Deeds that a server beside the line must know; the others are the station's own. */
export const sentDeeds = [
  "batch-opened",
  "batch-closed",
  "profile-released",
  "unit-voided",
  "unit-reworked",
  "unit-scrapped",
] as const;
export type SentDeed = (typeof sentDeeds)[number];

/** Where it goes, for people: never what is secret. */
export function targetText(to: Target): string {
  if (to.kind === "folder") return to.path;
  const { origin, pathname } = new URL(to.url);
  return `${origin}${pathname}`;
}
