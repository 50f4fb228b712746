import { assertNever } from "../../lib/assert-never.ts";
import type { SlotState, SlotView } from "../../model/view.ts";
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
  unreadableRows,
} from "./tile-quiet.ts";
import { runningRows } from "./tile-running.ts";
import type { TileBox } from "./tile-size.ts";
import { smallRows } from "./tile-small.ts";

function bodyRows(
  state: SlotState,
  box: TileBox,
  theme: Theme,
  now: number,
  next: boolean,
): readonly (readonly Mark[])[] {
  const { size } = box;
  if (size === "XS") return smallRows(state, box, theme, now, next);
  switch (state.kind) {
    case "empty":
      return next ? nextRows(box, size, theme) : emptyRows();
    case "looking":
      return lookingRows();
    case "unreadable":
      return unreadableRows(box);
    case "board":
      return next ? nextRows(box, size, theme) : boardRows(state, box);
    case "foreign":
      return foreignRows(state, box, theme);
    case "armed":
      return armedRows();
    case "running":
      return runningRows(state, box, size, now);
    case "ended":
      return endedRows(state, box, size, theme);
    case "retired":
      return retiredRows(state, box);
    default:
      return assertNever(state);
  }
}

const fieldOf = (state: SlotState, theme: Theme): Field =>
  state.kind === "ended" ? signOf(state.outcome.kind, theme).field : "plain";

/**
 * One slot as rows of spans: exactly `box.height` rows of `box.width` columns, the last column a gap. `next`: the next
 * scan goes here. `now` is on the clock of `running.since`.
 */
export function tile(
  slot: SlotView,
  box: TileBox,
  theme: Theme,
  now: number,
  next: boolean,
): readonly (readonly Span[])[] {
  const field = fieldOf(slot.state, theme);
  const name = cut(shown(slot.name), box.size === "XS" ? Math.min(8, box.width - 2) : 8);
  const rows = [headRow(name, slot.state, box, theme, next), ...bodyRows(slot.state, box, theme, now, next)];
  return fillRows(rows, box.height).map((marks) => [...line(box.width - 1, field, marks), theme.gap]);
}
