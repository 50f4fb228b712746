import type { FitCheck, Panel } from "../../model/panel.ts";
import { clockText, dayText } from "../parts/moment.ts";
import { cut, shown } from "../text.ts";
import { signOf } from "../theme.ts";
import type { Theme } from "../theme.ts";
import { say } from "../words/catalogue.ts";
import type { Phrase } from "../words/catalogue.ts";
import { bytesText, grouped } from "./figures.ts";
import { columnsOf } from "./page.ts";
import type { Page, PageScene } from "./page.ts";

type Facts = FitCheck["facts"];

const names = {
  slots: "checkSlots",
  disk: "checkDisk",
  clock: "checkClock",
  records: "checkRecords",
  outbox: "checkOutbox",
  adapters: "checkAdapters",
  permissions: "checkPermissions",
  golden: "checkGolden",
} as const satisfies Record<FitCheck["what"], Phrase>;

const remedies = {
  slots: "doSlots",
  disk: "doDisk",
  clock: "doClock",
  records: "doRecords",
  outbox: "doOutbox",
  adapters: "doAdapters",
  permissions: "doPermissions",
  golden: "doGolden",
} as const satisfies Record<FitCheck["what"], Phrase>;

type Value = string | number;

/** A fact in words; `null`: it is not said, or beside another one. */
type Saying = (value: Value, check: FitCheck, scene: PageScene) => string | null;

const numberIn = (facts: Facts, name: string): number => Number(facts[name] ?? Number.NaN);

function whenText(iso: string, timezone: string | null): string {
  const at = new Date(iso);
  return `${dayText(at, timezone).slice(0, 6)} ${clockText(at, timezone)}`;
}

const unsaid: Saying = () => null;

/** The facts that have words of their own; the others stand with their names. */
const sayings: Readonly<Record<string, Saying>> = {
  found: (found, { facts }, { theme }) => say(theme.words, "fitFound", { found, of: numberIn(facts, "of") }),
  of: (of, { facts }) => ("found" in facts ? null : String(of)),
  retired: (n, _, { theme: { words } }) =>
    n === 0 ? say(words, "fitNoneRetired") : say(words, "fitRetired", { n }),
  suspect: (n, _, { theme: { words } }) =>
    n === 0 ? say(words, "fitNoneSuspect") : say(words, "fitSuspect", { n }),
  missing: (what, _, { theme }) => say(theme.words, "fitMissing", { what: shown(String(what), 60) }),
  freeBytes: (bytes, _, { theme }) => say(theme.words, "fitFree", { size: bytesText(Number(bytes)) }),
  neededBytes: (bytes, { state }, { theme }) =>
    state === "no" ? say(theme.words, "fitNeeded", { size: bytesText(Number(bytes)) }) : null,
  writeMs: (ms, _, { theme }) => say(theme.words, "fitWrites", { n: Math.max(1, Math.round(Number(ms))) }),
  readMs: unsaid,
  count: (n, { facts }, { theme }) =>
    "broken" in facts ? null : say(theme.words, "fitRecords", { n: grouped(Number(n)) }),
  head: unsaid,
  checked: (n, _, { theme }) => say(theme.words, "fitChecked", { n: grouped(Number(n)) }),
  broken: (n, _, { theme }) => say(theme.words, "fitBroken", { n: grouped(Number(n)) }),
  kept: (kept, _, { theme: { words } }) =>
    say(words, kept === "yes" ? "fitKept" : kept === "no" ? "fitNotKept" : "fitKeptUnknown"),
  behindMs: (ms, _, { theme: { words } }) => say(words, "fitBehind", { n: Math.round(Number(ms) / 1000) }),
  lastAt: (iso, _, { theme, view }) =>
    say(theme.words, "fitLast", { when: whenText(String(iso), view.timezone) }),
  waiting: (n, _, { theme }) => say(theme.words, "fitWaiting", { n }),
  refused: (what, _, { theme }) => say(theme.words, "fitRefused", { what: shown(String(what), 40) }),
  offsetMs: (ms, { state }, { theme }) =>
    say(theme.words, state === "yes" ? "fitInStep" : "fitOffStep", {
      n: (Math.abs(Number(ms)) / 1000).toFixed(2),
    }),
};

function factsText(check: FitCheck, scene: PageScene): string {
  return Object.entries(check.facts)
    .map(([name, value]) => {
      const saying = Object.hasOwn(sayings, name) ? sayings[name] : undefined;
      if (saying !== undefined) return saying(value, check, scene);
      return `${shown(name, 16)} ${shown(String(value), 60)}`;
    })
    .filter((text) => text !== null)
    .join(", ");
}

function symbolOf(state: FitCheck["state"], theme: Theme): string {
  if (state === "look") return "!";
  return signOf(state === "yes" ? "PASS" : "FAIL", theme).symbol;
}

/** What was found of the station, and where something is wrong, what to do (screens.md, 3.7 and 3.15). */
export function fitPage({ checks }: Extract<Panel, { kind: "fit" }>, scene: PageScene): Page {
  const { theme, columns } = scene;
  const { words } = theme;
  const fit = checks.every(({ state }) => state !== "no");
  const indent = fit ? 3 : 1;
  const worstFirst = [...checks].sort((a, b) => rank[a.state] - rank[b.state]);
  const rows = (fit ? checks : worstFirst).flatMap((check) => {
    const cells = columnsOf(
      [
        [indent, symbolOf(check.state, theme)],
        [indent + 2, say(words, names[check.what])],
        [indent + 13, factsText(check, scene)],
      ],
      columns,
    );
    // A clock that is off stops nothing: the records say so by themselves.
    if (check.state === "yes" || (check.state === "look" && check.what === "clock")) return [cells];
    const remedy = say(words, remedies[check.what]);
    return [cells, [{ at: indent + 13, text: cut(remedy, columns - indent - 14) }]];
  });
  if (fit) return [[{ at: 1, text: say(words, "fitTitle") }], ...rows];
  const { running } = scene.view;
  // Books that do not hold promise nothing of what is in them.
  const held = checks.every(({ what, state }) => what !== "records" || state !== "no");
  const none = held ? say(words, "fitNoneRuns") : "";
  const boards = running > 0 ? say(words, "fitRunning", { n: running }) : none;
  return [
    ...rows,
    [],
    [{ at: 1, text: cut(boards, columns - 2) }],
    [{ at: 1, text: say(words, "fitEngineer") }],
  ];
}

const rank: Readonly<Record<FitCheck["state"], number>> = { no: 0, look: 1, yes: 2 };
