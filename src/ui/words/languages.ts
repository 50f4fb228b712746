import type { LanguageCode } from "../../model/view.ts";
import type { Words } from "./catalogue.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

export const languages: Readonly<Record<LanguageCode, Words>> = { en, de, zh };

/** `ü` and `ß` are one column wide in some terminals and two in others (East-Asian "ambiguous"). */
const spelled = (text: string): string =>
  text.replaceAll("ü", "ue").replaceAll("Ü", "Ue").replaceAll("ß", "ss");

function mapped<Key extends string>(texts: Readonly<Record<Key, string>>): Readonly<Record<Key, string>> {
  return Object.fromEntries(
    Object.entries<string>(texts).map(([key, text]) => [key, spelled(text)]),
  ) as Record<Key, string>; // the same keys, which `entries` forgets
}

/** The same words for a terminal whose ambiguous characters are not known to be one column wide. */
function plainWords(words: Words): Words {
  if (words.language !== "de") return words;
  return {
    language: words.language,
    phrases: mapped(words.phrases),
    faults: mapped(words.faults),
    refused: mapped(words.refused),
    stops: mapped(words.stops),
    reasons: mapped(words.reasons),
    roles: mapped(words.roles),
    keys: mapped(words.keys),
    deeds: mapped(words.deeds),
  };
}

/**
 * The words for a terminal. The Linux console has neither Chinese nor a check mark, and no way to say so: English there.
 * `narrow`: it answered that its ambiguous characters are one column wide.
 */
export function wordsFor(language: LanguageCode, term: string, narrow: boolean): Words {
  if (term === "linux") return en;
  return narrow ? languages[language] : plainWords(languages[language]);
}
