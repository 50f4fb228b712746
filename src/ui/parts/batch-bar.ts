import { firstPassYield } from "../../model/batch.ts";
import type { StationView } from "../../model/view.ts";
import { bar, endingAt, line } from "../line.ts";
import type { Mark } from "../line.ts";
import { cut, cutLeft, padStart, shown, widthOf } from "../text.ts";
import type { Span, Theme } from "../theme.ts";
import { say } from "../words/catalogue.ts";
import { clockText, dayText } from "./moment.ts";

type Rows = readonly (readonly Span[])[];

function orderText(view: StationView): string {
  if (view.batch === null) return "-";
  const { id, product, revision } = view.batch;
  const order = view.mode === "rehearsal" ? "REHEARSAL" : cutLeft(shown(id), 20);
  const rev = revision === "" ? "" : ` rev ${cut(shown(revision), 12)}`;
  return `${order}  ${shown(product)}${rev}`;
}

function countText(view: StationView): string {
  if (view.batch === null) return "";
  const { counts, quantity } = view.batch;
  const of = quantity === null ? "" : ` of ${quantity}`;
  const firstPass = firstPassYield(counts);
  const share = firstPass === null ? "-" : `${firstPass.toFixed(1)}%`;
  return `PASS ${counts.passed}${of}   FAIL ${counts.failed}   FIRST PASS ${share}`;
}

/** An end on another day is a day, not an hour. */
function endText(view: StationView, clock: Date, { words }: Theme): string {
  const endsAt = view.batch?.endsAt ?? null;
  if (endsAt === null) return "";
  const sameDay = dayText(endsAt, view.timezone) === dayText(clock, view.timezone);
  const when = sameDay ? clockText(endsAt, view.timezone) : dayText(endsAt, view.timezone).slice(0, 6);
  return say(words, "ends", { when });
}

const rateText = (view: StationView, { words }: Theme): string => {
  const perHour = view.batch?.perHour ?? null;
  return perHour === null ? "" : say(words, "perHour", { n: Math.round(perHour) });
};

function fullRow(left: string, right: string, columns: number): readonly Span[] {
  const end = endingAt(columns - 1, right);
  return line(columns, "plain", [{ at: 1, text: cut(left, Math.max(0, end.at - 3)) }, end]);
}

/** The order in two rows: what it is and its counts; how far it is and when it ends. */
export function batchRows(view: StationView, columns: number, clock: Date, theme: Theme): Rows {
  const end = endText(view, clock, theme);
  const right = padStart([rateText(view, theme), end].filter((text) => text !== "").join("  "), 23);
  const { batch } = view;
  const share =
    batch === null || batch.quantity === null ? null : batch.counts.passed / Math.max(1, batch.quantity);
  const barColumns = columns - 4 - widthOf(right);
  const marks: readonly Mark[] = share === null ? [] : bar(1, barColumns, share, "restCell");
  return [
    fullRow(orderText(view), countText(view), columns),
    line(columns, "plain", [...marks, endingAt(columns - 1, right)]),
  ];
}

/** The same in one row, where rows are short. */
export function batchRow(view: StationView, columns: number, clock: Date, theme: Theme): readonly Span[] {
  const figures = [countText(view), rateText(view, theme), endText(view, clock, theme)].filter(
    (text) => text !== "",
  );
  return fullRow(orderText(view), figures.join("   "), columns);
}
