import { assertNever } from "../../lib/assert-never.ts";
import type { LabelStep } from "../../model/label.ts";
import type { SlotState, SlotView } from "../../model/slot-view.ts";
import { fillRows, line } from "../line.ts";
import type { Mark } from "../line.ts";
import { cut, shown } from "../text.ts";
import { signOf } from "../theme.ts";
import type { Field, Span, Theme } from "../theme.ts";
import { endedRows } from "./tile-ended.ts";
import { headRow } from "./tile-head.ts";
import {
  armedRows,
  boardRows,
  emptyRows,
  foreignRows,
  lookingRows,
  nextRows,
  retiredRows,
  teachRows,
  suspectRows,
  unreadableRows,
} from "./tile-quiet.ts";
import { runningRows } from "./tile-running.ts";
import type { TileBox } from "./tile-size.ts";
import { smallRows } from "./tile-small.ts";

/** What a tile needs to know beside its slot and its size. */
export interface TileScene {
  /** Its board is simulated, and others of this tray are not. */
  readonly simulated: boolean;
  /** The next scan goes here. */
  readonly next: boolean;
  readonly chosen: boolean;
  /** On the clock of `running.since`. */
  readonly now: number;
  readonly timezone: string | null;
  /** Teach-in: what is known of its port; `wanted`: a board comes here next. */
  readonly teach: { readonly wanted: boolean; readonly port: string | null } | null;
  /** Of the unit in it, while its label is not done with. */
  readonly label: LabelStep | null;
}

function bodyRows(
  { state, suspect }: SlotView,
  box: TileBox,
  theme: Theme,
  scene: TileScene,
): readonly (readonly Mark[])[] {
  const { size } = box;
  const { next, now } = scene;
  const { label, teach } = scene;
  if (teach !== null) return teachRows(teach, box, theme);
  if (size === "XS") return smallRows(state, suspect, box, theme, now, next, label);
  switch (state.kind) {
    case "empty":
      if (suspect !== null) return suspectRows(suspect, box, theme);
      return next ? nextRows(box, size, theme) : emptyRows(theme);
    case "looking":
      return lookingRows(box, theme);
    case "unreadable":
      return unreadableRows(box, theme);
    case "board":
      if (suspect !== null) return suspectRows(suspect, box, theme);
      return next ? nextRows(box, size, theme) : boardRows(state, box, theme);
    case "foreign":
      return foreignRows(state, box, theme);
    case "armed":
      return armedRows(state, box, theme);
    case "running":
      return runningRows(state, box, size, now);
    case "ended":
      return endedRows(state, box, size, theme, label);
    case "retired":
      return retiredRows(state, box, scene.timezone, theme);
    default:
      return assertNever(state);
  }
}

const fieldOf = (state: SlotState, theme: Theme, { teach }: TileScene): Field =>
  state.kind === "ended" && teach === null ? signOf(state.outcome.kind, theme).field : "plain";

/** What stands before the slot's name: where the next scan goes, what the arrows chose, what is not to be trusted. */
function pointer({ suspect }: SlotView, { next, chosen }: TileScene): ">" | "!" | null {
  if (next || chosen) return ">";
  return suspect === null ? null : "!";
}

/** One slot as rows of spans: exactly `box.height` rows of `box.width` columns, the last column a gap. */
export function tile(
  slot: SlotView,
  box: TileBox,
  theme: Theme,
  scene: TileScene,
): readonly (readonly Span[])[] {
  const field = fieldOf(slot.state, theme, scene);
  const name = cut(shown(slot.name), box.size === "XS" ? Math.min(8, box.width - 2) : 8);
  const state: SlotState = scene.teach === null ? slot.state : { kind: "empty" };
  // The smallest tiles have no room for the word: their gap says it, and F3.
  const place = scene.simulated && box.size !== "XS" ? `${name} SIM` : name;
  const head = headRow(place, state, box, theme, pointer(slot, scene), scene.label);
  const rows = [head, ...bodyRows(slot, box, theme, scene)];
  return fillRows(rows, box.height).map((marks) => [...line(box.width - 1, field, marks), theme.gap]);
}
