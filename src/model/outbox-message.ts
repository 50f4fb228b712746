import { linkText, type Link } from "./chain.ts";
import type { SentDeed } from "./outbox.ts";

/** Grows when a key of a message changes its meaning, not when keys come. */
export const messageVersion = 1;

/** What both kinds of messages say beside the row itself. */
export interface MessageHead {
  /** Hash of the first row of the chain: which chain it is. */
  readonly chain: string;
  readonly station: string;
  readonly trial: boolean;
  readonly simulated: boolean;
}

/** What a station has signed with a deed. */
export interface SignedWith {
  readonly statement: string;
  readonly signature: string;
  readonly publicKey: string;
}

/**
 * The hash is in it: where an older copy of the books was put back, another record may come to the same place, and must
 * not be taken for a double.
 */
export const recordKey = ({ seq, hash }: Pick<Link, "seq" | "hash">): string =>
  `r${seq}-${hash.slice(0, 32)}`;
export const deedKey = ({ seq, hash }: Pick<Link, "seq" | "hash">): string => `d${seq}-${hash.slice(0, 32)}`;

/** A record as it is sent: one line of JSON, the text of the record at its end byte for byte as it was hashed. */
export const attemptMessage = (link: Link, { chain, station, trial, simulated }: MessageHead): string =>
  linkText(link, {
    type: "attempt",
    version: messageVersion,
    key: recordKey(link),
    chain,
    seq: link.seq,
    station,
    trial,
    simulated,
  });

/** A deed, with what was signed with it. */
export const deedMessage = (
  link: Link,
  kind: SentDeed,
  { chain, station, trial, simulated }: MessageHead,
  signed: SignedWith | null,
): string =>
  linkText(link, {
    type: "deed",
    version: messageVersion,
    key: deedKey(link),
    chain,
    seq: link.seq,
    station,
    trial,
    simulated,
    kind,
    statement: signed?.statement ?? null,
    signature: signed?.signature ?? null,
    publicKey: signed?.publicKey ?? null,
  });
