import { cleanText } from "../lib/clean-text.ts";
import type { DeedKind } from "../model/deed.ts";
import type { RefusalCode } from "../model/refusal.ts";
import type { AtWork } from "../model/view.ts";
import type { LabelScan } from "./labels.ts";
import type { BenchState } from "./bench-state.ts";

/** One board that is started. */
export interface Start {
  readonly slot: string;
  readonly barcode: string;
  readonly panel: string | null;
}

/** A deed as the bench knows it; time, station and batch are added where it is written down. */
export interface BenchDeed {
  readonly kind: DeedKind;
  readonly by: AtWork;
  readonly barcode: string | null;
  readonly slot: string | null;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export type Effect =
  /** All of them or none. */
  | { readonly type: "start"; readonly units: readonly Start[] }
  | { readonly type: "cancel" }
  | { readonly type: "leave" }
  | { readonly type: "record"; readonly deed: BenchDeed }
  | { readonly type: "check-pin"; readonly name: string; readonly pin: string }
  /** `text`: the order's code. */
  | { readonly type: "open-order"; readonly text: string }
  | { readonly type: "close-order"; readonly by: AtWork }
  /** A board came into a slot: what is it. */
  | { readonly type: "peek"; readonly slot: string }
  /** The board in a slot is read, nothing is written; `barcode`: only the books are asked. */
  | { readonly type: "look-up"; readonly slot: string | null; readonly barcode: string | null }
  | { readonly type: "read-golden"; readonly slot: string }
  | { readonly type: "check-fit" }
  /** The printer is asked again for all labels that it did not take. */
  | { readonly type: "print-labels" }
  | ({ readonly type: "label-scanned" } & LabelScan)
  | { readonly type: "teach"; readonly doing: "begin" | "end" }
  | { readonly type: "teach"; readonly doing: "write"; readonly ports: ReadonlyMap<number, string> }
  /** Rehearsal: other trouble for the next board. */
  | { readonly type: "next-mishap" };

export interface Decision {
  readonly state: BenchState;
  readonly effects: readonly Effect[];
}

export const stay = (state: BenchState, ...effects: readonly Effect[]): Decision => ({ state, effects });

export const refuse = (state: BenchState, code: RefusalCode, barcode: string, of = ""): Decision =>
  stay({ ...state, refused: { code, barcode: cleanText(barcode, 40), of } });

/** First this, then that. */
export function andThen(decision: Decision, next: (state: BenchState) => Decision): Decision {
  const after = next(decision.state);
  return { state: after.state, effects: [...decision.effects, ...after.effects] };
}
