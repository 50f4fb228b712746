import type { SlotState } from "../../model/view.ts";
import { lettering } from "../lettering.ts";
import type { Mark } from "../line.ts";
import { cut, shown, widthOf } from "../text.ts";
import type { Theme } from "../theme.ts";
import { dayText } from "./moment.ts";
import { verdictLetters } from "./tile-size.ts";
import type { TileBox, TileSize } from "./tile-size.ts";

type Rows = readonly (readonly Mark[])[];
type Of<Kind extends SlotState["kind"]> = Extract<SlotState, { kind: Kind }>;

const body = (text: string, box: TileBox): readonly Mark[] => [{ at: 1, text: cut(text, box.width - 3) }];

export const lookingRows = (): Rows => [[], [{ at: 1, text: "looking ..." }]];

export const unreadableRows = (box: TileBox): Rows => [
  body("NO ANSWER  ?", box),
  body("press it down", box),
  body("or turn it round", box),
];

export const emptyRows = (): Rows => [[], [{ at: 3, text: "(empty)" }]];

export const boardRows = (state: Of<"board">, box: TileBox): Rows =>
  state.chip === null
    ? [[], body("BOARD", box), body("not scanned", box)]
    : [[], body("BOARD", box), body(shown(state.chip), box), body("not scanned", box)];

/** Neither failed nor ours: its name says what to take out. */
export const foreignRows = (state: Of<"foreign">, box: TileBox, theme: Theme): Rows => [
  [
    {
      at: 0,
      text: theme.colour === "none" ? " SKIPPED  -" : " SKIPPED  -".padEnd(box.width - 1),
      role: "look",
    },
  ],
  body("not ours:", box),
  body(shown(state.name), box),
];

export const armedRows = (): Rows => [[], [{ at: 1, text: "READY >" }]];

/** The place that the next scan takes, in letters. */
export function nextRows(box: TileBox, size: Exclude<TileSize, "XS">, theme: Theme): Rows {
  const letters = lettering("SCAN", verdictLetters[size], theme.letter);
  const at = size === "XL" ? 5 : 1;
  return letters.map((text, i): readonly Mark[] => [
    { at, text, cells: "restCell" },
    ...(i === 0 && size !== "L" ? [{ at: box.width - 2, text: "<" }] : []),
  ]);
}

/** A hatch over the place, with the reason and who said so. */
export function retiredRows(state: Of<"retired">, box: TileBox): Rows {
  const words = [
    "RETIRED",
    shown(state.reason),
    `${dayText(state.at, null).slice(0, 6)}, ${shown(state.by)}`,
  ];
  const columns = box.width - 1;
  return Array.from({ length: box.height - 1 }, (_, row): readonly Mark[] => {
    const hatch = Array.from({ length: columns }, (_, i) => ((i + row) % 2 === 0 ? "/" : " ")).join("");
    const word = cut(words[row] ?? "", columns - 4);
    if (word === "") return [{ at: 0, text: hatch, role: "quiet" }];
    const end = 2 + widthOf(word) + 1;
    return [
      { at: 0, text: `${hatch.slice(0, 1)} `, role: "quiet" },
      { at: 2, text: `${word} ` },
      { at: end, text: hatch.slice(end), role: "quiet" },
    ];
  });
}
