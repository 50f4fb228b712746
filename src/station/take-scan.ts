import { isClean } from "../lib/clean-text.ts";
import type { Person } from "../model/person.ts";
import type { RefusalCode } from "../model/refusal.ts";
import { busyCount, rightsAt, slotNamed, type BenchState } from "./bench-state.ts";
import { refuse, stay, type Decision } from "./decision.ts";
import { scanLabel } from "./label-step.ts";
import { shown, takeName } from "./log-in.ts";
import {
  nextFree,
  placePanel,
  placeUnit,
  shut,
  takenBy,
  type KnownUnit,
  type PanelUnit,
} from "./place-unit.ts";
import type { CardKey } from "./read-code.ts";

/** A scan with what the books know of it. */
export type Scan =
  | { readonly kind: "unit"; readonly barcode: string; readonly known: KnownUnit }
  | { readonly kind: "other-product"; readonly gtin: string }
  | { readonly kind: "unreadable" }
  | { readonly kind: "panel"; readonly code: string; readonly units: readonly PanelUnit[] }
  | { readonly kind: "slot"; readonly slot: string }
  /** `null`: nobody here has this badge. */
  | { readonly kind: "badge"; readonly person: Person | null }
  | { readonly kind: "order"; readonly order: string }
  | { readonly kind: "card"; readonly key: CardKey };

/** A scan that is no command card. `text`: as it came. */
export function takeScan(before: BenchState, text: string, scan: Exclude<Scan, { kind: "card" }>): Decision {
  const state = { ...before, refused: null, typing: false };
  const no = (code: RefusalCode, of = ""): Decision => refuse(state, code, text, of);
  if (state.rules.login === "pin" && (state.person === null || state.gate.kind === "waiting"))
    return takeName(state, text);
  if (scan.kind === "badge") {
    if (state.leaving === 2 || state.abandoned) return refuse(state, "STATION_PAUSED", "");
    // What is on a badge stays off the screen.
    return scan.person === null ? refuse(state, "BADGE_UNKNOWN", "") : shown(state, scan.person);
  }
  if (state.person === null) return refuse(state, "LOG_IN_FIRST", "");
  const name = state.person.name;
  if (state.teaching !== null) return no("TEACHING");
  if (state.open?.kind === "look-up") return lookUp(state, text, scan);
  if (!rightsAt(state).includes("run")) return no("NO_RIGHT", name);
  const label = scanLabel(state, text, scan, state.person);
  if (label !== null) return label;
  if (scan.kind === "slot") return chooseSlot(state, scan.slot, text);
  if (scan.kind === "order") return orderScanned(state, scan.order, text);
  if (scan.kind === "unreadable") return no("SCAN_FORMAT");
  if (scan.kind === "other-product") return no("SCAN_GTIN", scan.gtin);
  const code = scan.kind === "panel" ? scan.code : scan.barcode;
  const golden = scan.kind === "unit" && scan.barcode === state.golden?.barcode;
  const pattern = scan.kind === "unit" && !golden ? (state.order?.barcode ?? null) : null;
  const isCode = isClean(code) && code.trim() === code && code.length <= 100;
  if (!isCode || (pattern !== null && !pattern.test(code))) return no("SCAN_FORMAT");
  if (state.leaving === 2 || state.paused || state.abandoned || state.stopped === "RECORDS_LOST")
    return no("STATION_PAUSED");
  if (golden) return readGolden(state);
  const why = shut(state);
  if (why !== null) return no(why.code, why.of);
  return scan.kind === "panel"
    ? placePanel(state, scan.code, scan.units)
    : placeUnit(state, scan.barcode, scan.known);
}

/** F4 was pressed: the next code is only read, and nothing of it starts. */
function lookUp(state: BenchState, text: string, scan: Scan): Decision {
  if (state.open?.kind !== "look-up") return stay(state);
  const { board } = state.open;
  const reading = { ...state, open: { kind: "look-up", board: { ...board, state: "reading" } } } as const;
  if (scan.kind === "slot") {
    const slot = slotNamed(state, scan.slot);
    if (slot === undefined) return refuse(state, "SCAN_FORMAT", text);
    if (slot.state.kind === "running" || slot.state.kind === "armed")
      return refuse(state, "SLOT_TAKEN", text, slot.name);
    return stay(reading, { type: "look-up", slot: slot.name, barcode: null });
  }
  return scan.kind === "unit"
    ? stay(reading, { type: "look-up", slot: null, barcode: scan.barcode })
    : refuse(state, "SCAN_FORMAT", text);
}

function chooseSlot(state: BenchState, name: string, text: string): Decision {
  const slot = slotNamed(state, name);
  if (slot === undefined) return refuse(state, "SCAN_FORMAT", text);
  const taken = takenBy(slot);
  return taken === null ? stay({ ...state, into: name }) : refuse(state, taken, text, name);
}

function orderScanned(state: BenchState, order: string, text: string): Decision {
  if (!state.ordersByCode) return refuse(state, "SCAN_FORMAT", text);
  if (state.order?.id === order) return stay(state);
  const busy = busyCount(state);
  if (busy > 0) return refuse(state, "BOARDS_RUN", text, String(busy));
  const [oldest] = state.toAcknowledge;
  if (oldest !== undefined) return refuse(state, "ACK_FIRST", text, oldest);
  return stay(state, { type: "open-order", text });
}

function readGolden(state: BenchState): Decision {
  const { golden } = state;
  const slot = nextFree(state);
  if (golden === null || golden.state === "reading") return stay(state);
  if (slot === null) return refuse(state, "SCAN_NO_SLOT", golden.barcode);
  return stay(
    { ...state, into: null, golden: { ...golden, state: "reading" } },
    { type: "read-golden", slot },
  );
}
