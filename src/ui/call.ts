import { assertNever } from "../lib/assert-never.ts";
import type { Outcome } from "../model/event.ts";
import { faults } from "../model/fault.ts";
import type { Call, StationView } from "../model/view.ts";
import type { Sentences } from "./sentences.ts";
import { cutLeft, shown, widthOf } from "./text.ts";
import type { Field, Role } from "./theme.ts";

/** What rows 1 to 6 say. */
export interface Headline {
  readonly word: string;
  readonly field: Field;
  /** The cells of the word where there is no field. */
  readonly cells: Role;
  readonly sentence: string;
}

/** The sentence of an outcome: by its code, or the station's own where it had more to say (failed again). */
export function sentenceOf(outcome: Outcome, words: Sentences): string {
  if (outcome.kind === "PASS") return "";
  const { code, message } = outcome.failure;
  return message === faults[code].say || message === "" ? words.faults[code] : shown(message, 60);
}

function failed(slot: string, outcome: Outcome, words: Sentences): Headline {
  const sentence = `${slot}: ${sentenceOf(outcome, words)}`;
  switch (outcome.kind) {
    case "FAIL":
    case "TIMEOUT":
      return { word: `FAIL ${slot}`, field: "act", cells: "actCell", sentence };
    case "ERROR":
      return { word: `ERR ${slot}`, field: "act", cells: "actCell", sentence };
    case "ABORTED":
      return { word: `STOP ${slot}`, field: "look", cells: "lookCell", sentence };
    case "SKIPPED":
      return { word: `SKIP ${slot}`, field: "look", cells: "lookCell", sentence };
    case "PASS":
      return { word: `PASS ${slot}`, field: "plain", cells: "passCell", sentence: slot };
    default:
      return assertNever(outcome);
  }
}

/** The barcode keeps its tail, the sentence keeps every word. */
function refused(call: Extract<Call, { kind: "refused" }>, words: Sentences, columns: number): string {
  const sentence = words.refused[call.code].replace("{of}", () => cutLeft(shown(call.of), 16));
  const barcode = cutLeft(shown(call.barcode), columns - widthOf(sentence) - 2);
  return widthOf(barcode) < 2 ? sentence : `${barcode}: ${sentence}`;
}

function running(
  call: Extract<Call, { kind: "running" }>,
  mode: StationView["mode"],
  words: Sentences,
): string {
  const counted = words.running(call.running, call.of);
  if (mode === "trial") return `${counted} ${words.notForSale}`;
  const about = call.aboutMs === null ? "" : ` ${words.about(call.aboutMs)}`;
  return `${counted} ${words.leaveIn}${about}`;
}

function wanted(slot: string | null, view: StationView, words: Sentences): string {
  if (slot === null) return words.unload;
  const [offered] = view.offered;
  if (offered === undefined) return words.scan(slot);
  const typed = words.type(shown(offered), slot);
  return widthOf(typed) <= 60 ? typed : words.scan(slot);
}

function headline(view: StationView, words: Sentences, columns: number): Headline {
  const { call } = view;
  switch (call.kind) {
    case "stop":
      return { word: "STOP", field: "act", cells: "actCell", sentence: words.stop[call.code] };
    case "failed":
      return failed(shown(call.slot, 12), call.outcome, words);
    case "leave": {
      const sentence = call.stopping ? words.stopping(call.running) : words.leave(call.running);
      return { word: call.stopping ? "STOP" : "LEAVE?", field: "look", cells: "lookCell", sentence };
    }
    case "refused":
      return { word: "REFUSED", field: "look", cells: "lookCell", sentence: refused(call, words, columns) };
    case "running":
      return {
        word: `RUN ${call.running}/${call.of}`,
        field: "plain",
        cells: "runCell",
        sentence: running(call, view.mode, words),
      };
    case "paused":
      return { word: "PAUSE", field: "plain", cells: "restCell", sentence: words.paused(call.running) };
    case "scan": {
      const slot = call.slot === null ? null : shown(call.slot, 12);
      const word = slot === null ? "UNLOAD" : `SCAN ${slot}`;
      return { word, field: "plain", cells: "restCell", sentence: wanted(slot, view, words) };
    }
    case "done":
      return { word: "DONE", field: "plain", cells: "restCell", sentence: words.done(call.failed) };
    case "ask":
    case "accept":
    case "suspect":
    case "passed":
    case "load":
    case "log-in":
    case "order":
    case "golden":
    case "look-up":
    case "teach":
      return { word: call.kind.toUpperCase(), field: "plain", cells: "restCell", sentence: "" };
    default:
      return assertNever(call);
  }
}

/** The station's call in words; `columns` is the room that row 6 has. */
export function sayCall(view: StationView, words: Sentences, columns: number): Headline {
  const prefix = words.mode[view.mode];
  const said = headline(view, words, columns - widthOf(prefix));
  return { ...said, sentence: prefix + said.sentence };
}

/** True where the boards that run are not what row 6 is about. */
export const talksOfOthers = (call: Call): boolean =>
  call.kind !== "running" && call.kind !== "paused" && call.kind !== "leave";
