import type { GateRow, Panel } from "../../model/panel.ts";
import type { Mark } from "../line.ts";
import { cut, shown } from "../text.ts";
import { signOf } from "../theme.ts";
import { say } from "../words/catalogue.ts";
import type { Words } from "../words/catalogue.ts";
import { columnsOf } from "./page.ts";
import type { Page, PageScene } from "./page.ts";

const names = {
  chip: "gateChip",
  image: "gateImage",
  serial: "gateSerial",
  application: "gateApplication",
  verify: "gateVerify",
} as const;

const nameOf = (row: GateRow, words: Words): string =>
  row.what === "field" || row.what === "option" ? shown(row.name) : say(words, names[row.what]);

const addressOf = ({ address }: GateRow): string =>
  address === null ? "" : address.toString(16).toUpperCase().padStart(8, "0");

/** What was wanted beside what the chip said; whoever accepts it is not whoever made it (screens.md, 3.10). */
export function firstArticlePage(
  { article }: Extract<Panel, { kind: "first-article" }>,
  scene: PageScene,
): Page {
  const { theme, columns, height } = scene;
  const { words } = theme;
  // What differs is never what is left out.
  const rows = [...article.rows].sort((a, b) => Number(a.same) - Number(b.same));
  const sorted = rows.length > height - 3 ? rows : article.rows;
  const fits = sorted.slice(0, Math.max(1, height - 3));
  const rest = sorted.length - fits.length;
  const head: readonly Mark[] = columnsOf(
    [
      [3, say(words, "gateChecked")],
      [22, say(words, "gateWanted")],
      [46, say(words, "gateRead")],
    ],
    columns,
  );
  const who = say(words, "gateBy", { barcode: shown(article.barcode, 20), who: shown(article.madeBy, 24) });
  return [
    head,
    ...fits.map((row): readonly Mark[] => {
      const marks = columnsOf(
        [
          [1, signOf(row.same ? "PASS" : "FAIL", theme).symbol],
          [3, nameOf(row, words)],
          ...(row.address === null ? [] : ([[12, addressOf(row)]] as const)),
          [22, shown(row.wanted)],
          [46, shown(row.found)],
        ],
        columns,
      );
      return row.same ? marks : marks.map((mark) => ({ ...mark, role: "act" as const }));
    }),
    rest === 0 ? [] : [{ at: 3, text: say(words, "more", { n: rest }) }],
    [{ at: 1, text: cut(who, columns - 2) }],
  ];
}
