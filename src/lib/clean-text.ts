// Letters, digits, marks, punctuation, symbols and the plain space, as far as they can be seen. Everything else
// (controls, escapes, bidi and zero-width marks, fillers, line and paragraph separators, private use, lone surrogates)
// is left out: an allow-list.
const shown = /(?!\p{DI})[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

const plain = /^[ -~]*$/;

/** Names that are devices on Windows, whatever extension follows. */
const device = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Text from a scanner, a file or a chip, made fit for a screen or a report: one line, no control of any kind. */
export function cleanText(text: string, longest = 200): string {
  // What reports and screens are made of mostly: nothing to take out, nothing to compose.
  if (text.length <= longest && plain.test(text)) return text;
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

/**
 * JSON in which nothing but visible characters stands as it is: the same value to a reader of JSON, harmless to a
 * terminal that shows the line.
 */
export function visibleJson(value: unknown): string {
  // Printable ASCII is visible whatever it is: most of a record never comes to the test.
  return JSON.stringify(value).replaceAll(/[^ -~]/gu, (char) => (shown.test(char) ? char : escaped(char)));
}

// `\u` names UTF-16 units: a character beyond them has two.
const escaped = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");

/** A name for a file made of foreign text: letters, digits, dash, dot inside; never a path, never hidden. */
export function fileNamePart(text: string): string {
  const safe = cleanText(text, 80)
    .replaceAll(/[^\p{L}\p{N}.-]+/gu, "-")
    .replace(/^[.-]+/, "");
  if (safe === "") return "unnamed";
  return device.test(safe) ? `_${safe}` : safe;
}
