import { unreadBoard } from "../model/panel.ts";
import { mayDo, type Right } from "../model/person.ts";
import { retireReasons } from "../model/call.ts";
import type { FunctionKey } from "../model/key.ts";
import {
  bare,
  busyCount,
  rightsAt,
  runningCount,
  slotNamed,
  withSlot,
  type BenchState,
} from "./bench-state.ts";
import { refuse, stay, type Decision } from "./decision.ts";
import { askPrinter } from "./label-step.ts";
import { askLogOut, judge } from "./log-in.ts";
import { askTeach, endTeaching, nextTaught } from "./teach.ts";
import { startAll } from "./place-unit.ts";

/** A verdict calls: pipelined at once, in tray running when the tray has ended. */
export const failureShows = (state: BenchState): boolean =>
  state.toAcknowledge.length > 0 && !(state.rules.run === "tray" && runningCount(state) > 0);

/** Enter does what row 6 says. */
export function enter(state: BenchState): Decision {
  if (state.refused !== null) return stay({ ...state, refused: null });
  if (state.stopped === "STATION_UNFIT") return stay(state, { type: "check-fit" });
  if (state.stopped === "GOLDEN_FAILED" && state.golden !== null)
    return stay({ ...state, stopped: null, golden: { ...state.golden, state: "due" } });
  if (state.teaching !== null) return nextTaught(state, state.teaching);
  if (failureShows(state)) return stay(acknowledge(state));
  if (state.toNotice.length > 0) return stay({ ...state, toNotice: state.toNotice.slice(1) });
  if (state.waiting.length === 0 && state.labels.some(({ step }) => step === "pending"))
    return askPrinter(state);
  if (state.waiting.length > 0) {
    if (state.paused || state.leaving > 0 || state.abandoned) return refuse(state, "STATION_PAUSED", "");
    return startAll({ ...state, open: null });
  }
  const wanted = state.rules.start === "key" || state.rules.run === "tray";
  const idle = state.order !== null && state.person !== null && busyCount(state) === 0;
  return wanted && idle && state.gate.kind !== "waiting" ? refuse(state, "NOTHING_ARMED", "") : stay(state);
}

function acknowledge(state: BenchState): BenchState {
  const [oldest, ...rest] = state.toAcknowledge;
  if (oldest === undefined) return state;
  // The board was taken out before its Enter: its place is free now.
  const gone = state.presence.get(oldest)?.kind === "none" && state.stillThere.has(oldest);
  const seen = withSlot(state, oldest, (slot) =>
    slot.kind !== "ended" ? slot : gone ? { kind: "empty" } : { ...slot, acknowledged: true },
  );
  return { ...seen, toAcknowledge: rest };
}

/** Esc answers a question with no, closes a view, and takes back the last scan that has not started. */
export function escape(before: BenchState): Decision {
  const { refused, question } = before;
  const asked = refused !== null || question !== null || before.leaving === 1;
  const state: BenchState = {
    ...before,
    refused: null,
    question: null,
    leaving: before.leaving === 1 ? 0 : before.leaving,
  };
  if (asked) return stay(state);
  if (state.teaching !== null) return endTeaching(state);
  if (state.typing) return stay({ ...state, typing: false });
  if (state.open !== null) return stay({ ...state, open: null });
  if (state.nameGiven !== null) return stay({ ...state, nameGiven: null });
  if (state.into !== null) return stay({ ...state, into: null });
  const last = state.waiting.at(-1);
  if (last === undefined) return stay({ ...state, chosen: null });
  return stay({ ...withSlot(state, last, () => bare(state, last)), waiting: state.waiting.slice(0, -1) });
}

const needs: Readonly<Partial<Record<FunctionKey, Right>>> = {
  slot: "retire-slot",
  order: "close-order",
  type: "override",
};

/** F1 to F9 and the arrows. `places`: the tray as it lies, `columns` wide. */
export function takeKey(
  state: BenchState,
  key: FunctionKey,
  places: readonly (number | null)[],
  columns: number,
): Decision {
  const right = needs[key];
  // A key that a person has no right for is not on their screen, and does nothing.
  if (right !== undefined && !rightsAt(state).includes(right))
    return state.person === null
      ? refuse(state, "LOG_IN_FIRST", "")
      : refuse(state, "NO_RIGHT", "", state.person.name);
  if (state.teaching !== null && key !== "help") return refuse(state, "TEACHING", "");
  const { open } = state;
  switch (key) {
    case "help":
    case "numbers":
      return stay({ ...state, open: open?.kind === key ? null : { kind: key } });
    case "details": {
      if (open?.kind === "details") return stay({ ...state, open: { ...open, page: open.page + 1 } });
      const slot = chosenSlot(state);
      return slot === null ? stay(state) : stay({ ...state, open: { kind: "details", slot, page: 1 } });
    }
    case "look-up":
      if (state.person === null) return refuse(state, "LOG_IN_FIRST", "");
      return stay({ ...state, open: open?.kind === key ? null : { kind: key, board: unreadBoard } });
    case "slot":
      return teachWanted(state) ? askTeach(state) : retireOrRestore(state);
    case "order":
      return closeOrder(state);
    case "type":
      return stay({ ...state, typing: !state.typing });
    case "reject":
      return reject(state);
    case "log-out":
      return askLogOut(state);
    case "up":
    case "down":
    case "left":
    case "right":
      return arrow(state, key, places, columns);
    default:
      return key satisfies never;
  }
}

/** The slot that a key is about: chosen, else the one that calls. */
function chosenSlot(state: BenchState): string | null {
  return state.chosen ?? state.toAcknowledge[0] ?? state.toNotice[0] ?? state.slots[0]?.name ?? null;
}

/** F5 is about the slot that was chosen or calls; where none is, about all of them. */
const teachWanted = (state: BenchState): boolean =>
  state.teachable &&
  rightsAt(state).includes("teach") &&
  state.chosen === null &&
  state.toAcknowledge.length === 0 &&
  state.toNotice.length === 0 &&
  (state.question === null || state.question.what === "teach");

function retireOrRestore(state: BenchState): Decision {
  const name = chosenSlot(state);
  const slot = name === null ? undefined : slotNamed(state, name);
  const { question, person } = state;
  if (slot === undefined || person === null) return stay(state);
  if (slot.state.kind === "running" || slot.state.kind === "armed")
    return refuse(state, "BOARDS_RUN", "", "1");
  if (slot.state.kind === "retired") {
    if (question?.what !== "restore" || question.slot !== slot.name)
      return stay({ ...state, chosen: slot.name, question: { what: "restore", slot: slot.name } });
    const restored = {
      ...withSlot(state, slot.name, () => bare(state, slot.name)),
      question: null,
      chosen: null,
    };
    return stay(restored, {
      type: "record",
      deed: { kind: "slot-restored", by: person, barcode: null, slot: slot.name, detail: {} },
    });
  }
  if (question?.what !== "retire" || question.slot !== slot.name)
    return stay({
      ...state,
      chosen: slot.name,
      question: { what: "retire", slot: slot.name, reason: retireReasons[0] },
    });
  // The verdict in it was for hands; they are on it now. Its record stays.
  const retired: BenchState = {
    ...state,
    question: null,
    chosen: null,
    toAcknowledge: state.toAcknowledge.filter((one) => one !== slot.name),
    toNotice: state.toNotice.filter((one) => one !== slot.name),
  };
  return stay(retired, {
    type: "record",
    deed: {
      kind: "slot-retired",
      by: person,
      barcode: null,
      slot: slot.name,
      detail: { reason: question.reason },
    },
  });
}

function closeOrder(state: BenchState): Decision {
  const { order, person, question } = state;
  if (order === null || person === null) return refuse(state, "ORDER_FIRST", "");
  const busy = busyCount(state);
  if (busy > 0) return refuse(state, "BOARDS_RUN", "", String(busy));
  const [oldest] = state.toAcknowledge;
  if (oldest !== undefined) return refuse(state, "ACK_FIRST", "", oldest);
  const label = state.labels.find(({ step }) => step === "scan");
  if (label !== undefined) return refuse(state, "LABEL_FIRST", "", label.slot);
  if (question?.what === "close-order")
    return stay({ ...state, question: null }, { type: "close-order", by: person });
  const open = order.quantity === null ? null : Math.max(0, order.quantity - state.counts.passed);
  return stay({ ...state, question: { what: "close-order", order: order.id, open } });
}

/** F8: refuses the first article; a second person's badge, or their F8 again, does it. In rehearsal: other trouble. */
function reject(state: BenchState): Decision {
  const { gate, person } = state;
  if (gate.kind !== "waiting")
    return state.planned === null
      ? refuse(state, "CARD_USELESS", "", "F8")
      : stay(state, { type: "next-mishap" });
  if (state.question?.what !== "reject-article")
    return stay({
      ...state,
      question: { what: "reject-article", slot: gate.slot, barcode: gate.barcode },
    });
  if (person === null || person.role === null || !mayDo(person.role, "accept-first-article"))
    return refuse(state, "NO_RIGHT", "", person?.name ?? "");
  return person.name === gate.madeBy
    ? refuse(state, "SECOND_PERSON", "", person.name)
    : judge(state, person, gate, false);
}

function arrow(
  state: BenchState,
  key: "up" | "down" | "left" | "right",
  places: readonly (number | null)[],
  columns: number,
): Decision {
  const { question } = state;
  if (question?.what === "retire") {
    const step = key === "up" || key === "left" ? retireReasons.length - 1 : 1;
    const at = retireReasons.indexOf(question.reason);
    const reason = retireReasons[(at + step) % retireReasons.length] ?? question.reason;
    return stay({ ...state, question: { ...question, reason } });
  }
  const from = places.findIndex((place) => place !== null && state.slots[place]?.name === state.chosen);
  if (from < 0) {
    const first = places.find((place) => place !== null);
    const name = first === undefined || first === null ? null : (state.slots[first]?.name ?? null);
    return stay({ ...state, chosen: name });
  }
  const step = { up: -columns, down: columns, left: -1, right: 1 }[key];
  for (let at = from + step; at >= 0 && at < places.length; at += step) {
    const place = places[at];
    const name = place === null || place === undefined ? undefined : state.slots[place]?.name;
    if (name !== undefined) return stay({ ...state, chosen: name, open: follow(state, name) });
  }
  return stay(state);
}

const follow = (state: BenchState, slot: string): BenchState["open"] =>
  state.open?.kind === "details" ? { ...state.open, slot, page: 1 } : state.open;
