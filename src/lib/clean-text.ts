// Letters, digits, marks, punctuation, symbols and the plain space. Everything else (controls, escapes, bidi and
// zero-width marks, line and paragraph separators, private use, lone surrogates) is left out: an allow-list.
const shown = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** Text from a scanner, a file or a chip, made fit for a screen or a report: one line, no control of any kind. */
export function cleanText(text: string, longest = 200): string {
  let out = "";
  let length = 0;
  for (const char of text.normalize("NFC")) {
    if (!shown.test(char)) continue;
    length += 1;
    if (length > longest) return `${out}~`;
    out += char;
  }
  return out;
}

/** True when nothing had to be taken out: what a barcode must be before it is anything else. */
export function isClean(text: string): boolean {
  return text.length > 0 && text === cleanText(text, 10_000);
}

/** A name for a file made of foreign text: letters, digits, dash, dot inside; never a path, never hidden. */
export function fileNamePart(text: string): string {
  const safe = cleanText(text, 80)
    .replaceAll(/[^\p{L}\p{N}.-]+/gu, "-")
    .replace(/^[.-]+/, "");
  return safe === "" ? "unnamed" : safe;
}
