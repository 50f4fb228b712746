import { portText } from "../model/port.ts";
import type { FitCheck } from "../model/panel.ts";
import type { Suspect } from "../model/slot-view.ts";
import { noCounts } from "./bench-facts.ts";
import { emptyBench, type BenchState } from "./bench-state.ts";
import type { Books } from "./books.ts";
import { decide, type Input } from "./decide.ts";
import { gateOf } from "./first-article.ts";
import { labelling, type Labels } from "./labels.ts";
import type { Order } from "./order.ts";
import type { StationOptions, Work } from "./running-station.ts";
import { noTakt, type TaktState } from "./takt.ts";

/** What one run of a station holds; only its loop and the answers to effects change it, one after another. */
export interface Session {
  readonly options: StationOptions;
  /** What comes to the bench later. */
  readonly post: (input: Input) => void;
  /** Aborted: every board is brought to a safe state. */
  readonly stop: AbortSignal;
  /** `performance.now()` at the start. */
  readonly begin: number;
  /** What still runs when the station is left is waited for. */
  readonly keep: (doing: Promise<void>) => void;
  state: BenchState;
  /** The order that is open in the books. */
  work: Work | null;
  takt: TaktState;
  suspicious: ReadonlyMap<string, Suspect>;
  checks: readonly FitCheck[];
  /** `null`: this station prints none. */
  readonly labels: Labels | null;
}

export function newSession(options: StationOptions, tools: Pick<Session, "post" | "stop" | "keep">): Session {
  const bare: Session = {
    ...tools,
    options,
    begin: performance.now(),
    state: firstState(options),
    work: options.work,
    takt: noTakt,
    suspicious: new Map(),
    checks: [],
    labels: null,
  };
  // Labels are printed for whatever the session has become by then.
  return options.labels === null ? bare : Object.assign(bare, { labels: labelling(bare, options.labels) });
}

/** The order with who works now. Only asked while there is one. */
export function orderNow({ work, state }: Session): Order {
  if (work === null) throw new Error("a start without an order");
  return { ...work.order, operator: state.person?.name ?? work.order.operator };
}

function firstState({
  station,
  work,
  books,
  operator,
  openWork,
  teach,
  nextMishap,
}: StationOptions): BenchState {
  const { login, run, start, golden } = station.rules;
  const bench: BenchState = {
    ...emptyBench,
    rules: { login, run, start },
    slots: station.slots.map((slot) => ({
      name: slot.name,
      port: portText(slot.port),
      state: { kind: "empty" },
      suspect: null,
    })),
    person: operator,
    ordersByCode: openWork !== null,
    teachable: teach !== null,
    planned: nextMishap === null ? null : "",
    golden: golden === null ? null : { barcode: golden.barcode, state: "due" },
  };
  return work === null ? bench : decide(bench, orderOpened(work, books)).state;
}

export function orderOpened({ order, quantity }: Work, books: Books): Input & { type: "order-opened" } {
  const { profile, batch } = order;
  return {
    type: "order-opened",
    order: {
      id: batch,
      product: profile.product.name,
      revision: profile.revision,
      quantity,
      limit: profile.limit,
      barcode: profile.barcode,
    },
    counts: books.batchCounts(batch) ?? noCounts,
    gate: gateOf(books, order),
  };
}
