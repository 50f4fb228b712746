import type { Block, Fill, TimeBin } from "../block.ts";
import { baseMm, hairline, lineMm, type Box, type Mark, type Setter } from "./mark.ts";
import { fitted, line } from "./set-text.ts";
import { strip, type Piece, type Strip } from "./strip.ts";
import { tag, type Tag } from "./tag.ts";
import { paperText } from "../words.ts";

type Of<T extends Block["type"]> = Extract<Block, { type: T }>;

/** A chart is one figure, and says in words what it shows. */
const figure = (said: readonly string[]): Tag => tag("Figure", null, { alt: said.map(paperText).join("; ") });

/** A strip of a chart: also its bars and lines belong to the figure. */
const chartStrip = (
  chart: Tag,
  height: number,
  marks: (y: number) => readonly Mark[],
  more: Parameters<typeof strip>[2] = {},
): Strip => strip(height, (y) => marks(y).map((mark) => ({ ...mark, tag: chart })), more);

const labelMm = 44;
const barMm = 2.6;

/** Sorted bars, the longest as long as there is room; count and note beside each as text. */
export function* barPieces(bars: Of<"bars">["bars"], setter: Setter): Generator<Piece> {
  const { left, right } = setter.sheet;
  const most = bars.reduce((high, { value }) => Math.max(high, value), 1);
  const room = 78;
  const textX = left + labelMm + room + 2;
  const chart = figure(bars.map(({ label, value, note }) => `${label} ${value}, ${note}`));
  for (const { label, value, note } of bars)
    yield chartStrip(chart, lineMm, (y) => [
      fitted(setter, label, y + baseMm, { x: left, width: labelMm - 2 }),
      {
        type: "fill",
        ink: "black",
        x: left + labelMm,
        y: y + 1.1,
        width: Math.max(0.3, (value / most) * room),
        height: barMm,
      },
      line(setter, String(value), y + baseMm, { x: textX, width: 10, align: "right" }),
      fitted(setter, note, y + baseMm, { x: textX + 13, width: right - textX - 13, ink: "grey" }),
    ]);
}

/** A dot on its interval's line for each row, on one axis from the lowest whole ten per cent to 100. */
export function* intervalPieces(
  rows: Of<"intervals">["rows"],
  all: number,
  setter: Setter,
): Generator<Piece> {
  const { left, right } = setter.sheet;
  const room = 62;
  const from = Math.min(
    0.9,
    Math.floor(rows.reduce((low, row) => Math.min(low, row.interval.low), 1) * 10) / 10,
  );
  const x0 = left + labelMm;
  const at = (share: number): number => x0 + ((share - from) / (1 - from)) * room;
  const noteX = x0 + room + 4;
  const chart = figure(rows.map(({ label, note }) => `${label} ${note}`));
  const axis = chartStrip(
    chart,
    lineMm + 1,
    (y) => [
      line(setter, `${Math.round(from * 100)}%`, y + baseMm, { x: x0, width: 20, ink: "grey" }),
      line(setter, "100%", y + baseMm, { x: x0, width: room, align: "right", ink: "grey" }),
      { type: "line", x1: x0, y1: y + lineMm, x2: x0 + room, y2: y + lineMm, weight: hairline, ink: "black" },
    ],
    { keep: 2 * lineMm },
  );
  yield axis;
  for (const { label, interval, note } of rows)
    yield chartStrip(
      chart,
      lineMm,
      (y) => {
        const middle = y + lineMm / 2;
        return [
          { type: "line", x1: at(all), y1: y, x2: at(all), y2: y + lineMm, weight: hairline, ink: "grey" },
          fitted(setter, label, y + baseMm, { x: left, width: labelMm - 2 }),
          {
            type: "line",
            x1: at(interval.low),
            y1: middle,
            x2: at(interval.high),
            y2: middle,
            weight: 0.8,
            ink: "black",
          },
          { type: "dot", x: at(interval.share), y: middle, radius: 0.9 },
          fitted(setter, note, y + baseMm, { x: noteX, width: right - noteX }),
        ];
      },
      { head: axis },
    );
}

const stackMm = 7;

/** One bar of stacked parts, and each part with its figures below it. */
export function* stackPieces(parts: Of<"stack">["parts"], setter: Setter): Generator<Piece> {
  const { left, right } = setter.sheet;
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  if (whole <= 0) return;
  const chart = figure(parts.map(({ label, note }) => `${label} ${note}`));
  yield chartStrip(
    chart,
    stackMm + 2,
    (y) => {
      let x = left;
      return parts.flatMap(({ value, fill }) => {
        const width = (value / whole) * (right - left);
        const box = { x, y: y + 0.8, width, height: stackMm };
        x += width;
        return width <= 0 ? [] : filled(fill, box);
      });
    },
    { keep: parts.length * lineMm },
  );
  for (const { label, note, fill } of parts)
    yield chartStrip(chart, lineMm, (y) => [
      ...filled(fill, { x: left, y: y + 1, width: 5, height: 2.8 }),
      fitted(setter, label, y + baseMm, { x: left + 7, width: 28 }),
      fitted(setter, note, y + baseMm, { x: left + 36, width: right - left - 36 }),
    ]);
}

function filled(fill: Fill, box: Box): Mark[] {
  const outline: Mark = { type: "outline", weight: hairline, ...box };
  switch (fill) {
    case "black":
    case "grey":
      return [{ type: "fill", ink: fill, ...box }, outline];
    case "hatched":
      return [{ type: "hatch", step: 1.2, hole: null, ...box }, outline];
    case "dense":
      return [{ type: "hatch", step: 0.6, hole: null, ...box }, outline];
    case "white":
      return [outline];
    default:
      return fill satisfies never;
  }
}

const chartMm = 34;
const leadMm = 16;

/** Columns over time, passed in black, failed hatched on top; both counts under each column. */
export function* histogramPieces({ bins, labels: heads }: Of<"histogram">, setter: Setter): Generator<Piece> {
  const { left, right } = setter.sheet;
  if (bins.length === 0) return;
  const each = Math.min(14, (right - left - leadMm) / bins.length);
  const most = bins.reduce((high, { passed, failed }) => Math.max(high, passed + failed), 1);
  const place = (i: number): number => left + leadMm + i * each;
  const labels = timeLabels(bins, each, setter);
  const chart = figure(
    bins.map(
      ({ label, passed, failed }) => `${heads[0]} ${label}: ${heads[1]} ${passed}, ${heads[2]} ${failed}`,
    ),
  );
  yield chartStrip(chart, chartMm + 3 * lineMm, (y) => {
    const base = y + chartMm;
    const high = (count: number): number => (count / most) * (chartMm - 2);
    const row = (n: number): number => base + n * lineMm + baseMm + 0.3;
    return [
      {
        type: "line",
        x1: place(0),
        y1: base,
        x2: place(bins.length),
        y2: base,
        weight: hairline,
        ink: "black",
      },
      ...heads.map((text, n) => line(setter, text, row(n), { x: left, width: leadMm - 1.5, ink: "grey" })),
      ...labels.map(({ i, text, wide, align }) =>
        line(setter, text, row(0), { x: place(i), width: wide, align, ink: "grey" }),
      ),
      ...bins.flatMap(({ passed, failed }, i) => {
        const box = { x: place(i) + each * 0.15, width: each * 0.7 };
        const top = base - high(passed);
        const count = (value: number, n: number): Mark[] =>
          value === 0
            ? []
            : [line(setter, String(value), row(n), { x: place(i), width: each, align: "middle" })];
        return [
          ...(passed === 0 ? [] : filled("black", { ...box, y: top, height: high(passed) })),
          ...(failed === 0 ? [] : filled("hatched", { ...box, y: top - high(failed), height: high(failed) })),
          ...count(passed, 1),
          ...count(failed, 2),
        ];
      }),
    ];
  });
}

interface TimeLabel {
  readonly i: number;
  readonly text: string;
  readonly wide: number;
  readonly align: "left" | "middle";
}

/** The labels that find room beside each other and before the right edge: under each column, or from every nth on. */
function timeLabels(bins: readonly TimeBin[], each: number, setter: Setter): TimeLabel[] {
  const widest = bins.reduce((high, { label }) => Math.max(high, setter.measure(label, 8.5, false)), 1);
  const every = Math.ceil((widest + 1.5) / each);
  const room = setter.sheet.right - setter.sheet.left - leadMm;
  return bins.flatMap(({ label: text }, i): TimeLabel[] => {
    if (every === 1) return [{ i, text, wide: each, align: "middle" }];
    return i % every === 0 && i * each + widest <= room ? [{ i, text, wide: widest, align: "left" }] : [];
  });
}
