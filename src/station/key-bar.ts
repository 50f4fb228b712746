import type { Call } from "../model/call.ts";
import type { KeyDeed, KeyHint, KeyName } from "../model/key.ts";
import { rightsAt, runningCount, slotNamed, type BenchState } from "./bench-state.ts";

const hint = (key: KeyName, does: KeyDeed): KeyHint => ({ key, does });

/** What the keys do now, the most needed first; what this person may not do is not among them. */
export function keysOf(state: BenchState, call: Call): readonly KeyHint[] {
  const rights = rightsAt(state);
  const running = runningCount(state) > 0;
  const lead: KeyHint[] = [];
  const slot = state.chosen === null ? undefined : slotNamed(state, state.chosen);
  if (rights.includes("retire-slot") && slot !== undefined && slot.state.kind !== "running")
    lead.push(hint("F5", slot.state.kind === "retired" ? "restore" : "retire"));
  else if (rights.includes("teach") && state.teachable && !running && slot === undefined)
    lead.push(hint("F5", "teach"));
  if (rights.includes("close-order") && state.order !== null && !running)
    lead.push(hint("F6", "close-order"));
  if (rights.includes("override")) lead.push(hint("F7", "type-code"));
  const leaving = call.kind === "leave";
  const always = [
    ...(state.person !== null && state.rules.login !== "none" && !running ? [hint("F9", "log-out")] : []),
    ...(leaving ? [] : [hint("Ctrl-C", "leave")]),
  ];
  // The key of a question is its answer: it is not told twice.
  const asked = call.kind === "ask" || state.teaching !== null ? [] : lead;
  // In practice nobody looks up a returned board, and the row has room for one of the two.
  const practice =
    state.planned === null || call.kind === "ask" || leaving ? [] : [hint("F8", "next-mishap")];
  // What explains the others is never what there is no room for.
  const now = answers(state, call, running).filter(({ key }) => key !== "F4" || practice.length === 0);
  return [...now, ...practice, hint("?", "help"), ...asked, ...always];
}

/** Keys that answer what stands in rows 1 to 6. */
function answers(state: BenchState, call: Call, running: boolean): readonly KeyHint[] {
  const views = [hint("F2", "numbers"), hint("Arrows", "choose-slot"), hint("F3", "details")];
  const close = state.open === null ? [] : [hint("Esc", "close-view")];
  const undo = state.waiting.length > 0 && state.open === null ? [hint("Esc", "undo-scan")] : [];
  const pause = running ? [hint("Space", "pause")] : [];
  switch (call.kind) {
    case "stop":
      return call.code === "RECORDS_LOST" ? [] : [hint("Enter", "check-again")];
    case "failed":
      return [hint("Enter", "seen"), hint("F3", "details")];
    case "refused":
    case "suspect":
      return [hint("Enter", "seen")];
    case "leave":
      return call.stopping
        ? [hint("Ctrl-C", "stop-at-once")]
        : [hint("Ctrl-C", "stop-them"), hint("Esc", "no")];
    case "ask":
      return [
        hint(questionKey[call.question.what], "yes"),
        hint("Esc", "no"),
        ...(call.question.what === "retire" ? [hint("Arrows", "other-reason")] : []),
      ];
    case "accept":
      return [...close, hint("F8", "reject"), hint("F3", "details")];
    case "paused":
      return [...close, hint("Space", "go-on"), ...views];
    case "running":
      return [...close, ...undo, ...pause, ...views];
    case "scan":
    case "load":
      return [
        ...close,
        ...(state.waiting.length > 0 ? [hint("Enter", "start")] : []),
        ...undo,
        ...pause,
        ...views,
        hint("F4", "look-up"),
      ];
    case "label":
      return [
        ...close,
        ...(call.step === "pending" ? [hint("Enter", "print-again")] : []),
        ...undo,
        ...pause,
        ...views,
      ];
    case "look-up":
      return close;
    case "passed":
    case "done":
    case "order":
    case "golden":
      return [...close, ...views, hint("F4", "look-up")];
    case "teach":
      return [hint("Enter", call.slot === null ? "write-map" : "keep-port"), hint("Esc", "end-teaching")];
    case "log-in":
      return close;
    default:
      return call satisfies never;
  }
}

const questionKey = {
  retire: "F5",
  restore: "F5",
  "close-order": "F6",
  "reject-article": "F8",
  "log-out": "F9",
  teach: "F5",
} as const satisfies Record<Extract<Call, { kind: "ask" }>["question"]["what"], KeyName>;
