import type { StepName } from "../../model/event.ts";
import { wilson, type ShareInterval } from "../../model/statistics.ts";
import { paragraph, type Block, type Fill } from "../block.ts";
import type { ReportDefinition, ReportLanguage } from "../definition.ts";
import { countingOf, type RunFacts } from "../run-facts.ts";
import { sayIn, type Say } from "../say.ts";
import { zoneOf } from "../times.ts";
import { binsOf } from "../time-bins.ts";
import { percent, percentPoints, seconds } from "../words.ts";

/** With fewer units a chart shows chance, not the line: the same figures stand in tables. */
export const fewestForCharts = 30;

/** How it went: over time, by code, by slot, and where the seconds go. Each figure also as text. */
export function charts(facts: RunFacts, { language }: Pick<ReportDefinition, "language">): Block[] {
  const say = sayIn(language);
  if (facts.attempts.length === 0) return [];
  const drawn = facts.counts.seen >= fewestForCharts;
  return [
    { type: "page" },
    { type: "section", text: say("How it went"), keep: 30 },
    ...(drawn ? overTime(facts, language, say) : []),
    ...failures(facts, drawn, say),
    ...slots(facts, drawn, say),
    ...times(facts, drawn, say),
  ];
}

function overTime(facts: RunFacts, language: ReportLanguage, say: Say): Block[] {
  const { bins, minutes } = binsOf(countingOf(facts), zoneOf(facts), language);
  return [
    {
      type: "head",
      text: say("Attempts that ended, per {time}; passed black, failed hatched", {
        time: spell(minutes, say),
      }),
      keep: 50,
    },
    { type: "histogram", bins, labels: [say("from"), say("passed"), say("failed")] },
    { type: "gap", mm: 4.6 },
  ];
}

function spell(minutes: number, say: Say): string {
  if (minutes < 60) return say("{n} minutes", { n: minutes });
  if (minutes < 1440) return minutes === 60 ? say("hour") : say("{n} hours", { n: minutes / 60 });
  return minutes === 1440 ? say("day") : say("{n} days", { n: minutes / 1440 });
}

function failures({ failures }: RunFacts, drawn: boolean, say: Say): Block[] {
  const sorted = [...failures].sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
  const all = sorted.reduce((sum, { count }) => sum + count, 0);
  const head: Block = { type: "head", text: say("Failures by code, most first"), keep: 14 };
  if (sorted.length === 0) return [head, paragraph(say("None.")), { type: "gap", mm: 4.6 }];
  const share = (count: number): string =>
    say("{share} of failures", { share: percent(count / all, say.language) });
  return [
    head,
    drawn
      ? {
          type: "bars",
          bars: sorted.map(({ code, count }) => ({ label: code, value: count, note: share(count) })),
        }
      : {
          type: "table",
          columns: [
            { head: say("code"), mm: 44, align: "left" },
            { head: say("failed"), mm: 14, align: "right" },
            { head: say("share"), mm: 40, align: "left" },
          ],
          rows: sorted.map(({ code, count }) => ({ cells: [code, String(count), share(count)] })),
        },
    { type: "gap", mm: 4.6 },
  ];
}

interface SlotShare {
  readonly slot: string;
  readonly passed: number;
  readonly tried: number;
  readonly interval: ShareInterval;
  /** Its whole interval lies below that of all other slots together. */
  readonly suspect: boolean;
}

function slotShares({ bySlot }: RunFacts): SlotShare[] {
  const passedAll = bySlot.reduce((sum, { passed }) => sum + passed, 0);
  const triedAll = bySlot.reduce((sum, { tried }) => sum + tried, 0);
  return bySlot.flatMap(({ slot, passed, tried }) => {
    const interval = wilson(passed, tried);
    if (interval === null) return [];
    const others = wilson(passedAll - passed, triedAll - tried);
    return [{ slot, passed, tried, interval, suspect: others !== null && interval.high < others.low }];
  });
}

function slots(facts: RunFacts, drawn: boolean, say: Say): Block[] {
  const shares = slotShares(facts);
  if (shares.length === 0) return [];
  const passed = shares.reduce((sum, share) => sum + share.passed, 0);
  const tried = shares.reduce((sum, share) => sum + share.tried, 0);
  const range = ({ interval }: SlotShare): string =>
    say("{low} to {high}", {
      low: percentPoints(interval.low, say.language),
      high: percentPoints(interval.high, say.language),
    });
  const suspects = shares.some(({ suspect }) => suspect);
  return [
    { type: "head", text: say("Attempts passed by slot, with the Wilson 95% interval"), keep: 18 },
    drawn
      ? {
          type: "intervals",
          rows: shares.map((share) => ({
            label: share.slot,
            interval: share.interval,
            note:
              `${percent(share.interval.share, say.language)}, ${say("{n} of {of}", { n: share.passed, of: share.tried })}, ${range(share)}` +
              (share.suspect ? `; ${say("suspect")}` : ""),
          })),
          all: passed / tried,
        }
      : {
          type: "table",
          columns: [
            { head: say("slot"), mm: 44, align: "left" },
            { head: say("passed"), mm: 14, align: "right" },
            { head: say("of"), mm: 14, align: "right" },
            { head: say("share"), mm: 20, align: "right" },
            { head: "Wilson 95%", mm: 30, align: "left" },
            { head: "", mm: 20, align: "left" },
          ],
          rows: shares.map((share) => ({
            cells: [
              share.slot,
              String(share.passed),
              String(share.tried),
              percent(share.interval.share, say.language),
              range(share),
              share.suspect ? say("suspect") : "",
            ],
          })),
        },
    ...(suspects
      ? [
          {
            type: "text",
            text: say("suspect: the whole interval lies below the interval of all other slots together."),
            bold: false,
            ink: "grey",
          } as const,
        ]
      : []),
    { type: "gap", mm: 4.6 },
  ];
}

const shown: readonly { readonly step: StepName; readonly fill: Fill }[] = [
  { step: "erase", fill: "black" },
  { step: "write", fill: "hatched" },
  { step: "verify", fill: "grey" },
  { step: "options", fill: "dense" },
];

function times(facts: RunFacts, drawn: boolean, say: Say): Block[] {
  const passed = countingOf(facts).filter(({ outcome }) => outcome.kind === "PASS");
  const whole = passed.reduce((sum, { ms }) => sum + ms, 0);
  if (passed.length === 0 || whole === 0) return [];
  const spent = shown.map(({ step, fill }) => ({
    label: step as string,
    fill,
    ms: passed.reduce(
      (sum, { steps }) => sum + steps.reduce((ms, s) => ms + (s.step === step ? s.ms : 0), 0),
      0,
    ),
  }));
  const rest = Math.max(0, whole - spent.reduce((sum, { ms }) => sum + ms, 0));
  const parts = [...spent, { label: say("other"), fill: "white" as const, ms: rest }].map(
    ({ label, fill, ms }) => ({
      label,
      fill,
      value: ms,
      note: `${seconds(ms / passed.length, say.language)} s, ${percent(ms / whole, say.language)}`,
    }),
  );
  return [
    {
      type: "head",
      text: say("Where the {s} s of a passed attempt go, mean of {n}", {
        s: seconds(whole / passed.length, say.language),
        n: passed.length,
      }),
      keep: 20,
    },
    drawn
      ? { type: "stack", parts }
      : {
          type: "table",
          columns: [
            { head: say("step"), mm: 44, align: "left" },
            { head: say("time, share"), mm: 40, align: "left" },
          ],
          rows: parts.map(({ label, note }) => ({ cells: [label, note] })),
        },
    {
      type: "text",
      text: say("other: identify, bind, launch, prove, and waiting for the board to come back."),
      bold: false,
      ink: "grey",
    },
    { type: "gap", mm: 4.6 },
  ];
}
