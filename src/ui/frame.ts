import type { StationView } from "../model/view.ts";
import { sayCall } from "./call.ts";
import { line } from "./line.ts";
import { bannerRows } from "./parts/banner.ts";
import { batchRow, batchRows } from "./parts/batch-bar.ts";
import { footerRow, footerRows } from "./parts/footer.ts";
import { scanLine } from "./parts/scan-line.ts";
import { planTray, trayRows } from "./parts/tray.ts";
import type { Size } from "./parts/tray.ts";
import { panelRows } from "./panels/panel.ts";
import { widthOf, wrap } from "./text.ts";
import { noRealBoard, paintRow, rehearse } from "./theme.ts";
import type { Span, Theme } from "./theme.ts";
import { say } from "./words/catalogue.ts";

type Rows = readonly (readonly Span[])[];

/** Too small for the tray: what the window must be, and that the boards do not care. What needs hands still stands. */
function smallFrame(view: StationView, need: Size, size: Size, typed: string, theme: Theme): Rows {
  const { columns } = size;
  const { words } = theme;
  const told = [
    say(words, "tooSmall", { need: `${need.columns}x${need.rows}`, is: `${size.columns}x${size.rows}` }),
    say(words, "runGoesOn"),
  ].join(" ");
  const text = (sentence: string): Rows =>
    wrap(sentence, Math.max(1, columns - 2)).map((row) =>
      line(columns, "plain", [{ at: columns > 2 ? 1 : 0, text: row }]),
    );
  const room = size.rows - 1;
  const banner = bannerRows(view, columns, theme);
  const { sentence } = sayCall(view, words, 200);
  // A sentence that the window cuts stands in as many rows as it needs.
  const whole = widthOf(sentence) < columns ? banner : [...banner.slice(0, 5), ...text(sentence)];
  const call = room >= 10 ? whole : text(sentence);
  const body = room >= 10 ? [...call, ...text(told)] : [...text(told), ...call];
  const empty = line(columns, "plain", []);
  const above = Array.from({ length: Math.max(0, room - 1) }, (_, i) => body[i] ?? empty);
  return room <= 1 ? body.slice(0, room) : [...above, scanLine(view, typed, columns, theme)];
}

/**
 * The whole screen: `rows` - 1 texts, each exactly `columns` wide, colours included. `nowMs` is on the clock of
 * `running.since`; `clock` is the wall's.
 */
export function frame(
  view: StationView,
  typed: string,
  size: Size,
  theme: Theme,
  nowMs: number,
  clock: Date,
): readonly string[] {
  const look = noRealBoard(view.mode) ? rehearse(theme) : theme;
  const window = { columns: Math.max(1, Math.floor(size.columns)), rows: Math.max(2, Math.floor(size.rows)) };
  const { columns } = window;
  const plan = planTray(view, window);
  if (plan.kind === "small")
    return smallFrame(view, plan.need, window, typed, look).map((row) => paintRow(row, look));
  const order = plan.compact ? [batchRow(view, columns, clock, look)] : batchRows(view, columns, clock, look);
  const people = plan.compact
    ? [footerRow(view, columns, clock, look)]
    : footerRows(view, columns, clock, look);
  const { panel } = view;
  const covered =
    panel === null
      ? trayRows(view, plan.box, plan.height, columns, look, nowMs)
      : panelRows(view, panel, plan.height, columns, look, nowMs);
  return [
    ...bannerRows(view, columns, look),
    ...covered,
    ...order,
    ...people,
    scanLine(view, typed, columns, look),
  ].map((row) => paintRow(row, look));
}
