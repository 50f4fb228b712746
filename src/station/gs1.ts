/** FNC1 as scanners send it. */
const separator = "\x1d";

/** Symbology identifiers of GS1 symbols (ISO/IEC 15424): DataMatrix, GS1-128, DataBar, QR. */
const identifiers = ["]d2", "]C1", "]e0", "]Q3"];

/**
 * Lengths of element strings, AI included, that end by themselves, by their first two digits (GS1 General
 * Specifications, figure 7.8.5-2). Everything else ends with FNC1 or with the code.
 */
const fixed: Readonly<Record<string, number>> = {
  "00": 20,
  "01": 16,
  "02": 16,
  "03": 16,
  "04": 18,
  ...Object.fromEntries(["11", "12", "13", "14", "15", "16", "17", "18", "19"].map((ai) => [ai, 8])),
  "20": 4,
  ...Object.fromEntries(["31", "32", "33", "34", "35", "36"].map((ai) => [ai, 10])),
  "41": 16,
};

/** Digits of an AI by its first two (General Specifications, section 3.2). */
function aiLength(text: string): number {
  const two = Number(text.slice(0, 2));
  if (two <= 22 || two === 30 || two === 37 || two >= 90) return 2;
  if ((two >= 23 && two <= 25) || (two >= 40 && two <= 42) || two === 71) return 3;
  return 4;
}

/**
 * Element strings of a GS1 code by AI. `not-gs1`: nothing says that it is one. `broken`: it says so, and is none: a cut
 * element, a wrong check digit, an AI twice.
 */
export function gs1Fields(text: string): ReadonlyMap<string, string> | "not-gs1" | "broken" {
  const identifier = identifiers.find((one) => text.startsWith(one));
  const marked = identifier !== undefined || text.startsWith(separator);
  const rest = text.slice(identifier?.length ?? 0);
  const body = rest.startsWith(separator) ? rest.slice(1) : rest;
  if (!marked && !/^01[0-9]{14}/.test(body)) return "not-gs1";
  const fields = new Map<string, string>();
  for (let at = 0; at < body.length;) {
    const rest = body.slice(at);
    if (!/^[0-9]{2}/.test(rest)) return marked ? "broken" : "not-gs1";
    const length = aiLength(rest);
    const ai = rest.slice(0, length);
    const whole = fixed[ai.slice(0, 2)];
    const end = whole ?? (rest.indexOf(separator) < 0 ? rest.length : rest.indexOf(separator));
    const value = rest.slice(length, end);
    if (
      !/^[0-9]+$/.test(ai) ||
      value === "" ||
      rest.length < end ||
      value.includes(separator) ||
      fields.has(ai)
    )
      return marked ? "broken" : "not-gs1";
    fields.set(ai, value);
    at += end;
    if (body[at] === separator) at += 1;
  }
  const gtin = fields.get("01");
  if (gtin !== undefined && !isGtin(gtin)) return marked ? "broken" : "not-gs1";
  return fields.size === 0 ? "broken" : fields;
}

/** The last digit makes the weighted sum a multiple of ten (General Specifications, section 7.9). */
export function isGtin(text: string): boolean {
  if (!/^[0-9]{14}$/.test(text)) return false;
  const sum = Array.from(text).reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return sum % 10 === 0;
}
