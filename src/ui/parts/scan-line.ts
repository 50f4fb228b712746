import type { StationView } from "../../model/view.ts";
import { sentenceOf } from "../call.ts";
import { line } from "../line.ts";
import type { Sentences } from "../sentences.ts";
import { cutLeft, shown, widthOf } from "../text.ts";
import type { Span, Theme } from "../theme.ts";

const prompt = "SCAN> ";
/** The cursor is drawn: a terminal's own blinks, and here nothing does. */
const cursor = "_";

/** Keys that do something now, the most needed first. */
function hints(view: StationView, words: Sentences): readonly string[] {
  const { keys } = words;
  const { call } = view;
  const offered = view.offered.map((barcode) => keys.type(shown(barcode, 40))).slice(0, 1);
  switch (call.kind) {
    case "failed": {
      const sentence = sentenceOf(call.outcome, words);
      return [sentence.includes(words.redBin) ? keys.seenRedBin : keys.seen, keys.leave];
    }
    case "refused":
    case "stop":
      return [keys.seen, ...offered, keys.leave];
    case "leave":
      return call.stopping ? [keys.stopAtOnce] : [keys.stopThem, keys.stay];
    case "paused":
      return [keys.goOn, keys.leave];
    case "running":
    case "scan":
      return [...offered, ...(view.running > 0 ? [keys.pause] : []), keys.leave];
    case "done":
      return [keys.leave];
    default:
      return [keys.leave];
  }
}

/** As many hints as there is room for. */
function fit(texts: readonly string[], columns: number): string {
  let out = "";
  for (const text of texts) {
    const longer = out === "" ? text : `${out}   ${text}`;
    if (widthOf(longer) > columns) continue;
    out = longer;
  }
  return out;
}

/**
 * The row of the keys. What is being typed or scanned stands at its left, always at the same place with the cursor
 * behind it; what the keys do stands beside it.
 */
export function scanLine(
  view: StationView,
  typed: string,
  columns: number,
  theme: Theme,
  words: Sentences,
): readonly Span[] {
  const at = 1 + prompt.length;
  const text = cutLeft(shown(typed), columns - at - 2);
  const hintAt = at + widthOf(text) + cursor.length + (typed === "" ? 2 : 3);
  const beside = typed === "" ? hints(view, words) : [words.keys.take, words.keys.drop];
  return line(columns, theme.keys, [
    { at: 1, text: `${prompt}${text}${cursor}` },
    { at: hintAt, text: fit(beside, columns - hintAt - 1) },
  ]);
}
