import { fill, type Holes } from "../lib/phrases.ts";
import type { ReportLanguage } from "./definition.ts";
import { de } from "./phrases/de.ts";
import { zh } from "./phrases/zh.ts";

/** What a report says, by its English words; words of the records (PASS, codes, states, steps) stay as they are. */
export type Phrase = keyof typeof de;

/** A phrase without holes. */
export type PlainPhrase = {
  readonly [Key in Phrase]: [Holes<Key>] extends [never] ? Key : never;
}[Phrase];

type Given<Key extends Phrase> = [Holes<Key>] extends [never]
  ? []
  : [Readonly<Record<Holes<Key>, string | number>>];

/** A phrase in the report's language, its holes filled. */
export interface Say {
  <Key extends Phrase>(key: Key, ...given: Given<Key>): string;
  readonly language: ReportLanguage;
}

const english = (key: Phrase): string => key;
const texts: Readonly<Record<ReportLanguage, (key: Phrase) => string>> = {
  en: english,
  de: (key) => de[key],
  zh: (key) => zh[key],
};

export function sayIn(language: ReportLanguage): Say {
  const say = <Key extends Phrase>(key: Key, ...given: Given<Key>): string => {
    const [holes] = given;
    return holes === undefined ? texts[language](key) : fill(texts[language](key), holes);
  };
  return Object.assign(say, { language });
}
