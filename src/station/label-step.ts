import type { LabelDue } from "../model/label.ts";
import { faults } from "../model/fault.ts";
import type { AtWork } from "../model/view.ts";
import { slotNamed, withSlot, type BenchState } from "./bench-state.ts";
import { refuse, stay, type Decision } from "./decision.ts";
import type { Scan } from "./take-scan.ts";

/** A label as the bench knows it. */
export interface BenchLabel extends LabelDue {
  /** A label that is not printed was told, and Enter was pressed. */
  readonly noticed: boolean;
  /** Another label was scanned in its place already. */
  readonly refused: boolean;
}

/** Where a label is now; `null`: it is done with. */
export interface Labelled {
  readonly slot: string;
  readonly barcode: string;
  readonly step: LabelDue["step"] | null;
  readonly scans: readonly string[];
}

/** What became of a label at its printer. */
export function labelled(state: BenchState, { slot, barcode, step, scans }: Labelled): BenchState {
  const before = state.labels.find((due) => due.barcode === barcode);
  const others = state.labels.filter((due) => due.barcode !== barcode);
  if (step === null) return { ...state, labels: others };
  const due: BenchLabel = {
    slot,
    barcode,
    step,
    scans,
    // A printer that stays off is told once.
    noticed: before?.noticed === true || (step === "pending" && state.labels.some(isNoticed)),
    refused: before?.refused ?? false,
  };
  return {
    ...state,
    labels:
      before === undefined
        ? [...state.labels, due]
        : state.labels.map((one) => (one.barcode === barcode ? due : one)),
  };
}

const isNoticed = ({ step, noticed }: BenchLabel): boolean => step === "pending" && noticed;

/** The label that wants hands first: one that the printer did not take, then the oldest that waits for its scan. */
export const labelCalling = ({ labels }: BenchState): BenchLabel | undefined =>
  labels.find(({ step, noticed }) => step === "pending" && !noticed) ??
  labels.find(({ step }) => step === "scan");

/** Labels that a place waits for before the next unit comes into it. A printer that is off holds up nothing. */
export const labelHolds = (state: BenchState, slot: string): boolean =>
  state.labels.some((due) => due.slot === slot && due.step !== "pending" && holds(state, due));

const holds = (state: BenchState, { slot, barcode }: LabelDue): boolean => {
  const place = slotNamed(state, slot)?.state;
  return place?.kind === "ended" && place.barcode === barcode;
};

/** Enter at a label that is not printed: it was seen, and the printer is asked again. */
export const askPrinter = (state: BenchState): Decision =>
  stay(
    {
      ...state,
      labels: state.labels.map((due) => (due.step === "pending" ? { ...due, noticed: true } : due)),
    },
    { type: "print-labels" },
  );

/**
 * A scan while labels wait for theirs, or `null`: it has nothing to do with them. The label's own code closes its unit.
 * Another label is refused; the second one in a row ends as the unit's failure, because what was read back from its
 * chip and what sticks on it are not the same.
 */
export function scanLabel(state: BenchState, text: string, scan: Scan, by: AtWork): Decision | null {
  const waiting = state.labels.filter(({ step }) => step === "scan");
  const code = scan.kind === "unit" ? scan.barcode : text;
  const own = waiting.find(({ scans }) => scans.includes(code) || scans.includes(text));
  if (own !== undefined)
    return stay(
      { ...state, into: null, labels: state.labels.filter((due) => due !== own) },
      { type: "label-scanned", barcode: own.barcode, what: "confirmed", found: code, by },
    );
  const due = waiting.find(({ slot }) => slot === state.into) ?? waiting[0];
  if (due === undefined || scan.kind !== "unit" || !isOther(state, due, scan)) return null;
  const { slot, barcode } = due;
  if (!due.refused || !holds(state, due)) {
    const asked = state.labels.map((one) => (one === due ? { ...one, refused: true } : one));
    const { state: next } = refuse({ ...state, labels: asked }, "LABEL_OTHER", text, slot);
    return stay(next, { type: "label-scanned", barcode, what: "refused", found: code, by });
  }
  return stay(mismatched(state, due), { type: "label-scanned", barcode, what: "mismatch", found: code, by });
}

/** A label of another unit, and not the next board's own code. */
function isOther(state: BenchState, due: BenchLabel, scan: Extract<Scan, { kind: "unit" }>): boolean {
  const { barcode, known } = scan;
  if (due.scans.includes(due.barcode)) return known.passedHere;
  if (state.order?.barcode?.test(barcode) === true) return false;
  return due.scans.some((text) => shapeOf(text) === shapeOf(barcode));
}

/** `V60-2647-00113` and `V60-2647-00114` have one shape. */
const shapeOf = (text: string): string => text.replaceAll(/\p{N}/gu, "9").replaceAll(/\p{L}/gu, "A");

function mismatched(state: BenchState, due: BenchLabel): BenchState {
  const failure = { code: "LABEL_MISMATCH", message: faults.LABEL_MISMATCH.say, detail: "" } as const;
  return {
    ...withSlot(state, due.slot, (slot) =>
      slot.kind === "ended" ? { ...slot, outcome: { kind: "FAIL", failure }, acknowledged: false } : slot,
    ),
    labels: state.labels.filter((one) => one !== due),
    toAcknowledge: [...state.toAcknowledge, due.slot],
    open: null,
  };
}
