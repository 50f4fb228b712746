import type { BatchCounts } from "../model/batch.ts";
import type { Suspect } from "../model/slot-view.ts";
import { completeOrder, noCounts, openOrders } from "./bench-facts.ts";
import { callOf } from "./call.ts";
import type { Input } from "./decide.ts";
import { articleOf } from "./first-article.ts";
import type { Session } from "./session.ts";
import { suspects } from "./suspect.ts";
import { numbersOf } from "./takt.ts";
import { perHour, type BenchFacts } from "./view.ts";

/** Slots that fail more often than the others; what was known before when the books cannot be read. */
export function suspectsNow({ work, suspicious, options: { books } }: Session): ReadonlyMap<string, Suspect> {
  try {
    return work === null ? new Map() : suspects(books.slotCounts(work.order.batch));
  } catch {
    return suspicious;
  }
}

export function countsNow({ work, state, options: { books } }: Session): BatchCounts {
  try {
    return work === null ? noCounts : (books.batchCounts(work.order.batch) ?? noCounts);
  } catch {
    // The books cannot be read: the attempt's own verdict has said so already.
    return state.counts;
  }
}

/** Asked after each input, and only of what the call or the person wants to see: a frame asks nothing. */
export function factsNow(session: Session, before?: BenchFacts, input?: Input): BenchFacts {
  const { state, work, takt, suspicious, checks, options } = session;
  const { books } = options;
  const call = callOf(state, performance.now()).kind;
  const order = work?.order ?? null;
  const mode = modeOf(options, order?.trial === true);
  const base = { mode, checks, offered: options.offered } as const;
  const none = { orders: [], article: null, complete: null, numbers: null };
  try {
    return {
      ...base,
      orders: call === "order" ? (kept(before?.orders) ?? openOrders(books)) : none.orders,
      article:
        call === "accept" && order !== null ? (before?.article ?? articleOf(books, order, state.gate)) : null,
      complete:
        call === "done" && order !== null
          ? (before?.complete ?? completeOrder(books, order, takt, suspicious))
          : null,
      numbers: state.open?.kind === "numbers" ? (stillTrue(before, input) ?? numbersNow(session)) : null,
    };
  } catch {
    return { ...base, ...none };
  }
}

/** What ran on simulated boards is no trial's either: its records say both, the screen what weighs more. */
function modeOf({ boards }: Session["options"], trial: boolean): BenchFacts["mode"] {
  if (boards !== "real") return boards;
  return trial ? "trial" : "production";
}

function numbersNow({ state, work, takt, suspicious, options }: Session): BenchFacts["numbers"] {
  const { books, station } = options;
  const quantity = state.order?.quantity ?? null;
  return numbersOf(takt, {
    counts: state.counts,
    slots: work === null ? [] : books.slotCounts(work.order.batch),
    suspects: suspicious,
    perHour: perHour(state.endedAt),
    left: quantity === null ? null : Math.max(0, quantity - state.counts.passed),
    run: state.rules.run,
    panels: station.rules.scans.panel !== null,
    wall: Date.now(),
  });
}

/** The numbers change with a result; the progress of 64 boards must not ask the books for them. */
const stillTrue = (before: BenchFacts | undefined, input: Input | undefined): BenchFacts["numbers"] =>
  input?.type === "suspects" ? null : (before?.numbers ?? null);

const kept = <T>(list: readonly T[] | undefined): readonly T[] | null =>
  list === undefined || list.length === 0 ? null : list;
