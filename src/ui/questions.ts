import { assertNever } from "../lib/assert-never.ts";
import type { Call, Question } from "../model/call.ts";
import type { StationView } from "../model/view.ts";
import { calling } from "./headline.ts";
import type { Headline } from "./headline.ts";
import { cutLeft, shown } from "./text.ts";
import { say } from "./words/catalogue.ts";
import type { Words } from "./words/catalogue.ts";

/** A question: the same key again does it, Esc does not. */
export function askRows(question: Question, words: Words): Headline {
  switch (question.what) {
    case "retire": {
      const slot = shown(question.slot, 12);
      return calling(
        "RETIRE?",
        "look",
        say(words, "askRetire", { slot, reason: words.reasons[question.reason] }),
      );
    }
    case "restore":
      return calling("RESTORE?", "look", say(words, "askRestore", { slot: shown(question.slot, 12) }));
    case "close-order": {
      const order = cutLeft(shown(question.order), 16);
      const { open } = question;
      const sentence =
        open === null || open === 0
          ? say(words, "askClose", { order })
          : say(words, "askCloseOpen", { n: open, order });
      return calling("CLOSE?", "look", sentence);
    }
    case "reject-article":
      return calling("REJECT?", "look", say(words, "askReject", { slot: shown(question.slot, 12) }));
    case "log-out":
      return calling("LOGOUT?", "look", say(words, "askLogOut"));
    case "teach":
      return calling("TEACH?", "look", say(words, "askTeach", { n: question.slots }));
    default:
      return assertNever(question);
  }
}

/** What the log-in wants next. */
export function logInSentence(call: Extract<Call, { kind: "log-in" }>, words: Words): string {
  switch (call.ask) {
    case "badge":
      return say(words, "logInBadge");
    case "name":
      return say(words, "logInName");
    case "pin":
      return say(words, "logInPin", { name: shown(call.name, 24) });
    default:
      return assertNever(call.ask);
  }
}

/** What a look-up waits for, or has found. */
export function lookUpSentence(view: StationView, words: Words): string {
  const board = view.panel?.kind === "look-up" ? view.panel.board : null;
  if (board === null || board.state === "waiting") return say(words, "lookUp");
  const slot = board.slot === null ? null : shown(board.slot, 12);
  if (board.state === "reading") return say(words, "lookUpReading", { slot: slot ?? "?" });
  if (board.code !== null && board.state === "failed")
    return slot === null ? words.faults[board.code] : `${slot}: ${words.faults[board.code]}`;
  if (board.barcode === null) return say(words, "lookUpUnknown");
  const barcode = cutLeft(shown(board.barcode), 20);
  return slot === null ? say(words, "lookUpUnit", { barcode }) : say(words, "lookUpBoard", { slot, barcode });
}
