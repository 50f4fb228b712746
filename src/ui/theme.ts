import type { StationView } from "../model/view.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { Outcome } from "../model/event.ts";
import type { Words } from "./words/catalogue.ts";
import { languages } from "./words/languages.ts";

export type ColourMode = "256" | "16" | "none";

/**
 * What is painted (screens.md, section 2). A role that ends in Cell is a space with a ground: lettering and bars need no
 * block characters. A paint sets ground and letter, or neither: then light and dark screens need no setting.
 */
export type Role =
  | "plain"
  | "quiet"
  | "passCell"
  | "passWord"
  | "act"
  | "actCell"
  | "look"
  | "lookCell"
  | "runCell"
  | "restCell"
  | "rehearsal"
  | "rehearsalCell";

/** A field fills its whole place and calls; only red and yellow do. */
export type Field = "plain" | "act" | "look";

export interface Span {
  readonly text: string;
  readonly role: Role;
}

/** How the screen looks and speaks on this terminal. */
export interface Theme {
  readonly colour: ColourMode;
  readonly words: Words;
  /** Its ambiguous characters are one column wide: it said so. Otherwise none of them is written. */
  readonly narrow: boolean;
  /** Somebody looks on from another terminal. */
  readonly watching: boolean;
  /** What stands for a cell of lettering where nothing can be painted. */
  readonly letter: "#" | "/";
  /** The rule in the head of a tile. */
  readonly rule: "-" | "/";
  /** The last column of a tile. */
  readonly gap: Span;
  /** The key row. */
  readonly keys: Role;
}

/** What follows the reset in each paint's sequence; a later code that a terminal does not know leaves the one before it. */
const paints: Record<Exclude<ColourMode, "none">, Record<Role, string>> = {
  "256": {
    plain: "",
    quiet: "38;5;243",
    passCell: "48;5;28",
    passWord: "48;5;28;38;5;231",
    act: "48;5;124;38;5;231",
    actCell: "48;5;231",
    look: "48;5;220;38;5;16",
    lookCell: "48;5;16",
    runCell: "48;5;33",
    restCell: "7",
    rehearsal: "48;5;90;38;5;231",
    rehearsalCell: "48;5;231",
  },
  "16": {
    plain: "",
    quiet: "",
    passCell: "42;30",
    passWord: "42;30",
    act: "41;37;97",
    actCell: "47;107",
    look: "43;30",
    lookCell: "40",
    runCell: "7",
    restCell: "7",
    rehearsal: "45;37;97",
    rehearsalCell: "47;107",
  },
};

const cells: ReadonlySet<Role> = new Set([
  "passCell",
  "actCell",
  "lookCell",
  "runCell",
  "restCell",
  "rehearsalCell",
]);

export function themeOf(
  colour: ColourMode,
  words: Words = languages.en,
  narrow = false,
  watching = false,
): Theme {
  const gap: Span = { text: " ", role: "plain" };
  return { colour, words, narrow, watching, letter: "#", rule: "-", gap, keys: "plain" };
}

/** Modes that must look like no production: every board is simulated. */
export const noRealBoard = (mode: StationView["mode"]): boolean =>
  mode === "rehearsal" || mode === "simulated";

/** The same for simulated boards: a bar beside each tile, a key row that no production screen has. */
export function rehearse(theme: Theme): Theme {
  if (theme.colour === "none") return { ...theme, letter: "/", rule: "/", gap: { text: "/", role: "plain" } };
  return { ...theme, gap: { text: " ", role: "rehearsal" }, keys: "rehearsal" };
}

/** The cells of lettering that lie in a field. */
export function letterIn(field: Field, own: Role): Role {
  switch (field) {
    case "plain":
      return own;
    case "act":
      return "actCell";
    case "look":
      return "lookCell";
    default:
      return assertNever(field);
  }
}

/**
 * Which green the first sixteen colours hold, the terminal says; on some light screens it is hardly seen. There black marks
 * in it are what is read.
 */
const inCells = ({ colour, letter }: Theme, role: Role): string =>
  colour === "16" && role === "passCell" ? letter : " ";

/** Ends every paint. */
export const plainPaint = "\x1b[m";

/** One row of the screen as text with its paints, plain at both ends. Each paint is one sequence, which ends the one before. */
export function paintRow(spans: readonly Span[], theme: Theme): string {
  if (theme.colour === "none") return spans.map((span) => span.text).join("");
  const paint = paints[theme.colour];
  let out = "";
  let now = paint.plain;
  for (const { text, role } of spans) {
    if (text === "") continue;
    const next = paint[role];
    if (next !== now) out += next === "" ? plainPaint : `\x1b[0;${next}m`;
    now = next;
    out += cells.has(role) ? inCells(theme, role).repeat(text.length) : text;
  }
  return now === "" ? out : out + plainPaint;
}

interface Sign {
  readonly word: string;
  readonly ascii: string;
  readonly mark: string;
  readonly field: Field;
}

/** Word, symbol, field of each outcome: the meaning never hangs on the colour. */
const signs: Record<Outcome["kind"], Sign> = {
  PASS: { word: "PASS", ascii: "+", mark: "✓", field: "plain" },
  FAIL: { word: "FAIL", ascii: "X", mark: "✗", field: "act" },
  TIMEOUT: { word: "TIME", ascii: "?", mark: "?", field: "act" },
  ERROR: { word: "ERR", ascii: "!", mark: "!", field: "act" },
  ABORTED: { word: "STOP", ascii: "=", mark: "=", field: "look" },
  SKIPPED: { word: "SKIP", ascii: "-", mark: "-", field: "look" },
};

export function signOf(kind: Outcome["kind"], theme: Theme): { word: string; symbol: string; field: Field } {
  const sign = signs[kind];
  // The Linux console (16 colours) has neither of the two marks.
  return { word: sign.word, symbol: theme.colour === "256" ? sign.mark : sign.ascii, field: sign.field };
}

/** Terminals without colours: a painted cell would be no more than a space there. */
const bare = /^(dumb|vt\d+|.*-(m|mono))$/;

/** What the terminal can paint, by its environment. */
export function colourMode(env: Readonly<Record<string, string | undefined>>): ColourMode {
  const { TERM: term = "", COLORTERM: depth = "", FORCE_COLOR: forced = "", NO_COLOR: no = "" } = env;
  if (no !== "" || forced === "0" || forced === "false") return "none";
  if (forced === "1" || forced === "true") return "16";
  if (forced === "2" || forced === "3") return "256";
  if (bare.test(term)) return "none";
  return term.includes("256") || depth === "truecolor" || depth === "24bit" ? "256" : "16";
}
