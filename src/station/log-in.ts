import { cleanText } from "../lib/clean-text.ts";
import { mayDo, type Person } from "../model/person.ts";
import type { AtWork } from "../model/view.ts";
import { runningCount, type BenchState } from "./bench-state.ts";
import { andThen, refuse, stay, type Decision, type Effect } from "./decision.ts";

/**
 * Somebody showed a badge, or gave name and PIN. What waits for a second person is theirs first: a first article, an
 * order to close; else the shift changes.
 */
export function shown(state: BenchState, person: Person): Decision {
  const who: AtWork = { name: person.name, role: person.role };
  if (state.gate.kind === "waiting" && state.person !== null) return second(state, who, state.gate);
  if (isDone(state) && state.person !== null && mayDo(person.role, "close-order")) {
    const [oldest] = state.toAcknowledge;
    // A board that failed is seen before its order is closed.
    if (oldest !== undefined) return refuse(state, "ACK_FIRST", "", oldest);
    const label = state.labels.find(({ step }) => step === "scan");
    if (label !== undefined) return refuse(state, "LABEL_FIRST", "", label.slot);
    return stay(state, { type: "close-order", by: who });
  }
  if (state.person?.name === who.name) return stay(state);
  return logIn(state, who);
}

export const isDone = (state: BenchState): boolean =>
  state.order !== null &&
  state.order.quantity !== null &&
  state.counts.passed >= state.order.quantity &&
  state.slots.every(({ state: { kind } }) => kind !== "running" && kind !== "armed");

function second(
  state: BenchState,
  who: AtWork,
  gate: Extract<BenchState["gate"], { kind: "waiting" }>,
): Decision {
  if (who.role === null || !mayDo(who.role, "accept-first-article"))
    return refuse(state, "NO_RIGHT", "", who.name);
  if (who.name === gate.madeBy) return refuse(state, "SECOND_PERSON", "", who.name);
  return judge(state, who, gate, state.question?.what !== "reject-article");
}

/** The first article is accepted, and the tray is open; or it is refused, and another one is made. */
export function judge(
  state: BenchState,
  by: AtWork,
  { barcode, slot, madeBy }: Extract<BenchState["gate"], { kind: "waiting" }>,
  accepted: boolean,
): Decision {
  return stay(
    {
      ...state,
      gate: accepted ? { kind: "open" } : { kind: "wanted", by: null },
      question: null,
      refused: null,
    },
    {
      type: "record",
      deed: {
        kind: accepted ? "first-article-accepted" : "first-article-refused",
        by,
        barcode,
        slot,
        detail: { madeBy },
      },
    },
  );
}

function logIn(state: BenchState, who: AtWork): Decision {
  const out = state.person === null ? stay(state) : logOut(state);
  return andThen(out, (at) => {
    const golden = at.golden === null ? null : { ...at.golden, state: "due" as const };
    return stay(
      { ...at, person: who, golden, nameGiven: null, refused: null },
      { type: "record", deed: personal("logged-in", who) },
    );
  });
}

/** The shift ends; an order stays open for the next one. */
function logOut(state: BenchState): Decision {
  const { person } = state;
  if (person === null) return stay(state);
  const effects: Effect[] = [{ type: "record", deed: personal("logged-out", person) }];
  return {
    state: { ...state, person: null, nameGiven: null, question: null, open: null, chosen: null },
    effects,
  };
}

const personal = (kind: "logged-in" | "logged-out", by: AtWork) => ({
  kind,
  by,
  barcode: null,
  slot: null,
  detail: {},
});

/** Name, then PIN; each is typed or scanned. */
export function takeName(state: BenchState, text: string): Decision {
  const { nameGiven } = state;
  if (nameGiven === null) return stay({ ...state, nameGiven: cleanText(text.trim(), 60), refused: null });
  return stay({ ...state, refused: null }, { type: "check-pin", name: nameGiven, pin: text });
}

/** F9, a second time. Not while boards run. */
export function askLogOut(state: BenchState): Decision {
  if (state.rules.login === "none" || state.person === null) return refuse(state, "CARD_USELESS", "", "F9");
  const running = runningCount(state);
  if (running > 0) return refuse(state, "BOARDS_RUN", "", String(running));
  const boards = state.slots.some(({ state: { kind } }) => kind === "armed" || kind === "ended");
  if (!boards || state.question?.what === "log-out") return logOut(state);
  return stay({ ...state, question: { what: "log-out" } });
}
