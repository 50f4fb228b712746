import { assertNever } from "../lib/assert-never.ts";
import type { Outcome } from "../model/event.ts";
import { failedTwice, faults } from "../model/fault.ts";
import type { Call } from "../model/call.ts";
import type { StationView } from "../model/view.ts";
import { calling, quietly } from "./headline.ts";
import type { Headline } from "./headline.ts";
import { askRows, logInSentence, lookUpSentence } from "./questions.ts";
import { cutLeft, shown, widthOf } from "./text.ts";
import { fill } from "../lib/phrases.ts";
import { say } from "./words/catalogue.ts";
import type { Words } from "./words/catalogue.ts";

/** The sentence of an outcome: by its code, or the station's own where it had more to say. */
export function sentenceOf(outcome: Outcome, words: Words): string {
  if (outcome.kind === "PASS") return "";
  const { code, message } = outcome.failure;
  if (message === failedTwice) return say(words, "failedAgain");
  return message === faults[code].say || message === "" ? words.faults[code] : shown(message, 60);
}

function failed(slot: string, outcome: Outcome, words: Words): Headline {
  const sentence = say(words, "aboutSlot", { what: slot, sentence: sentenceOf(outcome, words) });
  switch (outcome.kind) {
    case "FAIL":
    case "TIMEOUT":
      return calling(`FAIL ${slot}`, "act", sentence);
    case "ERROR":
      return calling(`ERR ${slot}`, "act", sentence);
    case "ABORTED":
      return calling(`STOP ${slot}`, "look", sentence);
    case "SKIPPED":
      return calling(`SKIP ${slot}`, "look", sentence);
    case "PASS":
      return quietly(`PASS ${slot}`, slot, "passCell");
    default:
      return assertNever(outcome);
  }
}

/** The barcode keeps its tail, the sentence keeps every word. */
function refused(call: Extract<Call, { kind: "refused" }>, words: Words, columns: number): string {
  const sentence = fill(words.refused[call.code], { of: cutLeft(shown(call.of), 16) });
  const barcode = cutLeft(shown(call.barcode), columns - widthOf(sentence) - 2);
  return widthOf(barcode) < 2 ? sentence : say(words, "aboutSlot", { what: barcode, sentence });
}

function about(ms: number, words: Words): string {
  return ms < 100_000
    ? say(words, "aboutSeconds", { n: Math.ceil(ms / 1000) })
    : say(words, "aboutMinutes", { n: Math.ceil(ms / 60_000) });
}

function running(call: Extract<Call, { kind: "running" }>, mode: StationView["mode"], words: Words): string {
  const counted = say(words, "running", { running: call.running, of: call.of });
  if (mode === "trial") return `${counted} ${say(words, "notForSale")}`;
  const leftFor = call.aboutMs === null ? "" : ` ${about(call.aboutMs, words)}`;
  return `${counted} ${say(words, "leaveIn")}${leftFor}`;
}

function paused(n: number, words: Words): string {
  if (n === 0) return say(words, "pausedIdle");
  return n === 1 ? say(words, "pausedOne") : say(words, "pausedMany", { n });
}

function leaving(call: Extract<Call, { kind: "leave" }>, words: Words): string {
  const { running: n, stopping } = call;
  if (stopping) return n === 1 ? say(words, "stoppingOne") : say(words, "stoppingMany", { n });
  return n === 1 ? say(words, "leaveOne") : say(words, "leaveMany", { n });
}

function done({ failed: n, mayClose }: Extract<Call, { kind: "done" }>, words: Words): string {
  if (mayClose) {
    if (n === 0) return say(words, "closeDoneNone");
    return n === 1 ? say(words, "closeDoneOne") : say(words, "closeDone", { n });
  }
  if (n === 0) return say(words, "doneNone");
  return n === 1 ? say(words, "doneOne") : say(words, "doneMany", { n });
}

function scanning(call: Extract<Call, { kind: "scan" }>, view: StationView, words: Words): Headline {
  const { armed: n } = call;
  if (call.slot === null)
    return quietly("UNLOAD", n === 0 ? say(words, "unload") : say(words, "unloadStarts", { n }));
  const slot = shown(call.slot, 12);
  const [offered] = view.offered;
  const typed = offered === undefined ? "" : say(words, "typeDemo", { barcode: shown(offered), slot });
  const starts = n === 1 ? say(words, "enterStartsOne") : say(words, "enterStarts", { n });
  const scan = say(words, "scan", { slot });
  if (n > 0) return quietly(`SCAN ${slot}`, `${scan} ${starts}`);
  return quietly(`SCAN ${slot}`, typed !== "" && widthOf(typed) <= 60 ? typed : scan);
}

function loading(call: Extract<Call, { kind: "load" }>, words: Words): string {
  const found = say(words, "loadFound", { found: call.found, of: call.of });
  const names = call.look.slice(0, 4).map((name) => shown(name, 8));
  const last = names.pop();
  if (last === undefined) return found;
  const slots = names.length === 0 ? last : say(words, "listAnd", { first: names.join(", "), last });
  return `${found} ${say(words, "loadLook", { slots })}`;
}

/** The label of a unit that passed: it is off the printer and wants its scan, or the printer does not answer. */
function labelling(call: Extract<Call, { kind: "label" }>, words: Words): Headline {
  const slot = shown(call.slot, 12);
  if (call.step === "pending") return calling(`LABEL ${slot}`, "look", say(words, "labelPending", { slot }));
  const barcode = cutLeft(shown(call.barcode), 20);
  return quietly(`LABEL ${slot}`, say(words, "labelScan", { slot, barcode }));
}

function headline(view: StationView, words: Words, columns: number): Headline {
  const { call } = view;
  switch (call.kind) {
    case "stop":
      return calling("STOP", "act", words.stops[call.code]);
    case "failed":
      return failed(shown(call.slot, 12), call.outcome, words);
    case "leave":
      return calling(call.stopping ? "STOP" : "LEAVE?", "look", leaving(call, words));
    case "ask":
      return askRows(call.question, words);
    case "accept":
      return calling("ACCEPT?", "look", say(words, "accept", { slot: shown(call.slot, 12) }));
    case "refused":
      return calling("REFUSED", "look", refused(call, words, columns));
    case "suspect": {
      const slot = shown(call.slot, 12);
      return calling(`SLOT ${slot}`, "look", say(words, "suspect", { slot }));
    }
    case "running":
      return quietly(`RUN ${call.running}/${call.of}`, running(call, view.mode, words), "runCell");
    case "paused":
      return quietly("PAUSE", paused(call.running, words));
    case "scan":
      return scanning(call, view, words);
    case "passed":
      return quietly("UNLOAD", say(words, "passed", { slot: shown(call.slot, 12) }));
    case "load":
      return quietly("LOAD", loading(call, words));
    case "done":
      return quietly("DONE", done(call, words));
    case "log-in":
      return quietly("LOG IN", logInSentence(call, words));
    case "order":
      return quietly("ORDER", say(words, "order"));
    case "golden": {
      const barcode = cutLeft(shown(call.barcode), 20);
      return quietly("GOLDEN", say(words, "golden", { barcode, slot: shown(call.slot, 12) }));
    }
    case "label":
      return labelling(call, words);
    case "look-up":
      return quietly("LOOK UP", lookUpSentence(view, words));
    case "teach": {
      const { places, of } = call;
      const taught = places.length;
      const slot = call.slot === null ? null : shown(call.slot, 12);
      return slot === null
        ? quietly("TEACH", say(words, "teachDone", { of }))
        : quietly(`TEACH ${slot}`, say(words, "teach", { slot, taught, of }));
    }
    default:
      return assertNever(call);
  }
}

/** A page that the operator opened speaks in rows 1 to 6, unless somebody is called. */
function ofPanel(view: StationView, words: Words): Headline | null {
  const { panel } = view;
  switch (panel?.kind) {
    case "numbers": {
      const { perHour, bottleneck } = panel.numbers;
      if (perHour === null) return quietly("NUMBERS", say(words, "numbersFew"));
      const longest = bottleneck === null ? null : bottleneck === "run" ? "numbersMachine" : "numbersHands";
      const rate = say(words, "numbersRate", { n: Math.round(perHour) });
      return quietly("NUMBERS", longest === null ? rate : `${rate} ${say(words, longest)}`);
    }
    case "help":
      return quietly("HELP", say(words, view.running > 0 ? "helpRunning" : "helpIdle"));
    case "details": {
      const slot = shown(panel.slot, 8);
      return quietly(`SLOT ${slot}`, say(words, "detailsOf", { slot }));
    }
    default:
      return null;
  }
}

const prefixes = {
  production: null,
  trial: "trialPrefix",
  simulated: "simulatedPrefix",
  rehearsal: "rehearsalPrefix",
} as const;

/** The station's call in words; `columns` is the room that row 6 has. */
export function sayCall(view: StationView, words: Words, columns: number): Headline {
  const key = prefixes[view.mode];
  const prefix = key === null ? "" : say(words, key);
  const called = headline(view, words, columns - widthOf(prefix));
  const said = called.field === "plain" ? (ofPanel(view, words) ?? called) : called;
  return { ...said, sentence: prefix + said.sentence };
}

/** `3 boards run`, for where row 6 is about another one. */
export const stillRunning = (n: number, words: Words): string =>
  n === 1 ? say(words, "stillOne") : say(words, "stillMany", { n });

/** True where the boards that run are not what row 6 is about. */
export const talksOfOthers = (view: StationView): boolean =>
  (view.call.kind !== "running" || view.panel?.kind === "details" || view.panel?.kind === "numbers") &&
  view.call.kind !== "paused" &&
  view.call.kind !== "leave";
