import type { LabelStep } from "../../model/label.ts";
import type { SlotFacts, SlotState } from "../../model/slot-view.ts";
import { lettering } from "../lettering.ts";
import { endingAt } from "../line.ts";
import type { Mark } from "../line.ts";
import { cut, cutLeft, shown } from "../text.ts";
import { say } from "../words/catalogue.ts";
import { wordRow } from "./tile-quiet.ts";
import { letterIn, signOf } from "../theme.ts";
import type { Theme } from "../theme.ts";
import { verdictLetters } from "./tile-size.ts";
import type { TileBox, TileSize } from "./tile-size.ts";

type Ended = Extract<SlotState, { kind: "ended" }>;

/** The tail of the 96 bits is what differs: `UID ..3108A 44C2`. */
function uidText(uid: string): string {
  const tail = shown(uid).toUpperCase().slice(-9);
  return `UID ..${tail.slice(0, -4)} ${tail.slice(-4)}`;
}

/** The two steps that took longest, in the order they ran. */
function stepTimes(facts: SlotFacts): string {
  const longest = [...facts.steps].sort((a, b) => b.ms - a.ms).slice(0, 2);
  return facts.steps
    .filter((step) => longest.includes(step))
    .map(({ step, ms }) => `${step} ${(ms / 1000).toFixed(1)}`)
    .join("  ");
}

/** What the engineer sees beside the verdict; the first that is dropped stands last. */
function factLines(state: Ended): readonly string[] {
  const { facts } = state;
  return [
    ...(state.serial === null ? [] : [shown(state.serial)]),
    ...(facts.uid === null ? [] : [uidText(facts.uid)]),
    ...(facts.chip === null ? [] : [shown(facts.chip)]),
    ...(facts.steps.length === 0 ? [] : [stepTimes(facts)]),
  ];
}

const codeOf = (state: Ended): string =>
  state.outcome.kind === "PASS" ? "" : ` ${state.outcome.failure.code}`;

/** One retry saved it: the unit is marginal, and the tile says so. */
const retriesOf = (state: Ended): string =>
  state.outcome.kind === "PASS" && state.retries > 0 ? `r${Math.min(9, state.retries)}` : "";

/** The verdict in letters, its symbol, and what there is room for. */
export function endedRows(
  state: Ended,
  box: TileBox,
  size: Exclude<TileSize, "XS">,
  theme: Theme,
  label: LabelStep | null,
): readonly (readonly Mark[])[] {
  const { word, symbol, field } = signOf(state.outcome.kind, theme);
  const cells = letterIn(field, "passCell");
  const below = size === "S" ? [] : labelRows(label, box, theme);
  // The label's row takes one of the five: the verdict has four then.
  const letterSize = size === "M" && below.length > 0 ? verdictLetters.S : verdictLetters[size];
  const letters = lettering(word, letterSize, theme.letter);
  const end = box.width - 1;
  const retries = retriesOf(state);
  if (size === "L") {
    const signed = `${symbol}${codeOf(state)}${retries === "" ? "" : `  ${retries}`}`;
    const facts = factLines(state).map((fact, i) => (i === 0 ? cutLeft(fact, end - 2) : cut(fact, end - 2)));
    return [
      ...letters.map((text): readonly Mark[] => [{ at: 1, text, cells }]),
      ...(below.length > 0 ? below : [[]]),
      ...[signed, ...facts].map((text): readonly Mark[] => [{ at: 1, text }]),
    ];
  }
  const last = letters.length - 1;
  const rows = letters.map((text, i): readonly Mark[] => [
    { at: size === "XL" ? 5 : 1, text, cells },
    ...(i === 0 ? [endingAt(end, symbol)] : []),
    ...(i === last ? [endingAt(end, retries)] : []),
  ]);
  return size === "XL"
    ? [...rows, [{ at: 5, text: `${symbol}${codeOf(state)}` }], ...below]
    : [...rows, ...below];
}

/** What the label of a unit that passed waits for, in one row. */
function labelRows(label: LabelStep | null, box: TileBox, theme: Theme): readonly (readonly Mark[])[] {
  if (label === null) return [];
  const { words } = theme;
  if (label === "printing") return [[{ at: 1, text: cut(say(words, "tilePrinting"), box.width - 3) }]];
  return [wordRow(say(words, label === "pending" ? "tilePending" : "tileScan"), box, theme)];
}
