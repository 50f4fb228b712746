import type { SlotState, Suspect } from "../../model/slot-view.ts";
import { lettering } from "../lettering.ts";
import type { Mark } from "../line.ts";
import { cut, cutLeft, shown, widthOf } from "../text.ts";
import { signOf } from "../theme.ts";
import type { Theme } from "../theme.ts";
import { say } from "../words/catalogue.ts";
import { tailOf } from "./barcode.ts";
import { dayText } from "./moment.ts";
import { verdictLetters } from "./tile-size.ts";
import type { TileBox, TileSize } from "./tile-size.ts";

type Rows = readonly (readonly Mark[])[];
type Of<Kind extends SlotState["kind"]> = Extract<SlotState, { kind: Kind }>;

const body = (text: string, box: TileBox): readonly Mark[] => [{ at: 1, text: cut(text, box.width - 3) }];

/** The word row of a tile that calls: a yellow field where there are colours. */
export const wordRow = (word: string, box: TileBox, theme: Theme): readonly Mark[] => {
  const text = ` ${word}`;
  return [{ at: 0, text: theme.colour === "none" ? text : text.padEnd(box.width - 1), role: "look" }];
};

export const lookingRows = (box: TileBox, theme: Theme): Rows => [[], body(say(theme.words, "looking"), box)];

/** Something lies there and does not answer. */
export const unreadableRows = (box: TileBox, theme: Theme): Rows => [
  wordRow("NO ANSWER  ?", box, theme),
  body(say(theme.words, "pressDown"), box),
  body(say(theme.words, "turnRound"), box),
];

export const emptyRows = (theme: Theme): Rows => [[], [{ at: 3, text: say(theme.words, "empty") }]];

export const boardRows = (state: Of<"board">, box: TileBox, theme: Theme): Rows => [
  [],
  body("BOARD", box),
  ...(state.chip === null ? [] : [body(shown(state.chip), box)]),
  body(say(theme.words, "notScanned"), box),
];

/** Neither failed nor ours: its name says what to take out. */
export const foreignRows = (state: Of<"foreign">, box: TileBox, theme: Theme): Rows => [
  wordRow("SKIPPED  -", box, theme),
  body(say(theme.words, "notOurs"), box),
  body(shown(state.name), box),
];

/** Scanned, not started: which chip, and whether the unit has its number already. */
export function armedRows(state: Of<"armed">, box: TileBox, theme: Theme): Rows {
  const number =
    state.keeps === null
      ? say(theme.words, "newNumber")
      : say(theme.words, "keepsNumber", { serial: tailOf(state.keeps) });
  return [
    [],
    body("READY >", box),
    ...(state.chip === null ? [] : [body(shown(state.chip), box), body(number, box)]),
  ];
}

/** A slot that fails more often than the others: which figures say so. */
export function suspectRows(suspect: Suspect, box: TileBox, theme: Theme): Rows {
  const { words } = theme;
  return [
    wordRow("SUSPECT SLOT  !", box, theme),
    body(say(words, "failsOf", { failed: suspect.failed, of: suspect.tried }), box),
    body(say(words, "othersOf", { failed: suspect.othersFailed, of: suspect.othersTried }), box),
    body(say(words, "useAnother"), box),
  ];
}

/** Teach-in: the place that a board is wanted in, and the ports that are known. */
export function teachRows(
  { wanted, port }: { readonly wanted: boolean; readonly port: string | null },
  box: TileBox,
  theme: Theme,
): Rows {
  if (wanted)
    return box.size === "XS"
      ? [[{ at: 1, text: "PORT <", role: "look" }]]
      : nextRows(box, box.size, theme, "PORT");
  if (port === null) return emptyRows(theme);
  const { symbol } = signOf("PASS", theme);
  const text = cutLeft(shown(port), box.width - 3);
  return box.size === "XS"
    ? [body(`${symbol}${text}`, box)]
    : [[], body(`${symbol} PORT`, box), [{ at: 1, text }]];
}

/** The place that the next scan takes, in letters. */
export function nextRows(box: TileBox, size: Exclude<TileSize, "XS">, theme: Theme, word = "SCAN"): Rows {
  const letters = lettering(word, verdictLetters[size], theme.letter);
  const at = size === "XL" ? 5 : 1;
  return letters.map((text, i): readonly Mark[] => [
    { at, text, cells: "restCell" },
    ...(i === 0 && size !== "L" ? [{ at: box.width - 2, text: "<" }] : []),
  ]);
}

/** A hatch over the place, with the reason and who said so. */
export function retiredRows(state: Of<"retired">, box: TileBox, timezone: string | null, theme: Theme): Rows {
  const known = Object.entries<string>(theme.words.reasons).find(([reason]) => reason === state.reason);
  const words = [
    "RETIRED",
    known?.[1] ?? shown(state.reason),
    `${dayText(state.at, timezone).slice(0, 6)}, ${shown(state.by)}`,
  ];
  const columns = box.width - 1;
  return Array.from({ length: box.height - 1 }, (_, row): readonly Mark[] => {
    const hatch = Array.from({ length: columns }, (_, i) => ((i + row) % 2 === 0 ? "/" : " ")).join("");
    const word = cut(words[row] ?? "", columns - 4);
    if (word === "") return [{ at: 0, text: hatch, role: "quiet" }];
    const end = 2 + widthOf(word) + 1;
    return [
      { at: 0, text: `${hatch.slice(0, 1)} `, role: "quiet" },
      { at: 2, text: `${word} ` },
      { at: end, text: hatch.slice(end), role: "quiet" },
    ];
  });
}
