import { fill, type Holes } from "../../lib/phrases.ts";
import type { FaultCode } from "../../model/fault.ts";
import type { Role } from "../../model/person.ts";
import type { RetireReason } from "../../model/call.ts";
import type { KeyDeed, KeyName } from "../../model/key.ts";
import type { RefusalCode, StopCode } from "../../model/refusal.ts";
import type { LanguageCode } from "../../model/view.ts";
import type { englishRefused } from "./en.ts";
import type { english } from "./phrases/en.ts";

type English = typeof english;
export type Phrase = keyof English;
/** What must be given to say a phrase. */
export type HolesOf<Key extends Phrase> = Holes<English[Key]>;
type Fill<Key extends Phrase> = Readonly<Record<HolesOf<Key>, string | number>>;

/** Everything that the screen says in one language. A sentence of row 6 has at most 60 columns. */
export interface Words {
  readonly language: LanguageCode;
  readonly phrases: Readonly<Record<Phrase, string>>;
  /** What to do with this board. */
  readonly faults: Readonly<Record<FaultCode, string>>;
  /** What to do with a board whose scan was not taken; `{of}` is a slot or an order. */
  readonly refused: Readonly<Record<RefusalCode, string>>;
  /** Why nothing may run. */
  readonly stops: Readonly<Record<StopCode, string>>;
  readonly reasons: Readonly<Record<RetireReason, string>>;
  readonly roles: Readonly<Record<Role, string>>;
  /** What stands on the keys, and what they do. */
  readonly keys: Readonly<Record<KeyName, string>>;
  readonly deeds: Readonly<Record<KeyDeed, string>>;
}

/** Keys whose words are the same in every language. */
export const sameKeys = {
  Enter: "Enter",
  Esc: "Esc",
  "?": "?",
  F2: "F2",
  F3: "F3",
  F4: "F4",
  F5: "F5",
  F6: "F6",
  F7: "F7",
  F8: "F8",
  F9: "F9",
} as const;

/** A text with the holes of its English one, all of them and no other. */
type Like<Text, Original> = Text extends string
  ? Original extends string
    ? [Holes<Text>, Holes<Original>] extends [Holes<Original>, Holes<Text>]
      ? Text
      : {
          readonly missingOrUnknownHole: Exclude<
            Holes<Text> | Holes<Original>,
            Holes<Text> & Holes<Original>
          >;
        }
    : never
  : never;

type Checked<Given, Original> = {
  readonly [Key in keyof Given]: Key extends keyof Original ? Like<Given[Key], Original[Key]> : never;
};

/** Another language's phrases: a missing one, an unknown one, and a hole too few or too many do not compile. */
export function translated<const Given extends Readonly<Record<Phrase, string>>>(
  phrases: Given & Checked<Given, English>,
): Readonly<Record<Phrase, string>> {
  return phrases;
}

/** The same for the sentences of refused scans. */
export function translatedRefusals<const Given extends Readonly<Record<RefusalCode, string>>>(
  refused: Given & Checked<Given, typeof englishRefused>,
): Readonly<Record<RefusalCode, string>> {
  return refused;
}

/** A phrase in this language. */
export function say<Key extends Phrase>(
  words: Words,
  key: Key,
  ...given: [HolesOf<Key>] extends [never] ? [] : [Fill<Key>]
): string {
  const [holes] = given;
  return holes === undefined ? words.phrases[key] : fill(words.phrases[key], holes);
}
