import type { CompleteOrder, FirstArticle, FitCheck, Numbers, OpenOrder, Panel } from "../model/panel.ts";
import type { Call } from "../model/call.ts";
import type { LanguageCode, StationView } from "../model/view.ts";
import { barcodeIn, rightsAt, runningCount, type BenchState } from "./bench-state.ts";
import { callOf } from "./call.ts";
import { keysOf } from "./key-bar.ts";

/** What a view adds to the state of the bench, for as long as the program runs. */
export interface ViewFrame {
  readonly station: string;
  readonly rows: number;
  readonly columns: number;
  readonly places: readonly (number | null)[];
  readonly simulated: readonly string[];
  readonly timezone: string | null;
  readonly language: LanguageCode;
}

/** What the books and the machine say, asked when it may have changed. */
export interface BenchFacts {
  readonly mode: StationView["mode"];
  readonly checks: readonly FitCheck[];
  readonly orders: readonly OpenOrder[];
  readonly article: FirstArticle | null;
  readonly complete: CompleteOrder | null;
  readonly numbers: Numbers | null;
  readonly offered: readonly string[];
}

/** Everything that the screen shows. `now` is `performance.now()`, `wall` the time of day. */
export function viewOf(
  state: BenchState,
  frame: ViewFrame,
  facts: BenchFacts,
  now: number,
  wall: Date,
): StationView {
  const used = new Set(state.slots.map(barcodeIn));
  const rate = perHour(state.endedAt);
  const { order, counts } = state;
  const quantity = order?.quantity ?? null;
  const left = quantity === null ? null : Math.max(0, quantity - counts.passed);
  const call = callOf(state, now);
  return {
    ...frame,
    slots: state.slots,
    chosen: state.chosen,
    batch:
      order === null
        ? null
        : {
            id: order.id,
            product: order.product,
            revision: order.revision,
            quantity,
            counts,
            perHour: rate,
            endsAt:
              rate === null || left === null || left === 0
                ? null
                : new Date(wall.getTime() + (left / rate) * 3_600_000),
          },
    mode: facts.mode,
    run: state.rules.run,
    operator: state.person,
    rights: rightsAt(state),
    call,
    panel: panelOf(state, facts, call),
    keys: keysOf(state, call),
    typing: typingOf(state),
    labels: state.labels,
    running: runningCount(state),
    last: state.last,
    planned: state.planned ?? "",
    offered: facts.offered.filter((code) => !used.has(code)),
  };
}

/** What somebody asked for goes before what the call brings with it. */
function panelOf({ open }: BenchState, facts: BenchFacts, call: Call): Panel | null {
  switch (open?.kind) {
    case "numbers":
      return facts.numbers === null ? null : { kind: "numbers", numbers: facts.numbers };
    case "help":
    case "details":
    case "look-up":
      return open;
    case undefined:
      return broughtBy(call, facts);
    default:
      return open satisfies never;
  }
}

function broughtBy(call: Call, { checks, orders, article, complete }: BenchFacts): Panel | null {
  switch (call.kind) {
    case "log-in":
      return checks.length === 0 ? null : { kind: "fit", checks };
    case "stop":
      return call.code === "STATION_UNFIT" ? { kind: "fit", checks } : null;
    case "order":
      return { kind: "orders", orders };
    case "accept":
      return article === null ? null : { kind: "first-article", article };
    case "done":
      return complete === null ? null : { kind: "complete", order: complete };
    default:
      return null;
  }
}

function typingOf(state: BenchState): StationView["typing"] {
  const { rules, person, nameGiven, typing, gate } = state;
  if (nameGiven !== null) return "pin";
  if (rules.login === "pin" && (person === null || gate.kind === "waiting")) return "name";
  return rules.login === "none" || typing ? "code" : "none";
}

/** Units an hour over the results that are remembered; `null` while there are fewer than eight. */
export function perHour(endedAt: readonly number[]): number | null {
  const [first] = endedAt;
  const last = endedAt.at(-1);
  if (first === undefined || last === undefined || endedAt.length < 8 || last - first < 1000) return null;
  return Math.round(((endedAt.length - 1) * 3_600_000) / (last - first));
}
