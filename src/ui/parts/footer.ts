import type { LastResult, StationView } from "../../model/view.ts";
import { endingAt, line } from "../line.ts";
import { cut, shown, widthOf } from "../text.ts";
import type { Span, Theme } from "../theme.ts";
import { say } from "../words/catalogue.ts";
import { tailOf } from "./barcode.ts";
import { clockText, dayText } from "./moment.ts";

function personText(view: StationView, { words }: Theme): string {
  const { operator, station } = view;
  const pending = view.labels.filter(({ step }) => step === "pending").length;
  const labels = pending === 0 ? "" : `   ${say(words, "withoutLabel", { n: pending })}`;
  if (operator === null) return `${shown(station)}${labels}`;
  const role = operator.role === null ? "" : `, ${words.roles[operator.role]}`;
  return `${shown(operator.name)}${role}   ${shown(station)}${labels}`;
}

const momentText = (view: StationView, clock: Date): string =>
  `${dayText(clock, view.timezone)} ${clockText(clock, view.timezone)}`;

function resultText(result: LastResult, short: boolean): string {
  const place = `${cut(shown(result.slot), 8)} ${tailOf(result.barcode)} ${result.outcome}`;
  if (result.code !== null) return `${place} ${result.code}`;
  const retries = result.retries === 0 ? "" : `${short ? "" : ","} retry${short ? "" : ` ${result.retries}`}`;
  return short ? `${place}${retries}` : `${place} ${Math.round(result.ms / 1000)} s${retries}`;
}

/** In a demonstration, before the first result: what there is to type. */
function offeredText(view: StationView, columns: number): string {
  let out = "TYPE  ";
  for (const [i, barcode] of view.offered.entries()) {
    const longer = `${out}${i === 0 ? "" : "  "}${shown(barcode)}`;
    if (widthOf(longer) > columns) break;
    out = longer;
  }
  return out;
}

/** The last results, as many as there is room for; the last one may lose its figures. */
function lastText(view: StationView, columns: number): string {
  let out = view.planned === "" ? "LAST  " : `PLANNED  ${shown(view.planned)}   LAST  `;
  if (view.last.length === 0) return view.offered.length > 0 ? offeredText(view, columns) : `${out}-`;
  for (const [i, result] of view.last.entries()) {
    const mark = i === 0 ? "" : " | ";
    const full = out + mark + resultText(result, false);
    const short = out + mark + resultText(result, true);
    if (widthOf(full) <= columns) out = full;
    else return widthOf(short) <= columns ? short : out;
  }
  return out;
}

/** Person, station, clock; below the last results. */
export const footerRows = (
  view: StationView,
  columns: number,
  clock: Date,
  theme: Theme,
): readonly (readonly Span[])[] => {
  const moment = endingAt(columns - 1, momentText(view, clock));
  return [
    line(columns, "plain", [{ at: 1, text: cut(personText(view, theme), moment.at - 3) }, moment]),
    line(columns, "plain", [{ at: 1, text: lastText(view, columns - 2) }]),
  ];
};

/** Both in one row, where rows are short. */
export function footerRow(view: StationView, columns: number, clock: Date, theme: Theme): readonly Span[] {
  const person = cut(personText(view, theme), Math.floor(columns / 3));
  const right = endingAt(columns - 1, `${person}   ${momentText(view, clock)}`);
  return line(columns, "plain", [{ at: 1, text: lastText(view, right.at - 4) }, right]);
}
