import { assertNever } from "../../lib/assert-never.ts";
import type { Panel } from "../../model/panel.ts";
import type { SlotState, SlotView } from "../../model/slot-view.ts";
import { sentenceOf } from "../call.ts";
import { endingAt } from "../line.ts";
import type { Mark } from "../line.ts";
import { dayText } from "../parts/moment.ts";
import { elapsedSeconds, stepPercent, stepWord } from "../parts/tile-running.ts";
import { cut, shown, wrap } from "../text.ts";
import { say } from "../words/catalogue.ts";
import type { Words } from "../words/catalogue.ts";
import { secondsText } from "./figures.ts";
import type { Page, PageScene } from "./page.ts";

type Line = readonly [head: string, text: string];

function endedLines(state: Extract<SlotState, { kind: "ended" }>, words: Words): readonly Line[] {
  const { facts, outcome } = state;
  const took = state.retries === 0 ? "" : `   ${say(words, "retries", { n: state.retries })}`;
  return [
    [say(words, "detailsState"), outcome.kind],
    [say(words, "detailsTime"), `${say(words, "seconds", { n: secondsText(state.ms) })}${took}`],
    ...(outcome.kind === "PASS"
      ? []
      : ([
          [say(words, "detailsCode"), outcome.failure.code],
          [say(words, "detailsDo"), sentenceOf(outcome, words)],
          [say(words, "detailsFound"), shown(outcome.failure.detail, 400)],
        ] as const)),
    [say(words, "detailsChip"), shown(facts.chip ?? "-")],
    [say(words, "detailsUid"), shown(facts.uid ?? "-")],
    [
      say(words, "detailsSteps"),
      facts.steps.map(({ step, ms }) => `${step} ${secondsText(ms)}`).join("  ") || "-",
    ],
  ];
}

function stateLines(slot: SlotView, scene: PageScene, now: number): readonly Line[] {
  const { words } = scene.theme;
  const { state } = slot;
  const head = say(words, "detailsState");
  switch (state.kind) {
    case "empty":
      return [[head, say(words, "emptySmall")]];
    case "looking":
      return [[head, say(words, "lookingSmall")]];
    case "unreadable":
      return [
        [head, "NO ANSWER"],
        [say(words, "detailsDo"), `${say(words, "pressDown")} ${say(words, "turnRound")}`],
      ];
    case "board":
      return [
        [head, say(words, "notScanned")],
        [say(words, "detailsChip"), shown(state.chip ?? "-")],
      ];
    case "foreign":
      return [
        [head, "SKIPPED"],
        [say(words, "detailsFound"), shown(state.name)],
        [say(words, "detailsDo"), words.faults.FOREIGN_DEVICE],
      ];
    case "armed":
      return [
        [head, "READY"],
        [say(words, "detailsBarcode"), shown(state.barcode)],
        [say(words, "detailsSerial"), shown(state.keeps ?? say(words, "newNumber"))],
        [say(words, "detailsChip"), shown(state.chip ?? "-")],
      ];
    case "running":
      return [
        [head, `${stepWord(state)} ${state.away ? "" : stepPercent(state)}`.trimEnd()],
        [say(words, "detailsBarcode"), shown(state.barcode)],
        [say(words, "detailsSerial"), shown(state.serial ?? "-")],
        [
          say(words, "detailsTime"),
          `${say(words, "seconds", { n: elapsedSeconds(state, now) })}   ${say(words, "retries", { n: state.retries })}`,
        ],
      ];
    case "ended":
      return [
        [say(words, "detailsBarcode"), shown(state.barcode)],
        [say(words, "detailsSerial"), shown(state.serial ?? "-")],
        ...endedLines(state, words),
      ];
    case "retired":
      return [
        [head, "RETIRED"],
        [
          say(words, "detailsRetired"),
          `${shown(state.reason)}   ${dayText(state.at, scene.view.timezone)}   ${shown(state.by)}`,
        ],
      ];
    default:
      return assertNever(state);
  }
}

/** Everything of one slot, for the engineer; F3 again turns the page. `now` is on the clock of `running.since`. */
export function detailsPage(panel: Extract<Panel, { kind: "details" }>, scene: PageScene, now: number): Page {
  const { view, theme, columns, height } = scene;
  const { words } = theme;
  const slot = view.slots.find(({ name }) => name === panel.slot);
  if (slot === undefined) return [];
  const { suspect } = slot;
  const lines: readonly Line[] = [
    [say(words, "detailsPort"), shown(slot.port)],
    ...stateLines(slot, scene, now),
    ...(suspect === null
      ? []
      : ([
          [
            say(words, "detailsSuspect"),
            `${say(words, "failsOf", { failed: suspect.failed, of: suspect.tried })}, ${say(
              words,
              "othersOf",
              {
                failed: suspect.othersFailed,
                of: suspect.othersTried,
              },
            )}`,
          ],
        ] as const)),
  ];
  const rows = lines.flatMap(([head, text]): Mark[][] =>
    (text === "" ? ["-"] : wrap(text, columns - 15)).map((row, i) => [
      ...(i === 0 ? [{ at: 1, text: cut(head, 11) }] : []),
      { at: 13, text: row },
    ]),
  );
  const perPage = Math.max(1, rows.length > height ? height - 1 : height);
  const pages = Math.max(1, Math.ceil(rows.length / perPage));
  const page = (Math.max(1, Math.floor(panel.page)) - 1) % pages;
  const seen = rows.slice(page * perPage, (page + 1) * perPage);
  if (pages === 1) return seen;
  const filled = Array.from({ length: perPage }, (_, i) => seen[i] ?? []);
  return [...filled, [endingAt(columns - 1, say(words, "pageOf", { page: page + 1, of: pages }))]];
}
