import type { CompleteOrder, Panel, Takt, TaktPart } from "../../model/panel.ts";
import { tailOf } from "../parts/barcode.ts";
import { clockText } from "../parts/moment.ts";
import { cut, cutLeft, shown } from "../text.ts";
import { say } from "../words/catalogue.ts";
import type { Words } from "../words/catalogue.ts";
import { grouped, headText, percent, secondsText } from "./figures.ts";
import type { Page, PageScene } from "./page.ts";

const doing = {
  load: "doingLoad",
  scan: "doingScan",
  run: "doingRun",
  unload: "doingUnload",
} as const satisfies Record<TaktPart, string>;

/** The longest part of a tray. */
function longestPart(takt: Takt): TaktPart {
  const parts = ["load", "scan", "run", "unload"] as const;
  return parts.reduce((longest, part) => (takt[part] > takt[longest] ? part : longest));
}

export const doingText = (part: TaktPart, words: Words): string => say(words, doing[part]);

function slotsText(order: CompleteOrder, words: Words): string {
  const tried = order.slots.reduce((sum, slot) => sum + slot.tried, 0);
  const failed = tried - order.slots.reduce((sum, slot) => sum + slot.passed, 0);
  const suspects = order.slots.filter(({ suspect }) => suspect);
  if (suspects.length === 0) return say(words, "allSlots", { of: tried, failed });
  const bad = suspects.map((slot) =>
    say(words, "slotFailed", {
      slot: shown(slot.slot, 8),
      failed: slot.tried - slot.passed,
      of: slot.tried,
    }),
  );
  const badTried = suspects.reduce((sum, slot) => sum + slot.tried, 0);
  const badFailed = badTried - suspects.reduce((sum, slot) => sum + slot.passed, 0);
  const others = say(words, "othersFailed", { failed: failed - badFailed, of: tried - badTried });
  return [...bad, others].join(", ");
}

function taktText(takt: Takt, perHour: number | null, words: Words): string {
  return [
    say(words, "takt", { seconds: secondsText(takt.ms), units: takt.units }),
    ...(perHour === null ? [] : [say(words, "perHour", { n: Math.round(perHour) })]),
    say(words, "bottleneckIs", { part: doingText(longestPart(takt), words) }),
  ].join(", ");
}

/** The numbers of the order: its first and last, and what became of all of them. */
function serialRow({ serials }: CompleteOrder, words: Words): readonly (readonly [string, string])[] {
  const { first, last, committed, void: voided, reserved } = serials;
  if (first === null || last === null) return [];
  const range = { first: tailOf(first), last: tailOf(last) };
  return [
    [say(words, "serialsHead"), say(words, "completeSerials", { ...range, committed, voided, reserved })],
  ];
}

/** A finished order before it is closed (screens.md, 3.11). */
export function completePage({ order }: Extract<Panel, { kind: "complete" }>, scene: PageScene): Page {
  const { view, theme, columns } = scene;
  const { words } = theme;
  const { counts, firstPass } = order;
  const clock = (at: Date): string => clockText(at, view.timezone);
  const title = [
    `${cutLeft(shown(order.id), 20)}  ${shown(order.product)} rev ${shown(order.revision)}`,
    say(words, "completeOpened", { clock: clock(order.openedAt), who: shown(order.openedBy, 20) }),
    ...(order.lastUnitAt === null ? [] : [say(words, "completeLast", { clock: clock(order.lastUnitAt) })]),
  ].join("   ");
  const of = (n: number, all: number): string => say(words, "ordersOf", { n, of: all });
  const share = (n: number, all: number): string =>
    `${of(n, all)}${all === 0 ? "" : `  ${percent(n / all)}%`}`;
  const interval =
    firstPass === null
      ? []
      : [say(words, "interval", { low: percent(firstPass.low), high: percent(firstPass.high) })];
  const failures = order.failures.map(({ code, units }) => `${code} ${units}`).join("   ");
  const rows: readonly (readonly [head: string, text: string])[] = [
    [
      say(words, "passedHead"),
      [
        order.quantity === null ? String(counts.passed) : of(counts.passed, order.quantity),
        say(words, "completeSeen", { n: counts.seen }),
        say(words, "completeRedBin", { n: counts.failed }),
        ...(order.quantity === null
          ? []
          : [say(words, "completeOpen", { n: Math.max(0, order.quantity - counts.passed) })]),
      ].join("    "),
    ],
    [
      say(words, "firstPassHead"),
      [
        share(counts.firstPass, counts.firstSeen),
        ...interval,
        say(words, "completeMarginal", { n: counts.marginal }),
      ].join("   "),
    ],
    [
      say(words, "finalHead"),
      [
        share(counts.passed, counts.seen),
        say(words, "completeReworked", { n: order.reworked }),
        say(words, "completeVoided", { n: order.voided }),
      ].join("   "),
    ],
    [say(words, "failedHead"), failures === "" ? say(words, "none") : failures],
    [
      say(words, "slotsHead"),
      [
        slotsText(order, words),
        ...order.retired.map(({ slot, at }) =>
          say(words, "completeRetired", { slot: shown(slot, 8), clock: clock(at) }),
        ),
      ].join("; "),
    ],
    ...serialRow(order, words),
    ...(order.labels === null
      ? []
      : [[say(words, "labelsHead"), say(words, "completeLabels", order.labels)] as const]),
    ...(order.takt === null
      ? []
      : [[say(words, "taktHead"), taktText(order.takt, view.batch?.perHour ?? null, words)] as const]),
    [say(words, "chainHead"), say(words, "chain", { n: grouped(order.records), head: headText(order.head) })],
    [say(words, "reportHead"), say(words, "reportWritten", { order: cutLeft(shown(order.id), 20) })],
  ];
  return [
    [{ at: 1, text: cut(title, columns - 2) }],
    ...rows.map(([head, text]) => [
      { at: 1, text: cut(head, 11) },
      { at: 13, text: cut(text, columns - 14) },
    ]),
  ];
}
