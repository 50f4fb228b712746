import { assertNever } from "../lib/assert-never.ts";
import type { SlotState, SlotView } from "../model/slot-view.ts";
import type { StationView } from "../model/view.ts";
import { callKey } from "./bells.ts";
import { sayCall, sentenceOf } from "./call.ts";
import { labelIn } from "./parts/tray.ts";
import { panelRows } from "./panels/panel.ts";
import { shown } from "./text.ts";
import type { Theme } from "./theme.ts";
import { say } from "./words/catalogue.ts";
import type { Words } from "./words/catalogue.ts";

function whatOf(state: SlotState, words: Words): string {
  switch (state.kind) {
    case "empty":
      return say(words, "spokenEmpty");
    case "looking":
      return say(words, "spokenLooking");
    case "board":
      return say(words, "spokenBoard");
    case "foreign":
      return say(words, "spokenForeign", { name: shown(state.name, 40) });
    case "unreadable":
      return say(words, "spokenUnreadable");
    case "armed":
      return say(words, "spokenArmed", { barcode: shown(state.barcode, 60) });
    case "running":
      return say(words, "spokenRunning", { barcode: shown(state.barcode, 60) });
    case "ended": {
      const barcode = shown(state.barcode, 60);
      const { kind } = state.outcome;
      if (kind !== "PASS" && state.acknowledged) return say(words, "spokenSeen", { word: kind, barcode });
      const said = say(words, "spokenEnded", { word: kind, barcode, seconds: Math.round(state.ms / 1000) });
      return kind === "PASS" ? said : `${said} ${sentenceOf(state.outcome, words)}`;
    }
    case "retired":
      return say(words, "spokenRetired", { reason: shown(state.reason, 40) });
    default:
      return assertNever(state);
  }
}

const labelWords = { printing: "spokenPrinting", pending: "spokenPending", scan: "spokenScanLabel" } as const;

function slotLine({ name, state }: SlotView, view: StationView, words: Words): string {
  const label = labelIn(view, { name, state });
  const said = whatOf(state, words);
  const what = label === null ? said : `${said} ${say(words, labelWords[label])}`;
  return say(words, "spokenSlot", { slot: shown(name, 12), what });
}

const callLine = (view: StationView, words: Words): string => {
  const { word, sentence } = sayCall(view, words, 120);
  return `${word}. ${sentence}`;
};

/** One state of a slot told from another; what runs is said once, not at each step. */
const stateKey = ({ name, state }: SlotView, view: StationView): string =>
  state.kind === "ended" ? `ended ${state.acknowledged} ${labelIn(view, { name, state }) ?? ""}` : state.kind;

/** Where the next scan goes is said each time. */
const calledKey = ({ call }: StationView): string =>
  call.kind === "scan" ? `scan ${call.slot ?? ""}` : callKey(call);

function panelKey({ panel }: StationView): string {
  if (panel === null) return "";
  if (panel.kind === "details") return `details ${panel.slot} ${panel.page}`;
  return panel.kind === "look-up" ? `look-up ${panel.board.state}` : panel.kind;
}

/** A page as plain lines, without the spaces that make columns of it. */
function panelLines(view: StationView, theme: Theme, nowMs: number): readonly string[] {
  if (view.panel === null) return [];
  return panelRows(view, view.panel, 40, 120, theme, nowMs)
    .map((row) =>
      row
        .map(({ text }) => text)
        .join("")
        .trim()
        .replaceAll(/ {2,}/g, ", "),
    )
    .filter((text) => text !== "");
}

/** What a screen reader says first: what is wanted, then the tray as a list, one sentence a slot. */
export function spokenWhole(view: StationView, theme: Theme, nowMs: number): readonly string[] {
  const { words } = theme;
  return [
    callLine(view, words),
    ...view.slots.map((slot) => slotLine(slot, view, words)),
    ...panelLines(view, theme, nowMs),
  ];
}

/** What a screen reader says of a change: the slots that are another now, the page that opened, what is wanted. */
export function spokenChange(
  before: StationView,
  after: StationView,
  theme: Theme,
  nowMs: number,
): readonly string[] {
  const { words } = theme;
  const known = new Map(before.slots.map((slot) => [slot.name, stateKey(slot, before)]));
  const slots = after.slots.filter((slot) => known.get(slot.name) !== stateKey(slot, after));
  const opened = after.panel !== null && panelKey(before) !== panelKey(after);
  const called =
    calledKey(before) !== calledKey(after) || panelKey(before) !== panelKey(after)
      ? [callLine(after, words)]
      : [];
  return [
    ...slots.map((slot) => slotLine(slot, after, words)),
    ...called,
    ...(opened ? panelLines(after, theme, nowMs) : []),
  ];
}
