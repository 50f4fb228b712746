import { assertNever } from "../../lib/assert-never.ts";
import type { LabelStep } from "../../model/label.ts";
import type { SlotState, Suspect } from "../../model/slot-view.ts";
import { bar, endingAt } from "../line.ts";
import type { Mark } from "../line.ts";
import { signOf } from "../theme.ts";
import type { Theme } from "../theme.ts";
import { say } from "../words/catalogue.ts";
import { elapsedSeconds, stepPercent, stepShare, stepWord } from "./tile-running.ts";
import type { TileBox } from "./tile-size.ts";

type Rows = readonly (readonly Mark[])[];

function running(state: Extract<SlotState, { kind: "running" }>, box: TileBox, now: number): Rows {
  const end = box.width - 1;
  const word = state.away ? "BACK" : stepWord(state).slice(0, 4);
  const right = state.away ? `${elapsedSeconds(state, now)}s` : stepPercent(state);
  return [[{ at: 1, text: word }, endingAt(end, right)], bar(1, end - 1, stepShare(state), "runCell")];
}

function ended(state: Extract<SlotState, { kind: "ended" }>, theme: Theme): Rows {
  const { word, symbol, field } = signOf(state.outcome.kind, theme);
  const role = field === "plain" ? "passWord" : field;
  const below = state.outcome.kind === "PASS" ? "" : state.acknowledged ? "ack" : "";
  const retries = state.outcome.kind === "PASS" && state.retries > 0 ? ` r${Math.min(9, state.retries)}` : "";
  return [[{ at: 1, text: `${word} ${symbol}${retries}`, role }], [{ at: 1, text: below }]];
}

/** The smallest tile, two or three rows of ten columns: one word, its symbol or per cent, a bar. */
export function smallRows(
  state: SlotState,
  suspect: Suspect | null,
  box: TileBox,
  theme: Theme,
  now: number,
  next: boolean,
  label: LabelStep | null,
): Rows {
  if (suspect !== null && (state.kind === "empty" || state.kind === "board"))
    return [[{ at: 1, text: "SUSPECT!", role: "look" }]];
  switch (state.kind) {
    case "empty":
      return next ? [[{ at: 1, text: "SCAN <" }]] : [[{ at: 1, text: say(theme.words, "emptySmall") }]];
    case "looking":
      return [[{ at: 1, text: say(theme.words, "lookingSmall") }]];
    case "unreadable":
      return [[{ at: 1, text: "NO ANS ?", role: "look" }]];
    case "board":
      return next ? [[{ at: 1, text: "SCAN <" }]] : [[{ at: 1, text: "BOARD" }]];
    case "foreign":
      return [[{ at: 1, text: "SKIP -", role: "look" }]];
    case "armed":
      return [[{ at: 1, text: "READY >" }]];
    case "running":
      return running(state, box, now);
    case "ended":
      // Two rows hold the verdict or what its label wants, not both.
      if (label === "pending") return [[{ at: 1, text: "+NO LBL!", role: "look" }]];
      if (label === "scan") return [[{ at: 1, text: "+LABEL <", role: "look" }]];
      return ended(state, theme);
    case "retired":
      return [[{ at: 1, text: "RETIRED/" }]];
    default:
      return assertNever(state);
  }
}
