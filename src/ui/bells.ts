import type { Call } from "../model/call.ts";
import type { StationView } from "../model/view.ts";

/** One call told from another: a new word in rows 1 to 5. */
export function callKey(call: Call): string {
  switch (call.kind) {
    case "failed":
      return `failed ${call.slot}`;
    case "refused":
      return `refused ${call.code} ${call.barcode} ${call.of}`;
    case "stop":
      return `stop ${call.code}`;
    case "leave":
      return `leave ${call.stopping}`;
    case "ask":
      return `ask ${call.question.what}`;
    case "suspect":
      return `suspect ${call.slot}`;
    case "label":
      return `label ${call.slot} ${call.barcode} ${call.step}`;
    case "teach":
      return `teach ${call.slot ?? ""}`;
    case "log-in":
      return `log-in ${call.ask}`;
    default:
      return call.kind;
  }
}

/** Bells for a change: one for a tray that passed, three for a FAIL, two for a refused scan. */
export function bellsFor(before: StationView, after: StationView): 0 | 1 | 2 | 3 {
  const isNew = callKey(before.call) !== callKey(after.call);
  if (isNew && after.call.kind === "failed") return 3;
  if (isNew && after.call.kind === "refused") return 2;
  const ended = after.slots.flatMap((slot) => (slot.state.kind === "ended" ? [slot.state] : []));
  const allSeen = ended.every((state) => state.outcome.kind === "PASS" || state.acknowledged);
  const passed = after.last[0]?.outcome === "PASS";
  return before.running > 0 && after.running === 0 && passed && allSeen ? 1 : 0;
}
