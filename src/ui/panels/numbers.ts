import { firstPassYield } from "../../model/batch.ts";
import type { Numbers, Panel, SlotYield, Takt } from "../../model/panel.ts";
import { bar } from "../line.ts";
import type { Mark } from "../line.ts";
import { clockText } from "../parts/moment.ts";
import { cut, padStart, shown, widthOf, wrap } from "../text.ts";
import { say } from "../words/catalogue.ts";
import type { Words } from "../words/catalogue.ts";
import { doingText } from "./complete.ts";
import { percent, secondsText } from "./figures.ts";
import type { Page, PageScene } from "./page.ts";
import { plot } from "./plot.ts";

const barColumns = 45;
const parts = [
  ["load", "partLoad"],
  ["scan", "partScan"],
  ["run", "partRun"],
  ["unload", "partUnload"],
] as const;

/** Where the time of one tray goes; the bars have one scale, a whole number of 5 s. */
function taktRows(takt: Takt, words: Words): Page {
  const scale = 5000 * Math.max(1, Math.ceil(Math.max(...parts.map(([part]) => takt[part])) / 5000));
  return [
    [
      { at: 1, text: say(words, "numbersTray", { n: takt.units }) },
      { at: 19, text: `${padStart(secondsText(takt.ms), 5)} s` },
    ],
    ...parts.map(([part, name]): readonly Mark[] => [
      { at: 1, text: say(words, name) },
      { at: 19, text: `${padStart(secondsText(takt[part]), 5)} s` },
      ...bar(29, barColumns, takt[part] / scale, "runCell"),
    ]),
  ];
}

/** The three steps that take longest, the others together. */
/** The three longest by name, the others together; their names only where there is room for all. */
function stepsText(steps: Numbers["steps"], columns: number, words: Words): string {
  const some = steps.slice(0, 3).map(({ step, ms }) => `${step} ${secondsText(ms)}`);
  const others = steps.slice(3);
  const rest = others.reduce((sum, { ms }) => sum + ms, 0);
  const said = (names: string): string => {
    const together = others.length === 0 ? [] : [`${names} ${secondsText(rest)}`];
    return `${say(words, "numbersSteps")} ${[...some, ...together].join("   ")}`;
  };
  const named = said(others.map(({ step }) => step).join(", "));
  return widthOf(named) <= columns ? named : said(say(words, "numbersOthers"));
}

function tenMinutesRow({ tenMinutes }: Numbers, scene: PageScene): Page {
  const { view, theme, columns } = scene;
  const { words } = theme;
  if (tenMinutes.units.length === 0) return [];
  const clock = (i: number): string =>
    clockText(new Date(tenMinutes.from.getTime() + i * 600_000), view.timezone);
  const best = Math.max(...tenMinutes.units);
  const spanOf = (first: number): string =>
    say(words, "numbersSpan", { from: clock(first), to: clock(tenMinutes.units.length), best });
  const room = Math.max(1, columns - 20 - 2 - widthOf(spanOf(0)) - 1);
  const units = tenMinutes.units.slice(-room);
  const drawn = plot(units, theme.narrow);
  return [
    [
      { at: 1, text: cut(say(words, "numbersTen"), 18) },
      { at: 20, text: drawn },
      { at: 20 + units.length + 2, text: spanOf(tenMinutes.units.length - units.length) },
    ],
  ];
}

function slotCell({ slot, passed, tried, suspect }: SlotYield, width: number): string {
  const share = tried === 0 ? "-" : String(Math.round((100 * passed) / tried));
  return `${cut(shown(slot), width).padEnd(width)} ${padStart(share, 3)}${suspect ? "!" : " "} `;
}

/** As the slots lie in the tray; where they do not fit, the worst first. */
function slotRows(slots: readonly SlotYield[], scene: PageScene, room: number): Page {
  const { view, theme, columns } = scene;
  if (slots.length === 0 || room < 1) return [];
  const width = Math.max(2, ...slots.map(({ slot }) => Math.min(8, widthOf(shown(slot)))));
  const most = Math.max(1, Math.floor((columns - 14) / (width + 7)));
  const across = Math.min(most, Math.max(1, view.columns));
  const worst = (slot: SlotYield): number => (slot.tried === 0 ? 1 : slot.passed / slot.tried);
  const fits = Math.ceil(slots.length / across) <= room;
  const listed = fits ? slots : [...slots].sort((a, b) => worst(a) - worst(b)).slice(0, most * room);
  const perRow = fits ? across : most;
  return Array.from({ length: Math.ceil(listed.length / perRow) }, (_, row): readonly Mark[] => [
    ...(row === 0 ? [{ at: 1, text: say(theme.words, "bySlotHead") }] : []),
    {
      at: 13,
      text: listed
        .slice(row * perRow, (row + 1) * perRow)
        .map((slot) => slotCell(slot, width))
        .join(" ")
        .trimEnd(),
    },
  ]);
}

const ways = {
  "start-each": "betterStartEach",
  "second-tray": "betterSecondTray",
  "panel-code": "betterPanelCode",
} as const;

function bottleneckRows({ bottleneck, better }: Numbers, scene: PageScene): Page {
  const { view, theme, columns } = scene;
  const { words } = theme;
  if (bottleneck === null) return [];
  const clock = (at: Date): string => clockText(at, view.timezone);
  const endsAt = view.batch?.endsAt ?? null;
  const text = [
    `${doingText(bottleneck, words)}.`,
    ...(better === null ? [] : [say(words, ways[better.way], { n: Math.round(better.perHour) })]),
    ...(better === null || better.endsAt === null || endsAt === null
      ? []
      : [say(words, "betterEnds", { clock: clock(better.endsAt), now: clock(endsAt) })]),
  ].join(" ");
  return wrap(text, columns - 24).map((row, i): readonly Mark[] => [
    ...(i === 0 ? [{ at: 1, text: say(words, "bottleneckHead") }] : []),
    { at: 13, text: row },
  ]);
}

/** How fast, where the time goes, how good (screens.md, 3.13). */
export function numbersPage({ numbers }: Extract<Panel, { kind: "numbers" }>, scene: PageScene): Page {
  const { theme, height } = scene;
  const { words } = theme;
  const { counts, firstPass, takt, steps } = numbers;
  const share = firstPassYield(counts);
  const yieldText = [
    say(words, "ordersOf", { n: counts.firstPass, of: counts.firstSeen }),
    ...(share === null ? [] : [`${share.toFixed(1)}%`]),
    ...(firstPass === null
      ? []
      : [say(words, "interval", { low: percent(firstPass.low), high: percent(firstPass.high) })]),
    say(words, "marginal", { n: counts.marginal }),
  ].join("   ");
  const above: Page = [
    ...(takt === null ? [] : taktRows(takt, words)),
    ...(steps.length === 0 ? [] : [[{ at: 1, text: stepsText(steps, scene.columns - 2, words) }]]),
    ...tenMinutesRow(numbers, scene),
    [
      { at: 1, text: cut(say(words, "firstPassHead"), 11) },
      { at: 13, text: yieldText },
    ],
  ];
  const below = bottleneckRows(numbers, scene);
  return [...above, ...slotRows(numbers.slots, scene, height - above.length - below.length), ...below];
}
