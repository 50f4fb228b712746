import type { KeyHint } from "../../model/key.ts";
import type { StationView } from "../../model/view.ts";
import { sentenceOf } from "../call.ts";
import { line } from "../line.ts";
import { cutLeft, shown, widthOf } from "../text.ts";
import type { Span, Theme } from "../theme.ts";
import { say } from "../words/catalogue.ts";
import type { Words } from "../words/catalogue.ts";

const prompts = { none: "", code: "SCAN> ", name: "NAME> ", pin: "PIN> " } as const;
/** The cursor is drawn: a terminal's own blinks, and here nothing does. */
const cursor = "_";

function hintText(hint: KeyHint, view: StationView, words: Words): string {
  const key = words.keys[hint.key];
  const { call } = view;
  if (
    hint.does === "seen" &&
    call.kind === "failed" &&
    sentenceOf(call.outcome, words).includes(say(words, "redBin"))
  )
    return say(words, "keySeenRedBin", { key });
  return `${key} ${words.deeds[hint.does]}`;
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

/** What the keys do, the most needed first; in a demonstration, what there is to type. */
function hints(view: StationView, { words, watching }: Theme): readonly string[] {
  const { kind } = view.call;
  const [offered] = kind === "running" || kind === "scan" || kind === "refused" ? view.offered : [];
  return [
    ...(watching ? [say(words, "watching")] : []),
    ...(offered === undefined ? [] : [say(words, "keyType", { barcode: shown(offered, 40) })]),
    ...view.keys.map((hint) => hintText(hint, view, words)),
  ];
}

/** What is being typed, as it may be seen. */
function typedText(view: StationView, typed: string): string {
  return view.typing === "pin" ? "*".repeat(Array.from(typed).length) : shown(typed);
}

/**
 * The row of the keys. Where something may be typed it stands at the left, always at the same place with the cursor
 * behind it; what the keys do stands beside it.
 */
export function scanLine(view: StationView, typed: string, columns: number, theme: Theme): readonly Span[] {
  const { words } = theme;
  if (view.typing === "none")
    return line(columns, theme.keys, [{ at: 1, text: fit(hints(view, theme), columns - 2) }]);
  const prompt = prompts[view.typing];
  const at = 1 + prompt.length;
  const text = cutLeft(typedText(view, typed), columns - at - 2);
  const hintAt = at + widthOf(text) + cursor.length + (typed === "" ? 2 : 3);
  const enter = words.keys.Enter;
  const beside =
    typed === ""
      ? hints(view, theme)
      : [say(words, "keyTake", { key: enter }), say(words, "keyDrop", { key: words.keys.Esc })];
  return line(columns, theme.keys, [
    { at: 1, text: `${prompt}${text}${cursor}` },
    { at: hintAt, text: fit(beside, columns - hintAt - 1) },
  ]);
}
