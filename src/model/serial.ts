/** A serial number's format, cut into pieces. A serial number is text, never an integer (product.md, rule 5). */
export type SerialFormat = readonly FormatPiece[];

export type FormatPiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "token"; readonly name: TokenName; readonly digits: number | null };

const tokenNames = ["n", "yyyy", "yy", "mm", "dd", "ww", "unix", "serial", "barcode", "uid", "mac"] as const;
export type TokenName = (typeof tokenNames)[number];

const isToken = (name: string): name is TokenName => (tokenNames as readonly string[]).includes(name);

/** Cuts `V60-{yy}{ww}-{n:05}` into pieces; a string is the complaint. */
export function parseFormat(text: string): SerialFormat | string {
  const pieces: FormatPiece[] = [];
  let rest = text;
  while (rest !== "") {
    const open = rest.search(/[{}]/);
    if (open < 0) return [...pieces, { kind: "text", text: rest }];
    if (rest[open] === "}") return 'a "{" was expected before "}"';
    if (open > 0) pieces.push({ kind: "text", text: rest.slice(0, open) });
    const close = rest.indexOf("}", open);
    if (close < 0) return 'a "}" was expected behind "{"';
    const [name = "", width] = rest.slice(open + 1, close).split(":");
    if (!isToken(name))
      return `unknown token {${name}}; there are ${tokenNames.map((t) => `{${t}}`).join(" ")}`;
    if (width !== undefined && (name !== "n" || !/^0?[1-9][0-9]?$/.test(width)))
      return `{${name}:${width}} in it: a width such as {n:05} was expected, and beside {n} only`;
    pieces.push({ kind: "token", name, digits: width === undefined ? null : Number(width) });
    rest = rest.slice(close + 1);
  }
  return pieces;
}

/** Parts of a date in the station's time zone, as texts of fixed width. */
export interface DateParts {
  readonly yyyy: string;
  readonly yy: string;
  readonly mm: string;
  readonly dd: string;
  readonly ww: string;
  /** The year that the week belongs to; around New Year it is not the day's. */
  readonly weekYear: string;
  readonly unix: string;
}

/** The parts of a moment, in a time zone (`null`: the system's); week by ISO 8601. */
export function dateParts(at: Date, timezone: string | null): DateParts {
  const format = new Intl.DateTimeFormat("en-CA", {
    ...(timezone === null ? {} : { timeZone: timezone }),
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const [yyyy = "1970", mm = "01", dd = "01"] = format.format(at).split("-");
  const { week, year } = isoWeek(new Date(Date.UTC(Number(yyyy), Number(mm) - 1, Number(dd))));
  return {
    yyyy,
    yy: yyyy.slice(-2),
    mm,
    dd,
    ww: String(week).padStart(2, "0"),
    weekYear: String(year),
    unix: String(Math.floor(at.getTime() / 1000)),
  };
}

// ISO 8601: the week belongs to the year that its Thursday is in.
function isoWeek(day: Date): { readonly week: number; readonly year: number } {
  const thursday = new Date(day);
  thursday.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() === 0 ? 7 : day.getUTCDay()));
  const year = thursday.getUTCFullYear();
  return { week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 86_400_000)) + 1, year };
}

/** What a format is filled with: texts by token, and the year of the week. */
export type FormatValues = Partial<Record<Exclude<TokenName, "n"> | "weekYear", string>>;

/**
 * Fills a format. `n` is the number; what a unit does not have yet is left out of `given` and throws a RangeError. Beside
 * {ww} alone, {yy} and {yyyy} are the year of the week: a date code goes on over New Year.
 */
export function fillFormat(format: SerialFormat, given: FormatValues, n: number | null): string {
  const { weekYear } = given;
  const byWeek = usesToken(format, "ww") && !usesToken(format, "mm") && !usesToken(format, "dd");
  const values =
    byWeek && weekYear !== undefined ? { ...given, yyyy: weekYear, yy: weekYear.slice(-2) } : given;
  return format
    .map((piece) => {
      if (piece.kind === "text") return piece.text;
      if (piece.name === "n") {
        if (n === null) throw new RangeError("this field has no number");
        return String(n).padStart(piece.digits ?? 1, "0");
      }
      const value = values[piece.name];
      if (value === undefined) throw new RangeError(`{${piece.name}} is not known here`);
      return value;
    })
    .join("");
}

export const usesToken = (format: SerialFormat, name: TokenName): boolean =>
  format.some((piece) => piece.kind === "token" && piece.name === name);

/** The largest number whose digits the format has room for, or `null` where it does not say. */
export function largestNumber(format: SerialFormat): number | null {
  const widths = format.flatMap((p) =>
    p.kind === "token" && p.name === "n" && p.digits !== null ? [p.digits] : [],
  );
  return widths.length === 0 ? null : Math.min(10 ** Math.min(...widths) - 1, Number.MAX_SAFE_INTEGER);
}

/** A pattern that each serial number of the format matches; the number is group `n`. For what is found in a chip. */
export function serialPattern(format: SerialFormat): RegExp {
  const widths: Partial<Record<TokenName, string>> = {
    yyyy: "[0-9]{4}",
    yy: "[0-9]{2}",
    mm: "[0-9]{2}",
    dd: "[0-9]{2}",
    ww: "[0-9]{2}",
    unix: "[0-9]{9,11}",
  };
  let named = false;
  const body = format.map((piece) => {
    if (piece.kind === "text") return piece.text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    if (piece.name !== "n") return widths[piece.name] ?? ".*";
    // As `fillFormat` writes it and no other way: no zeros in front beyond the width, no more than a number holds.
    const width = piece.digits ?? 1;
    const digits = `(?:[0-9]{${width}}|[1-9][0-9]{${width},14})`;
    if (named) return digits;
    named = true;
    return `(?<n>${digits})`;
  });
  return new RegExp(`^${body.join("")}$`);
}
