import type { StationView } from "../../model/view.ts";
import { sayCall, stillRunning, talksOfOthers } from "../call.ts";
import type { Headline } from "../headline.ts";
import { lettering, letteringWidth } from "../lettering.ts";
import type { LetterSize } from "../lettering.ts";
import { endingAt, line } from "../line.ts";
import type { Mark } from "../line.ts";
import { cut, widthOf } from "../text.ts";
import { letterIn, noRealBoard } from "../theme.ts";
import type { Role, Span, Theme } from "../theme.ts";

const square: LetterSize = { rows: 5, wide: 2, high: 1, gap: 2 };
const narrow: LetterSize = { rows: 5, wide: 1, high: 1, gap: 1 };

interface ModeWord {
  readonly word: string;
  readonly field: Role;
  readonly cells: Role;
  /** Columns of its field, at the right end of the row; the first is its margin. */
  readonly columns: number;
}

/** TRIAL behind column 61 of 80, REHEARSAL and SIMULATED behind 44; in wider windows as far from the right. */
function modeWord(mode: StationView["mode"]): ModeWord | null {
  if (mode === "production") return null;
  if (mode === "trial") return { word: "TRIAL", field: "look", cells: "lookCell", columns: 20 };
  return { word: mode.toUpperCase(), field: "rehearsal", cells: "rehearsalCell", columns: 37 };
}

/** Two columns a pixel where the word has room for it; with simulated boards always one. */
function letterSize(word: string, room: number, simulated: boolean): LetterSize {
  return !simulated && letteringWidth(word, square) <= room ? square : narrow;
}

function wordRows(
  view: StationView,
  said: Headline,
  columns: number,
  theme: Theme,
): readonly (readonly Span[])[] {
  const wanted = modeWord(view.mode);
  const mode = wanted !== null && columns >= 60 ? wanted : null;
  const left = columns - (mode?.columns ?? 0);
  const size = letterSize(said.word, left - 2, noRealBoard(view.mode));
  const word = lettering(said.word, size, theme.letter);
  const modeLetters = mode === null ? [] : lettering(mode.word, narrow, theme.letter);
  return word.map((text, i) => [
    ...line(left, said.field, [
      { at: 1, text: cut(text, left - 1), cells: letterIn(said.field, said.cells) },
    ]),
    ...(mode === null
      ? []
      : line(mode.columns, mode.field, [{ at: 1, text: modeLetters[i] ?? "", cells: mode.cells }])),
  ]);
}

function sentenceRow(view: StationView, said: Headline, columns: number, theme: Theme): readonly Span[] {
  const marks: Mark[] = [{ at: 1, text: cut(said.sentence, columns - 1) }];
  if (view.running > 0 && talksOfOthers(view)) {
    const others = stillRunning(view.running, theme.words);
    if (1 + widthOf(said.sentence) + 3 + widthOf(others) < columns) marks.push(endingAt(columns - 1, others));
  }
  return line(columns, said.field, marks);
}

/** Rows 1 to 6: one word five rows high, the mode word at the right, one sentence for the hands. */
export function bannerRows(view: StationView, columns: number, theme: Theme): readonly (readonly Span[])[] {
  const said = sayCall(view, theme.words, columns - 1);
  return [...wordRows(view, said, columns, theme), sentenceRow(view, said, columns, theme)];
}
